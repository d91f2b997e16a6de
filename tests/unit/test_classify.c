/* SPDX-License-Identifier: Apache-2.0 */
/* The classify stage, stepped by hand over real edges and a real result queue. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stages/classify/classify.h"

struct bench {
	struct domain *domain;
	struct dedup *dedup;
	struct filter *filter;
	struct edge *in[2];
	struct waker sink;
	struct result_queue *out;
	uint64_t send_end;
	struct stage *stage;
};

static void setup(struct bench *b, const char *filter, size_t result_buffer, uint64_t max_results)
{
	struct ranges r = { 0 };
	struct ports ports = { 0 };
	struct error e;

	cr_assert_eq(targets_parse("10.0.0.0/24", &r, &e), 0);
	ranges_normalise(&r);
	cr_assert_eq(ports_parse("80,443", &ports, &e), 0);
	b->domain = domain_create(&r, &ports, &e);
	b->dedup = dedup_create_full(domain_size(b->domain), 1 << 20);
	cr_assert_eq(filter_parse(filter, &b->filter, &e), 0, "%s", e.text);
	for (int i = 0; i < 2; i++)
		b->in[i] = edge_create(&(struct edge_options){
			.name = "rx>classify", .blocks = 4, .block_size = sizeof(struct reply_block) });
	waker_init(&b->sink, true);
	b->out = result_queue_create(result_buffer, &b->sink);
	b->send_end = 0;
	b->stage = classify_create(0, &(struct classify_options){ .domain = b->domain,
								  .dedup = b->dedup,
								  .filter = b->filter,
								  .max_results = max_results,
								  .in = b->in,
								  .ins = 2,
								  .out = b->out,
								  .send_end_ns = &b->send_end,
								  .on_max = &b->sink });
	ranges_free(&r);
	ports_free(&ports);
}

static void teardown(struct bench *b)
{
	classify_destroy(b->stage);
	result_queue_destroy(b->out);
	waker_fini(&b->sink);
	edge_destroy(b->in[0]);
	edge_destroy(b->in[1]);
	filter_free(b->filter);
	dedup_destroy(b->dedup);
	domain_destroy(b->domain);
}

static void answer(struct bench *b, int edge, uint32_t addr, uint16_t port, enum reply_class class,
		   uint64_t time_ns)
{
	struct reply_block *block = (struct reply_block *)edge_claim(b->in[edge], 0);

	block->hdr.count = 1;
	block->hdr.flags = 0;
	block->reply[0] = (struct reply){
		.saddr = addr, .responder = addr, .sport = port, .class = (uint8_t) class, .time_ns = time_ns
	};
	edge_push(b->in[edge], &block->hdr);
	while (b->stage->ops->step(b->stage) > 0)
		;
}

static void end(struct bench *b, int edge)
{
	struct block *block = edge_claim(b->in[edge], 0);

	block->count = 0;
	block->flags = BLOCK_END;
	edge_push(b->in[edge], block);
	while (b->stage->ops->step(b->stage) > 0)
		;
}

static unsigned int drain(struct bench *b, struct record *records, bool *ended)
{
	struct record_block *block;
	unsigned int n = 0;

	*ended = false;
	while ((block = result_queue_pop(b->out)) != NULL) {
		for (uint32_t i = 0; i < block->count; i++)
			records[n++] = block->record[i];
		*ended |= (block->flags & BLOCK_END) != 0;
		result_queue_recycle(b->out, block);
	}
	return n;
}

#define TARGET 0x0a000005u

Test(classify, default_filter_gives_each_open_port_once)
{
	struct record got[16];
	struct bench b;
	bool ended;

	setup(&b, FILTER_DEFAULT, 1 << 20, UINT64_MAX);
	answer(&b, 0, TARGET, 80, REPLY_RST, 1);
	answer(&b, 0, TARGET, 80, REPLY_SYNACK, 2);
	answer(&b, 1, TARGET, 80, REPLY_SYNACK, 3);
	answer(&b, 1, TARGET, 443, REPLY_SYNACK, 4);
	cr_assert_eq(drain(&b, got, &ended), 2, "a dry input pushes what there is");
	cr_assert_eq(got[0].reply.time_ns, 2);
	cr_assert_eq(got[1].reply.sport, 443);
	cr_assert(got[0].success && !got[0].repeat && !got[0].cooldown);
	cr_assert_eq(classify_counters(b.stage)->repeats, 1);
	cr_assert_eq(classify_counters(b.stage)->first[REPLY_SYNACK], 2);
	cr_assert_eq(classify_counters(b.stage)->first[REPLY_RST], 1);
	teardown(&b);
}

Test(classify, what_was_never_asked_is_counted_not_reported)
{
	struct record got[16];
	struct bench b;
	bool ended;

	setup(&b, "success = 1", 1 << 20, UINT64_MAX);
	answer(&b, 0, 0x0a000105u, 80, REPLY_SYNACK, 1);
	answer(&b, 0, TARGET, 81, REPLY_SYNACK, 1);
	cr_assert_eq(drain(&b, got, &ended), 0);
	cr_assert_eq(classify_counters(b.stage)->unasked, 2);
	teardown(&b);
}

Test(classify, cooldown_begins_after_the_last_probe)
{
	struct record got[16];
	struct bench b;
	bool ended;

	setup(&b, "success = 1", 1 << 20, UINT64_MAX);
	answer(&b, 0, TARGET, 80, REPLY_SYNACK, 100);
	b.send_end = 200;
	answer(&b, 0, TARGET, 443, REPLY_SYNACK, 200);
	answer(&b, 0, TARGET, 443, REPLY_SYNACK, 201);
	cr_assert_eq(drain(&b, got, &ended), 3);
	cr_assert_not(got[0].cooldown);
	cr_assert_not(got[1].cooldown);
	cr_assert(got[2].cooldown);
	cr_assert(got[2].repeat);
	teardown(&b);
}

Test(classify, ends_once_after_every_rx_has)
{
	struct record got[16];
	struct bench b;
	bool ended;

	setup(&b, FILTER_DEFAULT, 1 << 20, UINT64_MAX);
	end(&b, 1);
	drain(&b, got, &ended);
	cr_assert_not(ended);
	answer(&b, 0, TARGET, 80, REPLY_SYNACK, 1);
	end(&b, 0);
	cr_assert_eq(drain(&b, got, &ended), 1);
	cr_assert(ended);
	cr_assert(b.stage->done);
	cr_assert(edge_conserved(b.in[0], 0) && edge_conserved(b.in[1], 0));
	teardown(&b);
}

Test(classify, max_results_is_exact)
{
	struct record got[16];
	struct bench b;
	bool ended;

	setup(&b, FILTER_DEFAULT, 1 << 20, 3);
	for (uint32_t i = 0; i < 8; i++)
		answer(&b, 0, TARGET + i, 80, REPLY_SYNACK, 1);
	cr_assert_eq(drain(&b, got, &ended), 3);
	cr_assert_eq(classify_counters(b.stage)->lost, 0, "a limit is not a loss");
	teardown(&b);
}

Test(classify, a_full_result_path_is_a_counted_loss)
{
	struct record got[RECORD_BLOCK_ITEMS * 4];
	struct bench b;
	bool ended;

	setup(&b, "success = 1", 2 * sizeof(struct record_block), UINT64_MAX);
	for (int i = 0; i < 5; i++)
		answer(&b, 0, TARGET, 80, REPLY_SYNACK, 1);
	cr_assert_eq(classify_counters(b.stage)->lost, 3, "two blocks of one record each, three had no room");
	cr_assert_eq(result_queue_lost(b.out), 3);
	cr_assert_eq(drain(&b, got, &ended), 2);
	end(&b, 0);
	end(&b, 1);
	drain(&b, got, &ended);
	cr_assert(ended, "the END mark finds room again");
	teardown(&b);
}
