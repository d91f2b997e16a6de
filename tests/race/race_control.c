/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both ends of a control edge on threads of their own, the consumer at times asleep and at times slow: what rx puts
 * comes out in order, or was refused and counted, and the producer never waits.
 */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "stages/rx/control.h"
#include "stages/tx/control.h"

#define ANSWERS 2000000u
#define STRIDE 64

struct run {
	struct edge *edge;
	struct control_out out;
	struct control_in in;
	struct frames part;
	struct waker consumer;
	uint64_t dropped, received;
};

static uint8_t memory[CONTROL_FRAMES * STRIDE];

static uint16_t answer(const struct probe_template *t, const struct control *c, uint8_t *frame)
{
	(void)t;
	memcpy(frame, &c->seq, sizeof(c->seq));
	return 60;
}

static const struct probe_module module = { .answer = answer };

static void *produce(void *arg)
{
	struct run *r = arg;
	uint64_t random = 1;

	for (uint32_t i = 1; i <= ANSWERS; i++) {
		r->dropped += !control_put(&r->out, &(struct control){ .kind = CONTROL_RST, .seq = i });
		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		if (random >> 59 == 0)
			control_flush(&r->out);
	}
	control_end(&r->out);
	return NULL;
}

static void *consume(void *arg)
{
	struct run *r = arg;
	uint32_t last = 0;

	while (!control_over(&r->in)) {
		const uint32_t ticket = waker_ticket(&r->consumer);
		unsigned int n = control_compose(&r->in);

		if (n == 0 && !control_over(&r->in))
			waker_wait(&r->consumer, ticket, UINT64_MAX);
		for (unsigned int i = 0; i < n; i++) {
			uint8_t *frame = r->in.frame[r->in.first + i];
			uint32_t number;

			memcpy(&number, frame, sizeof(number));
			if (number <= last)
				errx(1, "%u after %u", number, last);
			last = number;
			frames_put(&r->part, frame);
		}
		control_sent(&r->in, n);
		r->received += n;
	}
	return NULL;
}

int main(void)
{
	struct run r = { .received = 0 };
	pthread_t producer, consumer;

	if (waker_init(&r.consumer, false) < 0)
		errx(1, "set-up failed");
	r.edge = edge_create(&(struct edge_options){ .name = "race",
						     .blocks = 16,
						     .block_size = sizeof(struct control_block),
						     .consumer = &r.consumer });
	if (r.edge == NULL || control_init(&r.out, &r.edge, 1) < 0 ||
	    frames_init(&r.part, memory, CONTROL_FRAMES, STRIDE) < 0)
		errx(1, "set-up failed");
	r.in = (struct control_in){ .module = &module, .edge = &r.edge, .edges = 1, .part = &r.part };
	if (pthread_create(&consumer, NULL, consume, &r) != 0 ||
	    pthread_create(&producer, NULL, produce, &r) != 0)
		errx(1, "set-up failed");
	pthread_join(producer, NULL);
	pthread_join(consumer, NULL);
	printf("%llu received, %llu dropped\n", (unsigned long long)r.received,
	       (unsigned long long)r.dropped);
	if (r.received + r.dropped != ANSWERS || r.received == 0)
		errx(1, "of %u", ANSWERS);
	if (!edge_conserved(r.edge, 0) || r.part.count != CONTROL_FRAMES)
		errx(1, "a block or a frame is lost");
	control_fini(&r.out);
	frames_fini(&r.part);
	edge_destroy(r.edge);
	waker_fini(&r.consumer);
	return 0;
}
