/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For test_sim.c: a port of the sim engine with its queues, whose frames the
 * judge of world_judge.h sees.
 */
#ifndef UNIT_SIM_BENCH_H
#define UNIT_SIM_BENCH_H

#include <criterion/criterion.h>
#include <string.h>

#include "io/engines.h"
#include "io/sim/sim.h"
#include "tests/unit/world_judge.h"

enum {
	BATCH = 128
};

static struct io_link link_;
static struct error error;

struct bench { /* one port with its queues */
	struct judge judge;
	struct io_port *port;
	struct io_txq *tx[4];
	struct io_rxq *rx[4];
	unsigned int nrx;
};

static struct bench bench;

static struct bench *open_bench(const struct world *world, unsigned int ntx, unsigned int nrx,
				unsigned int ring, const char *seen)
{
	struct io_port_options opt = { .link = &link_,
				       .tx_queues = ntx,
				       .rx_queues = nrx,
				       .frames = 512,
				       .frame_len = SYN_LEN,
				       .world = world,
				       .world_seen = seen };
	struct bench *b = &bench;

	b->judge.world = *world;
	b->nrx = nrx;
	cr_assert_eq(sim_ops.find_link("sim0", &link_, &error), 0);
	cr_assert_eq(sim_open_sized(&opt, ring, &b->port, &error), 0, "%s", error.text);
	for (unsigned int i = 0; i < ntx; i++)
		cr_assert_eq(sim_ops.tx_open(b->port, i, &b->tx[i], &error), 0);
	for (unsigned int i = 0; i < nrx; i++)
		cr_assert_eq(sim_ops.rx_open(b->port, i, &b->rx[i], &error), 0);
	return b;
}

static uint64_t count_of(struct bench *b, const char *name)
{
	struct reading reading[32];
	return reading_of(reading, sim_ops.stats(b->port, reading, 32), name);
}

/* Sends targets first..first+n through the queue; returns what was accepted. */
static unsigned int submit(struct bench *b, unsigned int q, uint32_t first, unsigned int n)
{
	uint8_t *frame[BATCH];
	uint16_t len[BATCH];
	unsigned int accepted;

	for (unsigned int i = 0; i < n; i++) {
		frame[i] = b->tx[q]->frames + i * b->tx[q]->stride;
		len[i] = SYN_LEN;
		syn_compose(frame[i], BASE + first + i, PORT, LOCAL_PORT, seq_of(first + i));
	}
	accepted = sim_ops.tx_submit(b->tx[q], frame, len, n);
	cr_assert_eq(sim_ops.tx_reclaim(b->tx[q], frame, BATCH), accepted);
	return accepted;
}

/* Takes what is due from an rx queue, n frames a call; returns how many came. */
static unsigned int drain(struct bench *b, unsigned int q, unsigned int n)
{
	struct frame_view view[BATCH];
	unsigned int total = 0, got;

	while ((got = sim_ops.rx_receive(b->rx[q], view, n)) > 0) {
		for (unsigned int i = 0; i < got; i++)
			judge(&b->judge, &view[i]);
		sim_ops.rx_release(b->rx[q]);
		total += got;
	}
	return total;
}

/* Every target of [0, n) got exactly the frames that the world owes it, and the readings agree. */
static void expect_world(struct bench *b, uint32_t n)
{
	const struct owed owed = expect_answers(&b->judge, n);

	cr_assert_eq(b->judge.garbage, owed.garbage);
	cr_assert_eq(count_of(b, "world_frames"), n);
	cr_assert_eq(count_of(b, "world_silent"), owed.fate[WORLD_SILENT]);
	cr_assert_eq(count_of(b, "world_open"), owed.fate[WORLD_OPEN]);
	cr_assert_eq(count_of(b, "world_closed"), owed.fate[WORLD_CLOSED]);
	cr_assert_eq(count_of(b, "world_unreach"), owed.fate[WORLD_UNREACH]);
	cr_assert_eq(count_of(b, "world_forged"), owed.fate[WORLD_FORGED]);
	cr_assert_eq(count_of(b, "world_lost"), owed.lost);
	cr_assert_eq(count_of(b, "world_duplicated"), owed.twice);
	cr_assert_eq(count_of(b, "world_replies"), owed.replies + owed.garbage);
	cr_assert_eq(count_of(b, "bad_checksum"), 0);
	cr_assert_eq(count_of(b, "not_a_probe"), 0);
}

#endif
