/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The elastic queue between one classify and sink: record blocks allocated as
 * needed, bounded in bytes. At 25% of the bound tx pauses, at 10% it goes on; what is in flight still finds room.
 * When it is full all the same, a block is refused and the loss counted.
 */
#ifndef CLASSIFY_RESULT_QUEUE_H
#define CLASSIFY_RESULT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/record.h"
#include "rings/waker.h"

struct result_queue;

/* limit: bytes. consumer: the sink's waker; producers: notified when the pressure ends (tx threads poll it). */
struct result_queue *result_queue_create(size_t limit, struct waker *consumer);
void result_queue_destroy(struct result_queue *);

/* Producer: a block to fill, or NULL: full or out of memory; then count the loss. */
struct record_block *result_queue_claim(struct result_queue *);
void result_queue_push(struct result_queue *, struct record_block *);
void result_queue_lose(struct result_queue *, uint64_t records);

/* Consumer. */
struct record_block *result_queue_pop(struct result_queue *); /* NULL: empty */
void result_queue_recycle(struct result_queue *, struct record_block *);

/* Any thread. */
bool result_queue_pressed(const struct result_queue *); /* tx should pause */
uint64_t result_queue_lost(const struct result_queue *);
size_t result_queue_bytes(const struct result_queue *);

#endif
