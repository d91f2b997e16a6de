/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of the tx queues of net_null and net_ring: each is in one pair of hands, whatever is sent and taken back. One
 * EAL serves a process, so each test, which Criterion runs in a process of its own, starts one.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/arp.h"
#include "io/arp_frame.h"
#include "io/dpdk/eal.h"
#include "io/dpdk/port.h"
#include "io/dpdk/reset.h"
#include "io/engines.h"
#include "io/wire.h"

#define FRAMES 300

static struct io_link link_;
static struct io_port *port;

static void start(const char *device, unsigned int tx, unsigned int rx)
{
	const struct io_port_options o = {
		.link = &link_, .tx_queues = tx, .rx_queues = rx, .frames = FRAMES, .frame_len = 60
	};
	struct error e = { .code = 0 };

	cr_assert_eq(dpdk_ops.init("--no-huge -m 256", &e), 0, "%s", e.text);
	cr_assert_eq(dpdk_ops.find_link(device, &link_, &e), 0, "%s", e.text);
	cr_assert_eq(dpdk_ops.open(&o, &port, &e), 0, "%s", e.text);
}

static void finish(void)
{
	dpdk_ops.close(port);
	dpdk_ops.fini();
}

static struct io_txq *open_tx(unsigned int index)
{
	struct io_txq *q = NULL;

	cr_assert_eq(dpdk_ops.tx_open(port, index, &q, NULL), 0);
	return q;
}

static unsigned int number(const struct io_txq *q, const uint8_t *frame)
{
	const size_t offset = (size_t)(frame - q->frames);

	cr_assert_eq(offset % q->stride, 0);
	cr_assert_lt(offset / q->stride, q->nframes);
	return (unsigned int)(offset / q->stride);
}

/* Sends frames [from, to) of the queue, each with its number in it. */
static void send_all(struct io_txq *q, unsigned int from, unsigned int to)
{
	while (from < to) {
		uint8_t *frame[BLOCK_ITEMS];
		uint16_t len[BLOCK_ITEMS];
		unsigned int n = to - from < BLOCK_ITEMS ? to - from : BLOCK_ITEMS, sent;

		for (unsigned int i = 0; i < n; i++) {
			frame[i] = q->frames + (from + i) * q->stride;
			len[i] = 60;
			memset(frame[i], 0, 60);
			memcpy(frame[i] + 14, &(unsigned int){ from + i }, sizeof(unsigned int));
		}
		sent = dpdk_ops.tx_submit(q, frame, len, n);
		cr_assert_gt(sent, 0);
		from += sent;
	}
}

/* Every frame that comes back, counted by number. */
static unsigned int take_back(struct io_txq *q, unsigned char *count)
{
	uint8_t *frame[BLOCK_ITEMS];
	unsigned int n, all = 0;

	while ((n = dpdk_ops.tx_reclaim(q, frame, 100)) > 0) {
		for (unsigned int i = 0; i < n; i++)
			count[number(q, frame[i])]++;
		all += n;
	}
	return all;
}

Test(dpdk_port, frames_come_back_once)
{
	unsigned char *count;
	struct io_txq *q[2];

	start("net_null0,no-rx=1", 2, 1);
	q[0] = open_tx(0);
	q[1] = open_tx(1);
	for (unsigned int i = 0; i < 2; i++) {
		cr_assert_geq(q[i]->nframes, FRAMES + q[i]->depth);
		cr_assert_geq(q[i]->depth, DPDK_TX_DESCRIPTORS);
		cr_assert_eq((uintptr_t)q[i]->frames % 64, 0, "frames begin with a cache line");
	}
	count = calloc(q[0]->nframes, 1);
	cr_assert_eq(take_back(q[0], count), 0, "all are the builders' at first");
	for (unsigned int round = 1; round <= 3; round++) {
		send_all(q[0], 0, q[0]->nframes);
		cr_assert_eq(dpdk_ops.tx_flush(q[0]), 0);
		cr_assert_eq(take_back(q[0], count), q[0]->nframes);
		for (unsigned int i = 0; i < q[0]->nframes; i++)
			cr_assert_eq(count[i], round, "frame %u", i);
	}
	cr_assert_eq(take_back(q[1], count), 0, "the other queue's are not mixed in");
	free(count);
	finish();
}

