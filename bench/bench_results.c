/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result path as one core would run it, per record: classify with a full duplicate table, the result queue, and
 * the sink, which formats and writes to /dev/null. Every reply is a new success from somewhere in IPv4, so every one
 * becomes a record: the dearest a reply can be. The roof: a cold line of a bitmap looked at, the record written, text
 * of the same length copied.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/reply_feed.h"
#include "bench/report.h"
#include "stages/classify/classify.h"
#include "stages/sink/sink.h"

#define DEDUP_BYTES ((size_t)1 << 30)
#define STEP_BLOCKS 32

struct rig {
	const struct reply *reply;
	struct edge *edge;
	struct result_queue *queue;
	struct waker waker;
	struct stage *classify, *sink;
	uint64_t send_end;
	uint32_t turn; /* bits of the addresses, so that each pass has new ones */
	uint8_t *bitmap; /* of the roof */
	size_t length; /* of a line */
};

static void fill(struct rig *r, unsigned int from)
{
	for (unsigned int k = from; k < from + STEP_BLOCKS; k++) {
		struct reply_block *b = (struct reply_block *)edge_claim(r->edge, 0);

		memcpy(b->reply, r->reply + (size_t)k * BLOCK_ITEMS, sizeof(b->reply));
		for (unsigned int j = 0; j < BLOCK_ITEMS; j++)
			b->reply[j].saddr ^= r->turn;
		b->hdr.count = BLOCK_ITEMS;
		edge_push(r->edge, &b->hdr);
	}
}

static double measured(void *arg)
{
	struct rig *r = arg;
	const struct sink_state before = sink_state(r->sink);
	struct sink_state after;
	double took = 0, start;

	r->turn++;
	for (unsigned int i = 0; i < FEED_BLOCKS; i += STEP_BLOCKS) {
		fill(r, i);
		start = bench_cpu();
		while (r->classify->ops->step(r->classify) > 0)
			;
		while (r->sink->ops->step(r->sink) > 0)
			;
		took += bench_cpu() - start;
	}
	after = sink_state(r->sink);
	r->length = (after.bytes - before.bytes) / (after.written - before.written);
	return took * 1e9 / (double)(after.written - before.written);
}

static volatile uint64_t result; /* keeps the work */

static double bare(void *arg)
{
	const struct rig *r = arg;
	static struct record out[RECORD_BLOCK_ITEMS];
	static char ready[256], text[64 << 10];
	const double start = bench_cpu();
	size_t used = 0;

	for (uint32_t i = 0; i < FEED_REPLIES; i++) {
		const uint32_t a = r->reply[i].saddr;

		out[i % RECORD_BLOCK_ITEMS] =
			(struct record){ .reply = r->reply[i], .repeat = r->bitmap[a >> 3] >> (a & 7) & 1 };
		r->bitmap[a >> 3] |= (uint8_t)(1u << (a & 7));
		memcpy(text + used, ready, r->length);
		__asm__ volatile("" ::: "memory");
		used = used + r->length < sizeof(text) - sizeof(ready) ? used + r->length : 0;
	}
	result = out[0].repeat;
	return (bench_cpu() - start) * 1e9 / FEED_REPLIES;
}

static void run(struct rig *r, const char *module, const struct domain *domain, const char *name,
		const struct field *const *fields, size_t nfields)
{
	struct filter *filter;
	struct dedup *dedup = dedup_create_full(domain_size(domain), DEDUP_BYTES);
	const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (dedup == NULL || fd < 0 || filter_parse(FILTER_DEFAULT, &filter, NULL) != 0)
		abort();
	r->turn = 0;
	r->classify = classify_create(0, &(struct classify_options){ .domain = domain,
								     .dedup = dedup,
								     .filter = filter,
								     .max_results = UINT64_MAX,
								     .in = &r->edge,
								     .ins = 1,
								     .out = r->queue,
								     .send_end_ns = &r->send_end,
								     .on_max = &r->waker });
	r->sink = sink_create(&(struct sink_options){ .module = output_find(module),
						      .fields = fields,
						      .nfields = nfields,
						      .fd = fd,
						      .in = &r->queue,
						      .ins = 1 });
	if (r->classify == NULL || r->sink == NULL)
		abort();
	measured(r); /* for the length of a line */
	bench_pair((struct bench_result){ .bench = "classify+dedup+csv",
					  .case_name = name,
					  .cores = 1,
					  .roof = "bare loop: bit, record, ready text" },
		   measured, bare, r);
	sink_destroy(r->sink);
	classify_destroy(r->classify);
	dedup_destroy(dedup);
	filter_free(filter);
	close(fd);
}

int main(void)
{
	struct domain *domain = internet(0, "443");
	struct reply *reply = feed_replies(domain);
	const struct field *const fields[] = { field_find("saddr", 5), field_find("sport", 5),
					       field_find("classification", 14),
					       field_find("timestamp_str", 13) };
	const struct edge_options e = { .name = "rx0>classify0",
					.blocks = 64,
					.block_size = sizeof(struct reply_block) };
	struct rig r = { .reply = reply, .edge = edge_create(&e), .bitmap = calloc(1, 1 << 29) };

	bench_pin_here();
	waker_init(&r.waker, false);
	r.queue = result_queue_create(256 << 20, &r.waker);
	if (r.edge == NULL || r.queue == NULL || r.bitmap == NULL)
		abort();
	run(&r, "csv", domain, "csv of 3 fields", fields, 3);
	run(&r, "csv", domain, "csv of 4, with the time", fields, 4);
	run(&r, "list", domain, "list", fields, 1);
	result_queue_destroy(r.queue);
	edge_destroy(r.edge);
	free(r.bitmap);
	free(reply);
	domain_destroy(domain);
	return 0;
}
