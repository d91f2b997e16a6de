/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No two threads write to one cache line, nor, on an edge, to a pair of lines that x86 fetches together: by offsets and
 * addresses, not by time, so that it fails the same everywhere.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "anyscan/stage.h"
#include "io/departed.h"
#include "rings/edge_layout.h"
#include "rings/lines.h"
#include "stages/build/build.h"
#include "stages/gen/gen.h"
#include "stages/thread.h"

enum writer {
	SET_UP, /* read only while the pipeline runs */
	PRODUCER,
	CONSUMER,
};

struct field {
	const char *name;
	size_t offset, size;
	enum writer writer;
};

#define FIELD(type, member, by) \
	{ \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), by \
	}

/* The lines of a and b, `unit` bytes each, have none in common. */
static bool apart(const struct field *a, const struct field *b, size_t unit)
{
	return (a->offset + a->size - 1) / unit < b->offset / unit ||
	       (b->offset + b->size - 1) / unit < a->offset / unit;
}

static void check_apart(const struct field *field, size_t n, size_t between_writers)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			const bool read_only = field[i].writer == SET_UP || field[j].writer == SET_UP;

			if (field[i].writer == field[j].writer)
				continue;
			cr_expect(apart(&field[i], &field[j], read_only ? CACHE_LINE : between_writers),
				  "%s and %s", field[i].name, field[j].name);
		}
}

/* Of a ck_ring, p_* belong to who enqueues: on the way back that is the consumer of the edge. */
Test(layout, the_ends_of_an_edge_share_no_pair_of_lines)
{
	static const struct field field[] = {
		FIELD(edge, name, SET_UP),
		FIELD(edge, blocks, SET_UP),
		FIELD(edge, block_size, SET_UP),
		FIELD(edge, pool, SET_UP),
		FIELD(edge, forward_slots, SET_UP),
		FIELD(edge, back_slots, SET_UP),
		FIELD(edge, producer, SET_UP),
		FIELD(edge, consumer, SET_UP),
		FIELD(edge, free, PRODUCER),
		FIELD(edge, nfree, PRODUCER),
		FIELD(edge, produced, PRODUCER),
		FIELD(edge, forward.p_tail, PRODUCER),
		FIELD(edge, forward.p_head, PRODUCER),
		FIELD(edge, back.c_head, PRODUCER),
		FIELD(edge, consumed, CONSUMER),
		FIELD(edge, back.p_tail, CONSUMER),
		FIELD(edge, back.p_head, CONSUMER),
		FIELD(edge, forward.c_head, CONSUMER),
		FIELD(edge, forward.size, SET_UP),
		FIELD(edge, forward.mask, SET_UP),
		FIELD(edge, back.size, SET_UP),
		FIELD(edge, back.mask, SET_UP),
	};

	check_apart(field, sizeof(field) / sizeof(field[0]), LINES_PAIR);
}

/* The rings' slots, which both ends write or read, and the stack that is the producer's alone. */
Test(layout, the_arrays_of_an_edge_share_no_pair_of_lines)
{
	for (unsigned int blocks = 2; blocks <= EDGE_BLOCKS_MAX; blocks = blocks * 2 + 1) {
		struct edge_options o = { .name = "x",
					  .blocks = blocks,
					  .block_size = sizeof(struct target_block) };
		struct edge *e = edge_create(&o);

		cr_assert_not_null(e);
		const uintptr_t base = (uintptr_t)e->slots;
		const struct field array[] = {
			{ "forward", (uintptr_t)e->forward_slots - base,
			  (e->forward.mask + 1) * sizeof(ck_ring_buffer_t), PRODUCER },
			{ "back", (uintptr_t)e->back_slots - base,
			  (e->back.mask + 1) * sizeof(ck_ring_buffer_t), CONSUMER },
		};
		const struct field stack = { "stack", (uintptr_t)e->free - base, blocks * sizeof(*e->free),
					     PRODUCER };

		cr_expect_eq(base % LINES_PAIR, 0);
		cr_expect(apart(&array[0], &array[1], LINES_PAIR));
		cr_expect(apart(&array[0], &stack, LINES_PAIR));
		cr_expect(apart(&array[1], &stack, LINES_PAIR));
		cr_expect_eq((uintptr_t)e->pool % LINES_PAIR, 0);
		edge_destroy(e);
	}
}