Test(dpdk_port, the_last_ones_come_back_in_their_order)
{
	uint8_t *frame[BLOCK_ITEMS];
	struct io_txq *q;

	start("net_null0,no-rx=1", 1, 1);
	q = open_tx(0);
	send_all(q, 0, 200);
	cr_assert_eq(dpdk_ops.tx_reclaim(q, frame, 100), 100);
	for (unsigned int i = 0; i < 100; i++)
		cr_assert_eq(number(q, frame[i]), 100 + i);
	cr_assert_eq(dpdk_ops.tx_reclaim(q, frame, BLOCK_ITEMS), 100);
	for (unsigned int i = 0; i < 100; i++)
		cr_assert_eq(number(q, frame[i]), i);
	finish();
}

Test(dpdk_port, frames_of_its_own_shorten_no_block)
{
	static const uint8_t bytes[WIRE_FRAME_MIN] = { 2 };
	uint8_t *frame[BLOCK_ITEMS];
	unsigned char *count;
	struct dpdk_tx *tx;
	struct io_txq *q;

	start("net_null0,no-rx=1", 1, 1);
	q = open_tx(0);
	tx = (struct dpdk_tx *)q;
	count = calloc(q->nframes, 1);
	send_all(q, 0, BLOCK_ITEMS);
	for (unsigned int i = 0; i < DPDK_OWN; i++)
		cr_assert(dpdk_tx_own(tx, bytes, sizeof(bytes)));
	cr_assert_eq(tx->owns, 0, "all of them are behind the builders'");
	cr_assert_eq(dpdk_ops.tx_reclaim(q, frame, BLOCK_ITEMS), BLOCK_ITEMS);
	for (unsigned int i = 0; i < BLOCK_ITEMS; i++)
		cr_assert_eq(count[number(q, frame[i])]++, 0);
	cr_assert_eq(tx->owns, DPDK_OWN);
	cr_assert_eq(dpdk_ops.tx_reclaim(q, frame, BLOCK_ITEMS), 0);
	free(count);
	finish();
}

Test(dpdk_port, frames_received_from_a_queue_of_ours)
{
	struct frame_view view[BLOCK_ITEMS];
	struct io_rxq *rx = NULL;
	struct io_txq *q;
	unsigned char *count;
	unsigned int got = 0, n;

	/* it hands over what it is given: our own mbufs come in, and are freed by the receiver */
	start("net_ring0", 1, 1);
	q = open_tx(0);
	cr_assert_eq(dpdk_ops.rx_open(port, 0, &rx, NULL), 0);
	count = calloc(q->nframes, 1);
	send_all(q, 0, FRAMES);
	cr_assert_eq(take_back(q, count), 0, "they wait to be received");
	cr_assert_eq(dpdk_ops.tx_flush(q), FRAMES);
	while ((n = dpdk_ops.rx_receive(rx, view, BLOCK_ITEMS)) > 0) {
		for (unsigned int i = 0; i < n; i++) {
			unsigned int k;

			cr_assert_eq(view[i].len, 60);
			memcpy(&k, view[i].data + 14, sizeof(k));
			cr_assert_eq(k, got + i, "in order");
		}
		got += n;
		dpdk_ops.rx_release(rx);
	}
	cr_assert_eq(got, FRAMES);
	cr_assert_eq(take_back(q, count), FRAMES);
	for (unsigned int i = 0; i < FRAMES; i++)
		cr_assert_eq(count[i], 1, "frame %u", i);
	cr_assert_eq(dpdk_ops.tx_flush(q), 0);
	free(count);
	finish();
}

