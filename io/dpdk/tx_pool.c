/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/tx_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rings/lines.h"

#define OPS_NAME "anyscan_tx"

static int freed_alloc(struct rte_mempool *pool)
{
	pool->pool_data = pool->pool_config;
	return 0;
}

static void freed_free(struct rte_mempool *pool)
{
	(void)pool;
}

static __rte_noinline int freed_in_bulk(struct dpdk_freed *freed, void *const *mbuf, unsigned int n)
{
	memcpy(freed->mbuf + freed->count, mbuf, n * sizeof(*mbuf));
	freed->count += n;
	return 0;
}

/* By the PMD, mbuf by mbuf or in bulk. Of one: two stores and no stack. They queue behind those to another core's lines. */
static int freed_enqueue(struct rte_mempool *pool, void *const *mbuf, unsigned int n)
{
	struct dpdk_freed *freed = pool->pool_data;

	if (n != 1)
		return freed_in_bulk(freed, mbuf, n);
	freed->mbuf[freed->count++] = mbuf[0];
	return 0;
}

static int freed_dequeue(struct rte_mempool *pool, void **mbuf, unsigned int n)
{
	(void)pool, (void)mbuf, (void)n;
	return -ENOBUFS; /* its frames have their owners */
}

static unsigned int freed_count(const struct rte_mempool *pool)
{
	return ((const struct dpdk_freed *)pool->pool_data)->count;
}

/* One after another: DPDK's own way leaves gaps where a page ends, and the memory is contiguous to the NIC anyway. */
static int freed_populate(struct rte_mempool *pool, unsigned int max, void *at, rte_iova_t iova, size_t bytes,
			  rte_mempool_populate_obj_cb_t *take, void *arg)
{
	const size_t stride = pool->header_size + pool->elt_size + pool->trailer_size;
	unsigned int n = 0;

	for (size_t from = 0; n < max && from + stride <= bytes; from += stride, n++) {
		const size_t offset = from + pool->header_size;
		void *mbuf = (char *)at + offset;

		take(pool, arg, mbuf, iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + offset);
		freed_enqueue(pool, &mbuf, 1);
	}
	return (int)n;
}

static const struct rte_mempool_ops freed_ops = {
	.name = OPS_NAME,
	.alloc = freed_alloc,
	.free = freed_free,
	.enqueue = freed_enqueue,
	.dequeue = freed_dequeue,
	.get_count = freed_count,
	.populate = freed_populate,
};

RTE_MEMPOOL_REGISTER_OPS(freed_ops);

rte_spinlock_t *dpdk_tx_pool_lock(const struct rte_mbuf *mbuf)
{
	if (rte_mempool_get_ops(mbuf->pool->ops_index)->enqueue != freed_enqueue)
		return NULL;
	return ((struct dpdk_freed *)mbuf->pool->pool_data)->lock;
}

/* Blank as io.h promises; a PMD may read headers of what it gets in one go. */
static int populate(struct dpdk_tx_pool *p)
{
	const size_t bytes = p->count * p->stride;
	int rc = rte_mempool_populate_iova(p->pool, p->memory->addr, p->memory->iova, bytes, NULL, NULL);

	if (rc < 0)
		return rc;
	if ((unsigned int)rc != p->count || p->freed.count != p->count)
		return -ENOSPC;
	rte_mempool_obj_iter(p->pool, rte_pktmbuf_init, NULL);
	p->frames = dpdk_frame_of(p->freed.mbuf[0]);
	for (unsigned int i = 0; i < p->count; i++) {
		struct rte_mbuf *mbuf = dpdk_mbuf_of(p->frames + i * p->stride);

		mbuf->data_off = TX_HEADROOM;
		rte_mbuf_refcnt_set(mbuf, 1);
		mbuf->next = NULL;
		mbuf->nb_segs = 1;
	}
	p->freed.count = 0;
	return 0;
}

int dpdk_tx_pool_create(struct dpdk_tx_pool *p, const char *name, unsigned int n, int node,
			rte_spinlock_t *lock, struct error *e)
{
	const int socket = node >= 0 ? node : SOCKET_ID_ANY;
	struct rte_mempool_objsz size;
	int rc = -ENOMEM;

	*p = (struct dpdk_tx_pool){ .count = n, .freed.lock = lock };
	p->freed.mbuf = lines_alloc(n * sizeof(*p->freed.mbuf));
	if (p->freed.mbuf == NULL)
		goto fail;
	p->pool = rte_mempool_create_empty(name, n, sizeof(struct rte_mbuf) + TX_ROOM, 0,
					   sizeof(struct rte_pktmbuf_pool_private), socket,
					   RTE_MEMPOOL_F_NO_SPREAD);
	if (p->pool == NULL)
		goto fail_rte;
	if (rte_mempool_set_ops_byname(p->pool, OPS_NAME, &p->freed) < 0)
		goto fail_rte;
	rte_pktmbuf_pool_init(p->pool, NULL);
	p->stride =
		rte_mempool_calc_obj_size(sizeof(struct rte_mbuf) + TX_ROOM, RTE_MEMPOOL_F_NO_SPREAD, &size);
	p->memory = rte_memzone_reserve_aligned(name, n * p->stride, socket, RTE_MEMZONE_IOVA_CONTIG,
						RTE_CACHE_LINE_SIZE);
	if (p->memory == NULL)
		goto fail_rte;
	rc = populate(p);
	if (rc == 0)
		return 0;
	goto fail;
fail_rte:
	rc = rte_errno != 0 ? -rte_errno : -ENOMEM;
fail:
	error_set(
		e, rc,
		"no memory for %u frames on NUMA node %d: %s; reserve more huge pages there, or give more to "
		"--no-huge: --dpdk-eal '--no-huge -m 2048'",
		n, node, strerror(-rc));
	dpdk_tx_pool_destroy(p);
	return rc;
}

void dpdk_tx_pool_destroy(struct dpdk_tx_pool *p)
{
	rte_mempool_free(p->pool);
	rte_memzone_free(p->memory);
	free(p->freed.mbuf);
	*p = (struct dpdk_tx_pool){ .count = 0 };
}