Test(layout, what_tx_adds_to_a_chunk_is_not_on_the_line_that_gen_writes)
{
	static const struct field field[] = {
		FIELD(chunk, first, PRODUCER),	FIELD(chunk, length, PRODUCER),
		FIELD(chunk, state, PRODUCER),	FIELD(chunk, emitted, PRODUCER),
		FIELD(chunk, walked, PRODUCER), FIELD(chunk, accepted, CONSUMER),
	};

	check_apart(field, sizeof(field) / sizeof(field[0]), CACHE_LINE);
}

static bool far(const void *a, const void *b, size_t size)
{
	const uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;

	return (x < y ? y - x : x - y) >= size + LINES_APART;
}

/* No two threads' parts of what lies in one array come near each other, nor does what follows a lines_alloc(). */
Test(layout, what_threads_write_lies_apart)
{
	uint8_t *small[64];

	cr_expect_geq(sizeof(struct thread) - offsetof(struct thread, apart), LINES_APART);
	cr_expect_geq(sizeof(struct departed) - offsetof(struct departed, apart), LINES_APART);
	for (unsigned int i = 0; i < 64; i++) {
		small[i] = lines_alloc(i + 1);
		cr_assert_not_null(small[i]);
		cr_expect_eq((uintptr_t)small[i] % LINES_PAIR, 0);
		for (unsigned int j = 0; j < i; j++)
			cr_expect(far(small[i], small[j], 0), "%u and %u", i, j);
		for (unsigned int k = 0; k <= i; k++)
			cr_expect_eq(small[i][k], 0);
	}
	for (unsigned int i = 0; i < 64; i++)
		free(small[i]);
}

/* Each object starts on a unit of its own and fills its last one, so that no two meet, wherever the allocator puts them. */
Test(layout, instances_lie_on_lines_of_their_own)
{
	const struct policy policy = { .block_fill = BLOCK_ITEMS };
	const struct policy *now = &policy;
	struct ledger *ledger = ledger_create((struct interval){ .first = 0, .end = 1000000 }, 4, UINT64_MAX);
	struct edge_options o = { .name = "x", .blocks = 4, .block_size = sizeof(struct target_block) };
	struct edge *edge[4];
	struct stage *gen[4], *build[4];
	struct waker waker[4];
	const struct chunk *before = NULL;

	for (unsigned int i = 0; i < 4; i++) {
		edge[i] = edge_create(&o);
		gen[i] = gen_create(
			i, &(struct gen_options){
				   .ledger = ledger, .policy = &now, .probes = 1, .out = edge, .outs = 1 });
		build[i] = build_create(
			i, &(struct build_options){ .policy = &now,
						    .in = edge,
						    .ins = 1,
						    .out = &(struct build_output){ .edge = edge[0] },
						    .outs = 1 });
		cr_assert(edge[i] != NULL && gen[i] != NULL && build[i] != NULL);
		for (unsigned int j = 0; j < i; j++)
			cr_expect(far(edge[i], edge[j], sizeof(*edge[i])) &&
				  far(gen[i], gen[j], sizeof(*gen[i])) &&
				  far(build[i], build[j], sizeof(*build[i])));
		cr_expect_eq((uintptr_t)edge[i] % LINES_PAIR, 0);
		cr_expect_eq((uintptr_t)gen[i] % LINES_PAIR, 0);
		cr_expect_eq((uintptr_t)build[i] % LINES_PAIR, 0);
		cr_expect_eq((uintptr_t)&gen[i]->counters % CACHE_LINE, 0);
		cr_expect_eq((uintptr_t)&waker[i] % CACHE_LINE, 0);
		cr_expect_eq(edge_block(edge[i], 1) - edge_block(edge[i], 0),
			     (ptrdiff_t)(sizeof(struct target_block) / sizeof(struct block)));
	}
	for (unsigned int g = 0; g < 4; g++) {
		bool end;
		struct chunk *chunk = ledger_lease(ledger, g, CHUNK_MIN, &end);

		cr_assert_not_null(chunk);
		cr_expect_eq((uintptr_t)chunk % CACHE_LINE, 0);
		if (g > 0) /* the first of a gen lies behind all of the gen's before */
			cr_expect(far(chunk, before, CHUNKS_OPEN * sizeof(*chunk)));
		before = chunk;
	}
	for (unsigned int i = 0; i < 4; i++) {
		build_destroy(build[i]);
		gen_destroy(gen[i]);
		edge_destroy(edge[i]);
	}
	ledger_destroy(ledger);
}
