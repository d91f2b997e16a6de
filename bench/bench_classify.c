/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The classify stage on one core, per reply: index, duplicate detection, filter, record out; the edge is filled and
 * the result queue emptied by the same thread, without looking at what is in them. Replies come from all over IPv4,
 * so each finds a cold line of the table; its neighbour targets have answered before, as in the middle of a scan. The
 * roof: one cold line of a flat bitmap looked at, and the record written, without stage, domain, filter or queue.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/reply_feed.h"
#include "bench/report.h"
#include "stages/classify/classify.h"

#define DEDUP_BYTES ((size_t)1 << 30)

struct rig {
	const struct domain *domain;
	const struct reply *reply;
	bool again; /* the replies have all been seen before */
	uint32_t turn; /* bits of the addresses, so that neighbours answer */
	struct filter *filter;
	struct edge *edge;
	struct result_queue *out;
	struct waker sink;
	struct dedup *dedup;
	struct stage *classify;
	uint64_t send_end, taken;
	uint8_t *bitmap; /* of the roof */
};

static void take_records(struct rig *r)
{
	struct record_block *b;

	while ((b = result_queue_pop(r->out)) != NULL) {
		r->taken += b->count;
		result_queue_recycle(r->out, b);
	}
}

/* All replies once, with these bits of their addresses turned. Filling the edge is rx's work and not counted. */
static double pass(struct rig *r, uint32_t flip)
{
	double took = 0, start;

	for (unsigned int i = 0; i < FEED_BLOCKS; i += 32) {
		for (unsigned int k = 0; k < 32; k++) {
			struct reply_block *b = (struct reply_block *)edge_claim(r->edge, 0);

			memcpy(b->reply, r->reply + (size_t)(i + k) * BLOCK_ITEMS, sizeof(b->reply));
			for (unsigned int j = 0; j < BLOCK_ITEMS; j++)
				b->reply[j].saddr ^= flip;
			b->hdr.count = BLOCK_ITEMS;
			edge_push(r->edge, &b->hdr);
		}
		start = bench_cpu();
		for (unsigned int k = 0; k < 32; k++) {
			r->classify->ops->step(r->classify);
			take_records(r);
		}
		took += bench_cpu() - start;
	}
	return took * 1e9 / FEED_REPLIES;
}

static double measured(void *arg)
{
	struct rig *r = arg;
	double ns;

	r->turn += !r->again;
	r->taken = 0;
	ns = pass(r, r->turn);
	r->classify->ops->step(r->classify); /* its last block */
	take_records(r);
	/* of a million targets a few thousand are neighbours of one another */
	if (r->again != (r->taken < FEED_REPLIES / 100 * 99)) {
		fprintf(stderr, "bench_classify: %lu records\n", (unsigned long)r->taken);
		exit(1);
	}
	return ns;
}

static volatile uint64_t result; /* keeps the work */

static double bare(void *arg)
{
	const struct rig *r = arg;
	static struct record out[RECORD_BLOCK_ITEMS];
	const double start = bench_cpu();
	uint64_t seen = 0;

	for (uint32_t i = 0; i < FEED_REPLIES; i++) {
		const uint32_t a = r->reply[i].saddr;

		if (r->dedup != NULL) {
			seen += r->bitmap[a >> 3] >> (a & 7) & 1;
			r->bitmap[a >> 3] |= (uint8_t)(1u << (a & 7));
		}
		if (!r->again)
			out[i % RECORD_BLOCK_ITEMS] =
				(struct record){ .reply = r->reply[i], .success = true, .repeat = seen & 1 };
	}
	result = seen + out[0].reply.saddr;
	return (bench_cpu() - start) * 1e9 / FEED_REPLIES;
}

static void run(struct rig *r, const char *name, bool again)
{
	if (again)
		pass(r, r->turn);
	r->again = again;
	bench_pair((struct bench_result){ .bench = "classify+dedup",
					  .case_name = name,
					  .items = again ? "duplicates" : "records",
					  .cores = 1,
					  .roof = r->dedup == NULL ? "bare loop: record out" :
						  again		   ? "bare loop: bit of a flat bitmap" :
							  "bare loop: bit of a flat bitmap, record out" },
		   measured, bare, r);
}

static void run_method(struct rig *r, const char *of_new, const char *of_duplicates, struct dedup *dedup)
{
	r->dedup = dedup;
	r->turn = 0;
	r->classify = classify_create(0, &(struct classify_options){ .domain = r->domain,
								     .dedup = r->dedup,
								     .filter = r->filter,
								     .max_results = UINT64_MAX,
								     .in = &r->edge,
								     .ins = 1,
								     .out = r->out,
								     .send_end_ns = &r->send_end,
								     .on_max = &r->sink });
	if (r->classify == NULL)
		abort();
	run(r, of_new, false);
	if (dedup != NULL)
		run(r, of_duplicates, true);
	classify_destroy(r->classify);
	dedup_destroy(dedup);
}

int main(void)
{
	struct domain *domain = internet(0, "443");
	struct reply *reply = feed_replies(domain);
	const struct edge_options e = { .name = "rx0>classify0",
					.blocks = 64,
					.block_size = sizeof(struct reply_block) };
	struct rig r = {
		.domain = domain, .reply = reply, .edge = edge_create(&e), .bitmap = calloc(1, 1 << 29)
	};

	bench_pin_here();
	waker_init(&r.sink, false);
	r.out = result_queue_create(64 << 20, &r.sink);
	if (r.edge == NULL || r.out == NULL || r.bitmap == NULL ||
	    filter_parse(FILTER_DEFAULT, &r.filter, NULL) != 0)
		abort();
	run_method(&r, "none", NULL, NULL);
	run_method(&r, "full, new", "full, duplicate", dedup_create_full(domain_size(domain), DEDUP_BYTES));
	run_method(&r, "window, new", "window, duplicate", dedup_create_window(DEDUP_BYTES / 4));
	filter_free(r.filter);
	result_queue_destroy(r.out);
	edge_destroy(r.edge);
	free(r.bitmap);
	free(reply);
	domain_destroy(domain);
	return 0;
}
