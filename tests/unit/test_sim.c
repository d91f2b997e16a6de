/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sim engine against the world it stands for: what comes back for 100,000
 * targets is predicted from anyscan/world.h and checked frame by frame.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/sim_bench.h"

static const struct world all_open = { .seed = 1, .open = SHARE(1) };

/* What is owed and never comes ends the test. */
TestSuite(sim, .timeout = 60);

Test(sim, exact_counts_over_100k_targets)
{
	struct bench *b = open_bench(&mixed, 1, 1, 0, NULL);

	for (uint32_t t = 0; t < TARGETS; t += 125) {
		cr_assert_eq(submit(b, 0, t, 125), 125);
		drain(b, 0, BATCH);
	}
	expect_world(b, TARGETS);
	cr_assert_gt(b->judge.garbage, 1000);
	cr_assert_eq(count_of(b, "world_targets"), UINT64_MAX, "there is no map");
	sim_ops.close(b->port);
}

Test(sim, one_frame_a_call)
{
	struct bench *b = open_bench(&mixed, 1, 1, 0, NULL);

	for (uint32_t t = 0; t < 5000; t++) {
		cr_assert_eq(submit(b, 0, t, 1), 1);
		if (t % 7 == 0)
			drain(b, 0, 1);
	}
	drain(b, 0, 1);
	expect_world(b, 5000);
	sim_ops.close(b->port);
}

static uint64_t mono_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

Test(sim, everything_twice_and_late)
{
	struct world w = mixed;
	struct bench *b;

	w.dup = w.late = SHARE(1);
	w.late_ns = 1000;
	b = open_bench(&w, 1, 1, 0, NULL);
	for (uint32_t t = 0; t < 10000; t += 100) {
		const uint64_t late = count_of(b, "world_late");

		cr_assert_eq(submit(b, 0, t, 100), 100);
		for (uint64_t owed = count_of(b, "world_late") - late, got = 0; got < 2 * owed;)
			got += drain(b, 0, BATCH);
	}
	for (const uint64_t due = mono_ns() + w.late_ns; mono_ns() <= due;)
		; /* rubbish was counted above too: wait for the last of it */
	drain(b, 0, BATCH);
	expect_world(b, 10000);
	cr_assert_eq(count_of(b, "world_late"), count_of(b, "world_duplicated"));
	sim_ops.close(b->port);
}

Test(sim, an_answer_comes_after_the_rtt_and_not_before)
{
	struct world w = all_open;
	struct frame_view view[BATCH];
	struct bench *b;
	uint64_t before, after;
	struct timespec wall;

	w.rtt_ns = 20000000;
	b = open_bench(&w, 1, 1, 0, NULL);
	clock_gettime(CLOCK_REALTIME, &wall);
	before = mono_ns();
	cr_assert_eq(sim_ops.rx_next(b->rx[0], before), before + 1000000,
		     "an empty queue is looked at every ms");
	cr_assert_eq(submit(b, 0, 0, 1), 1);
	after = mono_ns();
	/* asked for a time shortly before it is due, rx_next tells the due time */
	const uint64_t due = sim_ops.rx_next(b->rx[0], before + w.rtt_ns);
	cr_assert_geq(due, before + w.rtt_ns);
	cr_assert_leq(due, after + w.rtt_ns);
	while (sim_ops.rx_receive(b->rx[0], view, BATCH) == 0)
		;
	cr_assert_geq(mono_ns(), due);
	cr_assert_geq(view[0].time_ns + 1000000,
		      (uint64_t)wall.tv_sec * 1000000000 + (uint64_t)wall.tv_nsec + w.rtt_ns);
	judge(&b->judge, &view[0]);
	expect_world(b, 1);
	sim_ops.close(b->port);
}

Test(sim, late_answers_do_not_hold_up_the_others)
{
	struct world w = all_open;
	unsigned int late = 0;
	struct bench *b;

	w.late = SHARE(.5);
	w.late_ns = 3600000000000;
	b = open_bench(&w, 1, 1, 0, NULL);
	for (uint32_t t = 0; t < 1000; t += 100) {
		cr_assert_eq(submit(b, 0, t, 100), 100);
		drain(b, 0, BATCH);
	}
	for (uint32_t t = 0; t < 1000; t++) {
		const bool is_late = world_path(&w, BASE + t, PORT, LOCAL_PORT, seq_of(t)) & WORLD_LATE;

		cr_assert_eq(b->judge.answers[t], !is_late, "target %u", t);
		late += is_late;
	}
	cr_assert_eq(count_of(b, "world_late"), late);
	cr_assert_eq(count_of(b, "world_replies"), 1000 - late);
	sim_ops.close(b->port);
}

