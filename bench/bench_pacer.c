/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pacing costs per probe, in CPU time: a lease alone, with the clock a number, and the tx stage at several rates
 * into the null engine, asleep between departures as in a scan. The roof of a lease is one compare-and-swap; that of
 * the stage is the same stage unpaced.
 */
#include <stdio.h>
#include <stdlib.h>

#include "anyscan/clock.h"
#include "bench/report.h"
#include "io/engines.h"
#include "rings/edge.h"
#include "stages/gen/ledger.h"
#include "stages/tx/tx.h"

#define LEASES (1u << 20)
#define POOL 16
#define RUN_S 0.08 /* of a paced run */
#define UNPACED (4u << 20) /* probes of an unpaced run */

struct lease_rig {
	uint32_t want;
	double rate;
};

static double lease(void *arg)
{
	const struct lease_rig *r = arg;
	struct bucket b;
	uint64_t now = NS_PER_S, due, taken = 0;
	double start;

	bucket_init(&b, now);
	start = bench_cpu();
	for (uint32_t i = 0; i < LEASES; i++) {
		taken += bucket_lease(&b, r->rate, now, r->want, &due);
		now = due > now ? due : now;
	}
	return (bench_cpu() - start) * 1e9 / (double)taken;
}

static double lease_bare(void *arg)
{
	const struct lease_rig *r = arg;
	static uint64_t next;
	const double start = bench_cpu();

	for (uint32_t i = 0; i < LEASES; i++) {
		uint64_t seen = __atomic_load_n(&next, __ATOMIC_RELAXED);

		while (!__atomic_compare_exchange_n(&next, &seen, seen + r->want, true, __ATOMIC_RELAXED,
						    __ATOMIC_RELAXED))
			;
	}
	return (bench_cpu() - start) * 1e9 / ((double)LEASES * r->want);
}

struct rig {
	struct io_link link;
	struct io_port *port;
	struct io_txq *queue;
	struct edge *edge;
	struct policy policy;
	const struct policy *policy_now;
	struct bucket bucket;
	struct chunk chunk; /* its account of what was sent */
	struct waker waker;
	struct stage *tx;
	double rate; /* of the paced side */
};

/* Blocks go in as long as there are empty ones: the pace is all that tx waits for. */
static double send_all(struct rig *r, double rate, uint64_t probes)
{
	const uint64_t before = r->tx->counters.items;
	double start;

	r->policy.rate = rate;
	bucket_init(&r->bucket, clock_mono_ns());
	start = bench_cpu();
	while (r->tx->counters.items - before < probes) {
		const uint32_t ticket = waker_ticket(&r->waker);
		struct block *b;

		while ((b = edge_claim(r->edge, 0)) != NULL) {
			b->count = BLOCK_ITEMS;
			b->chunk = &r->chunk;
			edge_push(r->edge, b);
		}
		if (r->tx->ops->step(r->tx) == 0 && r->tx->wake_at != WAKE_NEVER)
			waker_wait(&r->waker, ticket, r->tx->wake_at);
	}
	return (bench_cpu() - start) * 1e9 / (double)(r->tx->counters.items - before);
}

static double paced(void *arg)
{
	struct rig *r = arg;

	return send_all(r, r->rate, (uint64_t)(r->rate * RUN_S));
}

static double unpaced(void *arg)
{
	return send_all(arg, RATE_MAX, UNPACED);
}

static void rig_init(struct rig *r)
{
	const struct edge_options e = { .name = "build0>tx0",
					.blocks = POOL,
					.block_size = sizeof(struct frame_block) };
	struct io_port_options port = {
		.link = &r->link, .tx_queues = 1, .frames = POOL * BLOCK_ITEMS, .frame_len = 64
	};

	*r = (struct rig){ .edge = edge_create(&e) };
	if (r->edge == NULL || waker_init(&r->waker, false) < 0 ||
	    null_ops.find_link("null0", &r->link, NULL) < 0 || null_ops.open(&port, &r->port, NULL) < 0 ||
	    null_ops.tx_open(r->port, 0, &r->queue, NULL) < 0)
		abort();
	r->policy_now = &r->policy;
	r->tx = tx_create(
		0, &(struct tx_options){
			   .policy = &r->policy_now,
			   .bucket = &r->bucket,
			   .queue = &(struct tx_queue_options){ .queue = r->queue, .in = &r->edge, .ins = 1 },
			   .queues = 1,
		   });
	if (r->tx == NULL)
		abort();
}

static void rig_fini(struct rig *r)
{
	tx_destroy(r->tx);
	null_ops.close(r->port);
	waker_fini(&r->waker);
	edge_destroy(r->edge);
}

int main(void)
{
	static const struct {
		const char *name;
		double rate;
	} rates[] = { { "tx at 10 k/s", 10e3 },
		      { "tx at 100 k/s", 100e3 },
		      { "tx at 1 M/s", 1e6 },
		      { "tx at 10 M/s", 10e6 } };
	static const uint32_t wants[] = { 1, BLOCK_ITEMS };
	struct rig r;

	bench_pin_here();
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++)
		bench_pair((struct bench_result){ .bench = "pacer",
						  .case_name = wants[i] == 1 ? "lease of 1" : "lease of 128",
						  .cores = 1,
						  .roof = "one compare-and-swap" },
			   lease, lease_bare, &(struct lease_rig){ wants[i], 1e6 });
	rig_init(&r);
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		r.rate = rates[i].rate;
		bench_pair((struct bench_result){ .bench = "pacer",
						  .case_name = rates[i].name,
						  .cores = 1,
						  .roof = "tx unpaced" },
			   paced, unpaced, &r);
	}
	rig_fini(&r);
	return 0;
}