/* net_ring plays both ends: what is sent comes in. The engine answers what it receives there. */
Test(dpdk_port, who_asks_for_our_address_is_answered)
{
	static const uint8_t asker[6] = { 0x02, 0, 0, 0, 0, 0x77 }, us[6] = { 0x02, 0, 0, 0, 0, 1 };
	const uint32_t own = 0xc6120001u, gateway = 0xc6120002u;
	struct frame_view view[BLOCK_ITEMS];
	struct io_rxq *rx = NULL;
	struct arp_frame frame;
	struct io_txq *q;
	uint16_t len = 60;

	start("net_ring0", 1, 1);
	((struct dpdk_port *)port)->link.addr = own;
	memcpy(((struct dpdk_port *)port)->link.mac, us, 6); /* a ring has none */
	q = open_tx(0);
	cr_assert_eq(dpdk_ops.rx_open(port, 0, &rx, NULL), 0);
	for (unsigned int i = 0; i < 3 * DPDK_OWN; i++) {
		arp_frame_ask(&frame, asker, gateway, i == 1 ? own + 1 : own);
		memcpy(q->frames, &frame, sizeof(frame));
		cr_assert_eq(dpdk_ops.tx_submit(q, &(uint8_t *){ q->frames }, &len, 1), 1);
		cr_assert_eq(dpdk_ops.rx_receive(rx, view, BLOCK_ITEMS), 1, "the request");
		dpdk_ops.rx_release(rx);
		if (i == 1) {
			cr_assert_eq(dpdk_ops.rx_receive(rx, view, BLOCK_ITEMS), 0, "not ours");
			continue;
		}
		cr_assert_eq(dpdk_ops.rx_receive(rx, view, BLOCK_ITEMS), 1, "the answer %u", i);
		memcpy(&frame, view[0].data, sizeof(frame));
		cr_assert_eq(view[0].len, 60, "padded");
		cr_assert(arp_frame_is(&frame, sizeof(frame), ARPOP_REPLY));
		cr_assert_eq(memcmp(frame.dst, asker, 6), 0);
		cr_assert_eq(memcmp(frame.target_mac, asker, 6), 0);
		cr_assert_eq(memcmp(frame.sender_mac, us, 6), 0);
		cr_assert_eq(memcmp(frame.sender_addr, &(uint32_t){ htonl(own) }, 4), 0);
		dpdk_ops.rx_release(rx);
	}
	/* none of the frames that answers took is handed to the builders */
	{
		unsigned char *count = calloc(q->nframes, 1);

		cr_assert_eq(take_back(q, count), 3 * DPDK_OWN, "requests");
		cr_assert_eq(count[0], 3 * DPDK_OWN, "all sent from frame 0");
		free(count);
	}
	cr_assert_eq(dpdk_ops.tx_flush(q), 0);
	finish();
}

struct heard {
	uint32_t addr[8];
	uint8_t mac[8][6];
	unsigned int n, enough;
};

static bool hear(void *arg, uint32_t addr, const uint8_t mac[6])
{
	struct heard *h = arg;

	h->addr[h->n] = addr;
	memcpy(h->mac[h->n], mac, 6);
	return ++h->n == h->enough;
}

/* What is in the ring is heard; of it, only replies with an Ethernet address that a station can have. */
Test(dpdk_port, asks_and_hears_who_answers)
{
	static const uint8_t us[6] = { 0x02, 0, 0, 0, 0, 1 }, far[6] = { 0x02, 0, 0, 0, 0, 2 },
			     group[6] = { 0x03, 0, 0, 0, 0, 2 };
	const uint32_t own = 0xc6120001u, gateway = 0xc6120002u;
	static const uint16_t len = 60, cut = 41;
	struct heard heard = { .enough = 2 };
	struct frame_view view[BLOCK_ITEMS];
	struct io_rxq *rx = NULL;
	struct arp_frame frame;
	struct arp_wire wire;
	struct io_txq *q;

	start("net_ring0", 1, 1);
	((struct dpdk_port *)port)->link.addr = own;
	memcpy(((struct dpdk_port *)port)->link.mac, us, 6);
	q = open_tx(0);
	cr_assert_eq(dpdk_ops.rx_open(port, 0, &rx, NULL), 0);
	dpdk_ops.arp(port, &wire);

	for (unsigned int i = 0; i < 3 * DPDK_OWN; i++) { /* more than the engine has frames for */
		arp_frame_ask(&frame, us, own, gateway);
		cr_assert_eq(arp_ask(&wire, gateway), 0, "request %u", i);
		cr_assert_eq(dpdk_ops.rx_receive(rx, view, BLOCK_ITEMS), 1);
		cr_assert_eq(view[0].len, 60, "padded");
		cr_assert_arr_eq(view[0].data, &frame, sizeof(frame));
		for (unsigned int k = sizeof(frame); k < 60; k++)
			cr_assert_eq(view[0].data[k], 0);
		dpdk_ops.rx_release(rx);
	}
	for (unsigned int i = 0; i < DPDK_OWN; i++)
		cr_assert_eq(arp_ask(&wire, gateway + 7), 0);
	cr_assert_eq(arp_ask(&wire, gateway + 7), -EAGAIN, "all of them are on their way");

	for (unsigned int i = 0; i < 7; i++) {
		uint8_t *bytes = q->frames + i * q->stride;

		arp_frame_ask(&frame, us, own, gateway);
		if (i > 0) /* 0: a request */
			arp_frame_answer(&frame, i == 1 ? group : far);
		if (i == 2)
			frame.ethertype = 0;
		if (i == 4) /* the listener chooses among those who answer */
			memcpy(frame.sender_addr, &(uint32_t){ htonl(gateway + 1) }, 4);
		memcpy(bytes, &frame, sizeof(frame));
		cr_assert_eq(dpdk_ops.tx_submit(q, &bytes, i == 3 ? &cut : &len, 1), 1);
	}
	cr_assert_eq(wire.listen(&wire, clock_mono_ns() + 10 * NS_PER_S, hear, &heard), 0);
	cr_assert_eq(heard.n, 2);
	cr_assert_eq(heard.addr[0], gateway + 1);
	cr_assert_eq(heard.addr[1], gateway);
	cr_assert_arr_eq(heard.mac[1], far, 6);
	/* with what came after it had enough the burst is over; nothing more comes until the time is */
	cr_assert_eq(wire.listen(&wire, clock_mono_ns() + NS_PER_S / 100, hear, &heard), 0);
	cr_assert_eq(heard.n, 2);
	cr_assert_eq(arp_ask(&wire, gateway), 0, "they have come back");
	cr_assert_eq(dpdk_ops.rx_receive(rx, view, BLOCK_ITEMS), 1);
	dpdk_ops.rx_release(rx);
	finish();
}