Test(sim, a_tiny_ring_slows_down_and_loses_nothing)
{
	char path[64];
	struct bench *b;
	uint32_t t = 0;

	snprintf(path, sizeof(path), "/tmp/anyscan-test-sim-%d", (int)getpid());
	unlink(path);
	b = open_bench(&mixed, 1, 1, 8, path);
	unsigned int refused = 0;

	while (t < 20000) {
		const unsigned int n = submit(b, 0, t, 100);

		t += n;
		if (n < 100) {
			refused++;
			if (answer_expected(&b->judge.world, t))
				cr_assert_eq(submit(b, 0, t, 1), 0, "a full ring takes no answer");
			cr_assert_gt(drain(b, 0, 3), 0);
		}
	}
	drain(b, 0, 3);
	cr_assert_gt(refused, 1000);
	expect_world(b, t);
	cr_assert_eq(count_of(b, "world_targets"), t, "a refused frame is not seen");
	cr_assert_eq(count_of(b, "world_repeats"), 0, "and not seen twice");
	sim_ops.close(b->port);
	unlink(path);
}

Test(sim, a_full_ring_takes_exactly_what_fits)
{
	struct bench *b = open_bench(&all_open, 1, 1, 8, NULL);
	struct frame_view view[BATCH];

	cr_assert_eq(submit(b, 0, 0, 100), 7);
	cr_assert_eq(submit(b, 0, 7, 93), 0);
	cr_assert_eq(sim_ops.rx_receive(b->rx[0], view, 3), 3);
	cr_assert_eq(submit(b, 0, 7, 93), 3);
	cr_assert_eq(count_of(b, "world_frames"), 10);
	sim_ops.close(b->port);
}

Test(sim, repeats_are_told_from_targets)
{
	char path[64];
	struct bench *b;

	snprintf(path, sizeof(path), "/tmp/anyscan-test-sim-%d", (int)getpid());
	unlink(path);
	b = open_bench(&mixed, 2, 1, 0, path);
	submit(b, 0, 0, 100);
	submit(b, 1, 50, 100);
	cr_assert_eq(count_of(b, "world_frames"), 200);
	cr_assert_eq(count_of(b, "world_targets"), 150);
	cr_assert_eq(count_of(b, "world_repeats"), 50);
	cr_assert_eq(count_of(b, "world_unkept"), 0);
	sim_ops.close(b->port);
	b = open_bench(&mixed, 1, 1, 0, path);
	submit(b, 0, 100, 100);
	cr_assert_eq(count_of(b, "world_targets"), 50);
	sim_ops.close(b->port);
	unlink(path);
}

Test(sim, tx_queue_i_answers_on_rx_queue_i_modulo)
{
	struct bench *b = open_bench(&all_open, 3, 2, 0, NULL);

	for (unsigned int q = 0; q < 3; q++)
		cr_assert_eq(submit(b, q, q * 100, q + 1), q + 1);
	cr_assert_eq(drain(b, 0, BATCH), 1 + 3);
	cr_assert_eq(drain(b, 1, BATCH), 2);
	sim_ops.close(b->port);
}

Test(sim, without_an_rx_queue_answers_vanish)
{
	struct bench *b = open_bench(&mixed, 1, 0, 8, NULL);

	for (uint32_t t = 0; t < 1000; t += 100)
		cr_assert_eq(submit(b, 0, t, 100), 100);
	cr_assert_eq(count_of(b, "world_frames"), 1000);
	cr_assert_gt(count_of(b, "world_open"), 100);
	cr_assert_eq(count_of(b, "world_replies"), 0);
	sim_ops.close(b->port);
}

