/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Race: two tx threads of the sim engine ask about overlapping targets, mark
 * one map, and one rx thread takes the answers, through rings so small that
 * they are always full or empty. Under ThreadSanitizer it must be clean
 * (tsan.supp); in every build the counts must come out exactly.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/world.h"
#include "io/engines.h"
#include "io/sim/sim.h"
#include "tests/unit/syn_frame.h"

enum {
	TARGETS = 50000,
	BATCH = 64,
	SENDERS = 2
};

struct sender {
	struct io_txq *queue;
	uint32_t sent;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	uint8_t *frame[BATCH];
	uint16_t len[BATCH];

	while (s->sent < TARGETS) {
		const uint32_t left = TARGETS - s->sent, n = left < BATCH ? left : BATCH;
		unsigned int accepted;

		for (uint32_t i = 0; i < n; i++) {
			frame[i] = s->queue->frames + i * s->queue->stride;
			len[i] = SYN_LEN;
			syn_compose(frame[i], 0x0a000000 + s->sent + i, 443, 40000, s->sent + i);
		}
		accepted = sim_ops.tx_submit(s->queue, frame, len, n);
		sim_ops.tx_reclaim(s->queue, frame, accepted);
		s->sent += accepted;
	}
	return NULL;
}

/* Frames that the world owes to one sender. */
static uint64_t owed(const struct world *w)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < TARGETS; i++) {
		const unsigned int path = world_path(w, 0x0a000000 + i, 443, 40000, i);

		if (world_fate(w, 0x0a000000 + i, 443) != WORLD_SILENT && !(path & WORLD_LOST))
			n += path & WORLD_DUPLICATED ? 2 : 1;
	}
	return n;
}

static int expect(const char *what, uint64_t got, uint64_t want)
{
	if (got == want)
		return 0;
	fprintf(stderr, "race_sim: %s is %llu, not %llu\n", what, (unsigned long long)got,
		(unsigned long long)want);
	return 1;
}

int main(void)
{
	const struct world world = { .seed = 3,
				     .open = 1ULL << 30,
				     .closed = 1ULL << 30,
				     .loss = 1ULL << 29,
				     .dup = 1ULL << 29,
				     .late = 1ULL << 30,
				     .late_ns = 1000 };
	char path[64];
	struct io_link link;
	struct io_port_options opt = { .link = &link,
				       .tx_queues = SENDERS,
				       .rx_queues = 1,
				       .frames = BATCH,
				       .frame_len = SYN_LEN,
				       .world = &world,
				       .world_seen = path };
	struct sender sender[SENDERS] = { { 0 } };
	pthread_t thread[SENDERS];
	struct frame_view view[BATCH];
	struct reading reading[32];
	struct io_port *port;
	struct io_rxq *rx;
	struct error error;
	uint64_t got = 0;
	size_t n;
	int failed = 0;

	snprintf(path, sizeof(path), "/tmp/anyscan-race-sim-%d", (int)getpid());
	unlink(path);
	if (sim_ops.find_link("sim0", &link, &error) < 0 || sim_open_sized(&opt, 16, &port, &error) < 0 ||
	    sim_ops.rx_open(port, 0, &rx, &error) < 0) {
		fprintf(stderr, "race_sim: %s\n", error.text);
		return 1;
	}
	for (unsigned int i = 0; i < SENDERS; i++)
		if (sim_ops.tx_open(port, i, &sender[i].queue, &error) < 0)
			return 1;
	for (unsigned int i = 0; i < SENDERS; i++)
		pthread_create(&thread[i], NULL, send_all, &sender[i]);
	for (const uint64_t all = SENDERS * owed(&world); got < all;) {
		got += sim_ops.rx_receive(rx, view, BATCH);
		sim_ops.stats(port, reading, 32); /* readable while the queues run */
	}
	for (unsigned int i = 0; i < SENDERS; i++)
		pthread_join(thread[i], NULL);
	n = sim_ops.stats(port, reading, 32);
	failed += expect("what came after the last answer", sim_ops.rx_receive(rx, view, BATCH), 0);
	failed += expect("world_replies", reading_of(reading, n, "world_replies"), got);
	failed += expect("world_frames", reading_of(reading, n, "world_frames"), SENDERS * TARGETS);
	failed += expect("world_targets", reading_of(reading, n, "world_targets"), TARGETS);
	failed += expect("world_repeats", reading_of(reading, n, "world_repeats"), (SENDERS - 1) * TARGETS);
	sim_ops.close(port);
	unlink(path);
	return failed != 0;
}
