/* SPDX-License-Identifier: Apache-2.0 */
#include "dpdk_port.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "io/dpdk/device.h"
#include "io/dpdk/eal.h"

struct call { /* what goes to the service thread */
	struct dpdk_port *p;
	struct error *error;
};

static int up(void *arg)
{
	struct call *call = arg;

	return dpdk_link_up(call->p, call->error);
}

static int down(void *arg)
{
	struct call *call = arg;

	dpdk_link_down(call->p);
	return 0;
}

static size_t map_bytes(const struct area *area)
{
	return area_words(area) * sizeof(uint64_t);
}

/* Marked at random, a probe a word: in huge pages, where the kernel has some, a word takes no walk through page tables. */
static uint64_t *make_map(const struct area *area)
{
	void *map = mmap(NULL, map_bytes(area), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	madvise(map, map_bytes(area), MADV_HUGEPAGE);
	return map;
}

static void free_port(struct dpdk_port *p)
{
	free(p->responder.times);
	if (p->responder.seen != NULL)
		munmap(p->responder.seen, map_bytes(p->responder.area));
	free(p);
}

static void dpdk_close(struct world_port *port)
{
	struct dpdk_port *p = (struct dpdk_port *)port;

	dpdk_poll_stop(p);
	dpdk_eal_stop();
	free_port(p);
}

static struct dpdk_port *make_port(const struct world_port_options *o)
{
	struct dpdk_port *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->port = (struct world_port){ .ops = &world_dpdk, .mode = "dpdk", .words = p->words };
	p->device = o->dev;
	p->responder.world = *o->world;
	p->responder.area = o->area;
	p->responder.seen = make_map(o->area);
	p->responder.times = calloc(o->times_room + 1, sizeof(*p->responder.times));
	p->responder.times_room = o->times_room;
	if (p->responder.seen != NULL && p->responder.times != NULL)
		return p;
	free_port(p);
	return NULL;
}

static struct world_port *dpdk_open(const struct world_port_options *o, struct error *e)
{
	struct call call = { .p = make_port(o), .error = e };
	int rc;

	if (call.p == NULL) {
		error_set(e, -ENOMEM, "no memory");
		return NULL;
	}
	if (dpdk_eal_start(o->eal, e) != 0)
		goto free_port;
	if (dpdk_device_port(o->dev, &call.p->id, e) != 0 || dpdk_call(up, &call) != 0)
		goto stop_eal;
	rc = dpdk_poll_start(call.p);
	if (rc == 0)
		return &call.p->port;
	error_set(e, rc, "the EAL of DPDK sets no alarm: %s", strerror(-rc));
	dpdk_call(down, &call);
stop_eal:
	dpdk_eal_stop();
free_port:
	free_port(call.p);
	return NULL;
}

static void dpdk_counts(struct world_port *port, struct counts *sum)
{
	const struct counts *live = &((const struct dpdk_port *)port)->responder.counts;

#define X(name) sum->name = __atomic_load_n(&live->name, __ATOMIC_RELAXED);
	COUNTS(X)
	X(first_ns)
	X(last_ns)
#undef X
}

static const uint64_t *dpdk_seen(struct world_port *port)
{
	return ((const struct dpdk_port *)port)->responder.seen;
}

static size_t dpdk_times(struct world_port *port, const uint64_t **times)
{
	const struct responder *r = &((const struct dpdk_port *)port)->responder;

	*times = r->times;
	return __atomic_load_n(&r->times_next, __ATOMIC_ACQUIRE);
}

const struct world_port_ops world_dpdk = {
	.open = dpdk_open,
	.close = dpdk_close,
	.counts = dpdk_counts,
	.seen = dpdk_seen,
	.times = dpdk_times,
};
