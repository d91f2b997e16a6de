/* SPDX-License-Identifier: Apache-2.0 */
/* history 9 */
/*
 * Two threads, millions of blocks through small pools: order and content of
 * each, conservation at the end, both sides asleep when they have nothing to
 * do. Under ThreadSanitizer it must be clean, and with --broken (the producer
 * writes to a block after it has pushed it) it must not: that shows that the
 * annotations do not hide a real race. The content check cannot see that one,
 * as what is written again is the value that stands there.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rings/edge.h"

#ifdef __SANITIZE_THREAD__
#define SLOWER 4
#else
#define SLOWER 1
#endif

#define BATCH 8 /* items looked at in each block: the first and the last ones */

struct run {
	struct edge *edge;
	struct waker producer, consumer;
	unsigned int blocks, window, hold;
	bool broken;
	uint64_t errors;
};

static uint32_t address(unsigned int block, unsigned int item)
{
	return block * 2654435761U + item;
}

static void *produce(void *arg)
{
	struct run *r = arg;

	for (unsigned int i = 0; i <= r->blocks;) {
		uint32_t ticket = waker_ticket(&r->producer);
		struct target_block *t = (struct target_block *)edge_claim(r->edge, r->window);
		if (t == NULL) {
			waker_wait(&r->producer, ticket, UINT64_MAX);
			continue;
		}
		if (i == r->blocks) {
			t->hdr.flags = BLOCK_END;
		} else {
			t->hdr.count = 1 + i % BLOCK_ITEMS;
			t->probe = i;
			for (unsigned int k = 0; k < BATCH && k < t->hdr.count; k++) {
				t->daddr[k] = address(i, k);
				t->daddr[t->hdr.count - 1 - k] = address(i, t->hdr.count - 1 - k);
			}
		}
		edge_push(r->edge, &t->hdr);
		if (r->broken)
			t->probe = i;
		i++;
	}
	return NULL;
}

static void check(struct run *r, const struct target_block *t, unsigned int i)
{
	if (t->hdr.count != 1 + i % BLOCK_ITEMS || t->probe != i) {
		r->errors++;
		return;
	}
	for (unsigned int k = 0; k < BATCH && k < t->hdr.count; k++) {
		unsigned int last = t->hdr.count - 1 - k;
		r->errors += t->daddr[k] != address(i, k);
		r->errors += t->daddr[last] != address(i, last);
	}
}

/* Keeps up to `hold` blocks in its hands before it gives them back, newest first. */
static void *consume(void *arg)
{
	struct run *r = arg;
	struct block *held[8];
	unsigned int n = 0, i = 0;
	bool end = false;

	while (!end) {
		uint32_t ticket = waker_ticket(&r->consumer);
		struct block *b = edge_pop(r->edge);
		if (b == NULL && n == 0) {
			waker_wait(&r->consumer, ticket, UINT64_MAX);
			continue;
		}
		if (b != NULL) {
			end = b->flags & BLOCK_END;
			if (!end)
				check(r, (struct target_block *)b, i++);
			held[n++] = b;
		}
		if (b == NULL || n == r->hold || end)
			while (n > 0)
				edge_recycle(r->edge, held[--n]);
	}
	r->errors += i != r->blocks;
	return NULL;
}

static int run(unsigned int pool, unsigned int window, unsigned int hold, unsigned int blocks, bool broken)
{
	struct run r = { .blocks = blocks, .window = window, .hold = hold, .broken = broken };
	struct edge_options o = {
		.name = "race",
		.blocks = pool,
		.block_size = sizeof(struct target_block),
		.producer = &r.producer,
		.consumer = &r.consumer,
	};
	pthread_t producer, consumer;
	uint64_t items = 0;

	waker_init(&r.producer, false);
	waker_init(&r.consumer, false);
	r.edge = edge_create(&o);
	if (r.edge == NULL || pthread_create(&producer, NULL, produce, &r) != 0 ||
	    pthread_create(&consumer, NULL, consume, &r) != 0) {
		fprintf(stderr, "race_edge: set-up failed\n");
		exit(1);
	}
	pthread_join(producer, NULL);
	pthread_join(consumer, NULL);

	for (unsigned int i = 0; i < blocks; i++)
		items += 1 + i % BLOCK_ITEMS;
	r.errors += !edge_conserved(r.edge, 0);
	r.errors += counter_read(&edge_produced(r.edge)->items) != items;
	r.errors += counter_read(&edge_consumed(r.edge)->items) != items;
	r.errors += counter_read(&edge_consumed(r.edge)->blocks) != blocks + 1;
	printf("pool %2u window %u hold %u: %u blocks, %llu stalls, %llu starves, %llu errors\n", pool,
	       window, hold, blocks, (unsigned long long)counter_read(&edge_produced(r.edge)->stalls),
	       (unsigned long long)counter_read(&edge_consumed(r.edge)->stalls),
	       (unsigned long long)r.errors);
	edge_destroy(r.edge);
	return r.errors != 0;
}

int main(int argc, char **argv)
{
	bool broken = argc > 1 && strcmp(argv[1], "--broken") == 0;
	int failed = 0;

	if (broken)
		return run(2, 0, 1, 100000, true);
	failed |= run(2, 0, 1, 200000 / SLOWER, false);
	failed |= run(3, 0, 2, 200000 / SLOWER, false);
	failed |= run(16, 0, 8, 4000000 / SLOWER, false);
	failed |= run(16, 4, 4, 600000 / SLOWER, false);
	failed |= run(64, 1, 1, 100000 / SLOWER, false);
	return failed;
}