Test(sim, only_sound_probes_are_answered)
{
	struct bench *b = open_bench(&all_open, 1, 1, 0, NULL);
	uint8_t *frame = b->tx[0]->frames;
	uint16_t len = SYN_LEN;
	unsigned int flips = 0;

	/* one bit anywhere above the MAC addresses */
	for (unsigned int bit = 12 * 8; bit < SYN_LEN * 8; bit++, flips++) {
		syn_compose(frame, BASE, PORT, LOCAL_PORT, 1);
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		cr_assert_eq(sim_ops.tx_submit(b->tx[0], &frame, &len, 1), 1);
		cr_assert_eq(sim_ops.tx_reclaim(b->tx[0], &frame, 1), 1);
		cr_assert_eq(count_of(b, "world_frames"), 0, "byte %u", bit / 8);
		cr_assert_eq(count_of(b, "bad_checksum") + count_of(b, "not_a_probe"), flips + 1);
	}
	cr_assert_gt(count_of(b, "bad_checksum"), 250);
	for (len = 0; len < SYN_LEN; len++, flips++) {
		syn_compose(frame, BASE, PORT, LOCAL_PORT, 1);
		cr_assert_eq(sim_ops.tx_submit(b->tx[0], &frame, &len, 1), 1);
		cr_assert_eq(sim_ops.tx_reclaim(b->tx[0], &frame, 1), 1);
	}
	cr_assert_eq(count_of(b, "world_frames"), 0);
	/* right checksums, but no SYN: the world opens nothing for it, and a RST closes what it does not keep */
	for (unsigned int flags = 0; flags < 64; flags++) {
		const uint64_t before = count_of(b, "world_frames"), resets = count_of(b, "world_resets"),
			       others = count_of(b, "not_a_probe");

		syn_compose(frame, BASE, PORT, LOCAL_PORT, 1);
		frame[47] = (uint8_t)flags;
		syn_checksums(frame);
		cr_assert_eq(sim_ops.tx_submit(b->tx[0], &frame, &len, 1), 1);
		cr_assert_eq(sim_ops.tx_reclaim(b->tx[0], &frame, 1), 1);
		cr_assert_eq(count_of(b, "world_frames") - before, (flags & 0x17) == 0x02, "flags %02x",
			     flags);
		cr_assert_eq(count_of(b, "world_resets") - resets, (flags & 0x17) == 0x04, "flags %02x",
			     flags);
		cr_assert_eq(count_of(b, "not_a_probe") - others,
			     (flags & 0x17) != 0x02 && (flags & 0x17) != 0x04, "flags %02x", flags);
	}
	sim_ops.close(b->port);
}

Test(sim, ethernet_padding_of_a_probe_does_not_matter)
{
	struct bench *b = open_bench(&all_open, 1, 1, 0, NULL);
	uint8_t *frame = b->tx[0]->frames;
	uint16_t len = 64;

	memset(frame, 0xee, 64);
	syn_compose(frame, BASE, PORT, LOCAL_PORT, seq_of(0));
	cr_assert_eq(sim_ops.tx_submit(b->tx[0], &frame, &len, 1), 1);
	cr_assert_eq(drain(b, 0, BATCH), 1);
	expect_world(b, 1);
	sim_ops.close(b->port);
}

static void *send_half(void *arg)
{
	const unsigned int q = *(unsigned int *)arg;
	const uint32_t end = (q + 1) * (TARGETS / 2);

	for (uint32_t t = q * (TARGETS / 2); t < end;)
		t += submit(&bench, q, t, end - t < 100 ? end - t : 100);
	return NULL;
}

Test(sim, two_senders_and_a_receiver_on_threads)
{
	struct bench *b = open_bench(&mixed, 2, 1, 1024, NULL);
	unsigned int index[2] = { 0, 1 };
	pthread_t thread[2];
	uint64_t owed = 0, got = 0;

	for (uint32_t t = 0; t < TARGETS; t++)
		if (answer_expected(&mixed, t))
			owed += 1 + twice_expected(&mixed, t) +
				(world_fate(&mixed, BASE + t, PORT) == WORLD_FORGED &&
				 sim_sends_garbage(&mixed, BASE + t, PORT));
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, send_half, &index[i]);
	while (got < owed)
		got += drain(b, 0, BATCH);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	cr_assert_eq(drain(b, 0, BATCH), 0);
	expect_world(b, TARGETS);
	sim_ops.close(b->port);
}

Test(sim, refusals)
{
	struct io_port_options opt = { .link = &link_,
				       .tx_queues = 65,
				       .rx_queues = 1,
				       .frames = 1,
				       .frame_len = 64,
				       .world = &all_open };
	struct io_port *port;

	cr_assert_eq(sim_ops.find_link("", &link_, &error), 0);
	cr_assert_str_eq(link_.name, "sim0");
	cr_assert_eq(sim_ops.open(&opt, &port, &error), -EINVAL);
	cr_assert_not_null(strstr(error.text, "64 is the most"), "%s", error.text);
	opt.tx_queues = 1;
	opt.world = NULL;
	cr_assert_eq(sim_ops.open(&opt, &port, &error), -EINVAL);
	cr_assert_not_null(strstr(error.text, "--world"), "%s", error.text);
	opt.world = &all_open;
	opt.world_seen = "/nonexistent/map";
	cr_assert_eq(sim_ops.open(&opt, &port, &error), -ENOENT);
	cr_assert_not_null(strstr(error.text, "/nonexistent/map"), "%s", error.text);
}