static int reset(void *arg)
{
	dpdk_reset(arg);
	return 0;
}

Test(dpdk_port, goes_on_after_a_reset)
{
	struct reading reading[64];
	unsigned char *count;
	struct io_txq *q;
	size_t n;

	start("net_null0,no-rx=1", 2, 1);
	q = open_tx(0);
	count = calloc(q->nframes, 1);
	send_all(q, 0, FRAMES);
	cr_assert_eq(dpdk_call(reset, port), 0);
	cr_assert_not(((struct dpdk_port *)port)->dead);
	send_all(q, FRAMES, q->nframes);
	cr_assert_eq(dpdk_ops.tx_flush(q), 0);
	cr_assert_eq(take_back(q, count), q->nframes);
	for (unsigned int i = 0; i < q->nframes; i++)
		cr_assert_eq(count[i], 1, "frame %u", i);
	/* one that does not come back takes what it is given, and says so */
	((struct dpdk_port *)port)->dead = true;
	send_all(q, 0, FRAMES);
	cr_assert_eq(take_back(q, count), FRAMES);
	cr_assert_eq(dpdk_ops.tx_flush(q), 0);
	n = dpdk_ops.stats(port, reading, 64);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(reading[i].name, "device_resets") == 0)
			cr_assert_eq(reading[i].value, 1);
		if (strcmp(reading[i].name, READING_SEND_LOST) == 0)
			cr_assert_eq(reading[i].value, FRAMES);
	}
	free(count);
	finish();
}

/* A table of its own that sends all to queue 0, until it is told otherwise; and again after a reset. */
Test(dpdk_port, replies_reach_every_queue)
{
	start("net_null0,no-rx=1", 1, 4);
	cr_assert(strstr(dpdk_ops.mode(port), "RSS over 4 queues, table written and verified"), "%s",
		  dpdk_ops.mode(port));
	cr_assert_eq(dpdk_call(reset, port), 0);
	cr_assert_not(((struct dpdk_port *)port)->dead);
	cr_assert(strstr(((struct dpdk_port *)port)->spread, "verified"));
	finish();
}

Test(dpdk_port, more_queues_than_there_are)
{
	struct error e = { .code = 0 };

	cr_assert_eq(dpdk_ops.init("--no-huge -m 256", &e), 0, "%s", e.text);
	cr_assert_eq(dpdk_ops.find_link("net_ring0", &link_, &e), 0, "%s", e.text);
	cr_assert_lt(dpdk_ops.open(&(struct io_port_options){ .link = &link_, .tx_queues = 300, .frames = 1 },
				   &port, &e),
		     0);
	cr_assert(strstr(e.text, "300 tx queues on net_ring0"), "%s", e.text);
	link_.mtu = 40;
	cr_assert_eq(dpdk_ops.open(
			     &(struct io_port_options){
				     .link = &link_, .tx_queues = 1, .frames = 1, .frame_len = 55 },
			     &port, &e),
		     -EMSGSIZE);
	cr_assert_eq(dpdk_ops.open(&(struct io_port_options){ .link = &link_, .tx_queues = 1 }, &port, &e),
		     -EINVAL);
	dpdk_ops.fini();
}
