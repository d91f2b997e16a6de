/* SPDX-License-Identifier: Apache-2.0 */
/*
 * af_packet beside the bare loop of the same socket calls on the same device, per frame, on one CPU and on two:
 * the engine alone, and a whole scan (gen, build, tx) over it. The veth's other end drops every frame in XDP; the ifb is a wire. All in a
 * network namespace that ends with this process. Elapsed time, as the kernel works for us after the call has returned.
 *
 *     bench_af_packet loop DEVICE FRAMES    the bare loop alone, on a device of the namespace at hand: for bench/compare;
 *                                          replies are taken from a ring and thrown away
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/probe_frames.h"
#include "bench/report.h"
#include "bench/wires.h"
#include "io/engines.h"

#define RUN_BLOCKS 4096 /* 524,288 frames: of a scan of a tenth of a second the start is 3% */
#define LOOP_BLOCKS \
	512 /* of the loop alone, between two looks at its replies: what a third of the frames brings has room */
#define SLOTS 1024
#define SLOT_BYTES 256

struct wire {
	struct io_link link;
	struct io_port *port;
	struct io_txq *queue;
	struct probe_template template;
	struct frame_block block[PROBE_BLOCKS];
	unsigned int blocks; /* that one run sends */
	int fd; /* the bare socket */
	uint8_t *ring; /* its TX_RING, or NULL: sendmmsg */
	unsigned int slot;
	struct mmsghdr msg[PROBE_BLOCKS][BLOCK_ITEMS];
	struct iovec iov[PROBE_BLOCKS][BLOCK_ITEMS];
};

struct wires { /* a queue for each core */
	struct wire wire[2];
	unsigned int cores;
};

static void refused(const char *what)
{
	fprintf(stderr, "bench_af_packet: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double engine(void *arg)
{
	struct wire *r = arg;
	const double start = bench_now();
	uint8_t *back[BLOCK_ITEMS];

	for (unsigned int i = 0; i < r->blocks; i++) {
		const struct frame_block *b = &r->block[i % PROBE_BLOCKS];

		for (unsigned int done = 0; done < BLOCK_ITEMS;) {
			done += af_packet_ops.tx_submit(r->queue, b->frame + done, b->len + done,
							BLOCK_ITEMS - done);
			af_packet_ops.tx_kick(r->queue);
			while (af_packet_ops.tx_reclaim(r->queue, back, BLOCK_ITEMS) == BLOCK_ITEMS)
				;
		}
	}
	while (af_packet_ops.tx_flush(r->queue) > 0)
		;
	return (bench_now() - start) * 1e9 / ((double)r->blocks * BLOCK_ITEMS);
}

/* The message headers of every block are ready before the clock starts. */
static double bare_sendmmsg(struct wire *r)
{
	double start;

	for (unsigned int b = 0; b < PROBE_BLOCKS; b++)
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
			r->iov[b][i] = (struct iovec){ r->block[b].frame[i], r->block[b].len[i] };
			r->msg[b][i].msg_hdr = (struct msghdr){ .msg_iov = &r->iov[b][i], .msg_iovlen = 1 };
		}
	start = bench_now();
	for (unsigned int i = 0; i < r->blocks; i++)
		for (int done = 0; done < BLOCK_ITEMS;) {
			const int n = sendmmsg(r->fd, r->msg[i % PROBE_BLOCKS] + done,
					       (unsigned int)(BLOCK_ITEMS - done), MSG_DONTWAIT);

			if (n < 0 && errno != ENOBUFS && errno != EAGAIN)
				refused("sendmmsg");
			done += n > 0 ? n : 0;
		}
	return (bench_now() - start) * 1e9 / ((double)r->blocks * BLOCK_ITEMS);
}

static struct tpacket2_hdr *slot(struct wire *r, unsigned int i)
{
	return (struct tpacket2_hdr *)(r->ring + (size_t)(i % SLOTS) * SLOT_BYTES);
}

static void start_ring(struct wire *r)
{
	if (send(r->fd, NULL, 0, MSG_DONTWAIT) < 0 && errno != ENOBUFS && errno != EAGAIN)
		refused("send");
}

/* Every slot holds its frame before the clock starts: nothing is copied but by the kernel. */
static double bare_ring(struct wire *r)
{
	const double start = bench_now();

	for (unsigned int i = 0; i < r->blocks; i++) {
		for (unsigned int k = 0; k < BLOCK_ITEMS; k++, r->slot++) {
			while (__atomic_load_n(&slot(r, r->slot)->tp_status, __ATOMIC_ACQUIRE) !=
			       TP_STATUS_AVAILABLE)
				start_ring(r);
			__atomic_store_n(&slot(r, r->slot)->tp_status, TP_STATUS_SEND_REQUEST,
					 __ATOMIC_RELEASE);
		}
		start_ring(r);
	}
	for (unsigned int i = 0; i < SLOTS; i++)
		while (__atomic_load_n(&slot(r, i)->tp_status, __ATOMIC_ACQUIRE) != TP_STATUS_AVAILABLE)
			start_ring(r);
	return (bench_now() - start) * 1e9 / ((double)r->blocks * BLOCK_ITEMS);
}

static double bare(void *arg)
{
	struct wire *r = arg;

	return r->ring != NULL ? bare_ring(r) : bare_sendmmsg(r);
}

static void open_bare(struct wire *r, bool ring)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = r->link.ifindex };
	const struct tpacket_req request = { .tp_block_size = 64 << 10,
					     .tp_block_nr = SLOTS * SLOT_BYTES / (64 << 10),
					     .tp_frame_size = SLOT_BYTES,
					     .tp_frame_nr = SLOTS };
	const int on = 1, version = TPACKET_V2, buffer = 8 << 20;

	r->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	r->ring = NULL;
	if (r->fd < 0 || setsockopt(r->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)) < 0 ||
	    setsockopt(r->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0 ||
	    bind(r->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		refused("socket");
	if (!ring)
		return;
	if (setsockopt(r->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(r->fd, SOL_PACKET, PACKET_TX_RING, &request, sizeof(request)) < 0)
		refused("PACKET_TX_RING");
	r->ring = mmap(NULL, SLOTS * SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, 0);
	if (r->ring == MAP_FAILED)
		refused("mmap");
	for (unsigned int i = 0; i < SLOTS; i++) {
		const struct frame_block *b = &r->block[i / BLOCK_ITEMS];

		memcpy((uint8_t *)slot(r, i) + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll),
		       b->frame[i % BLOCK_ITEMS], b->len[i % BLOCK_ITEMS]);
		slot(r, i)->tp_len = b->len[i % BLOCK_ITEMS];
	}
}

static double scan(void *arg)
{
	const struct wires *w = arg;

	return wires_scan("af_packet", &af_packet_ops, &w->wire[0].link, NULL, w->cores, "10.0.0.0/13",
			  524288);
}

static double engines(void *arg)
{
	struct wires *w = arg;

	return w->cores > 1 ? bench_on_two(engine, &w->wire[0], &w->wire[1]) : engine(&w->wire[0]);
}

static double bares(void *arg)
{
	struct wires *w = arg;

	return w->cores > 1 ? bench_on_two(bare, &w->wire[0], &w->wire[1]) : bare(&w->wire[0]);
}

/* The engine's queues, with their frames made, and the bare socket beside each. */
static void open_wires(struct wires *w, unsigned int cores, const char *device)
{
	struct wire *first = &w->wire[0];
	struct io_port_options o = { .link = &first->link, .tx_queues = cores, .frames = PROBE_FRAMES };
	struct error e;

	w->cores = cores;
	wires_link("af_packet", device, &first->link);
	o.frame_len = probe_prepare(&first->link, &first->template);
	if (af_packet_ops.open(&o, &first->port, &e) < 0)
		goto failed;
	for (unsigned int i = 0; i < cores; i++) {
		struct wire *r = &w->wire[i];

		r->link = first->link;
		r->template = first->template;
		r->port = first->port;
		r->blocks = RUN_BLOCKS;
		if (af_packet_ops.tx_open(r->port, i, &r->queue, &e) < 0)
			goto failed;
		probe_blocks(&r->template, r->queue, r->block);
		open_bare(r, strncmp(af_packet_ops.mode(r->port), "tx_ring", 7) == 0);
	}
	return;
failed:
	fprintf(stderr, "bench_af_packet: %s\n", e.text);
	exit(1);
}

static void close_wires(struct wires *w)
{
	for (unsigned int i = 0; i < w->cores; i++) {
		if (w->wire[i].ring != NULL)
			munmap(w->wire[i].ring, SLOTS * SLOT_BYTES);
		close(w->wire[i].fd);
	}
	af_packet_ops.close(w->wire[0].port);
}

static struct wires wires;

/* What is in the ring is looked at by nobody: what the kernel does for a reply, and no more. */
static void receive(struct io_rxq *q)
{
	struct frame_view view[BLOCK_ITEMS];

	while (af_packet_ops.rx_receive(q, view, BLOCK_ITEMS) > 0)
		af_packet_ops.rx_release(q);
}

static struct io_rxq *open_ring(const struct io_link *link, struct io_port **port)
{
	const struct io_port_options o = { .link = link,
					   .rx_queues = 1,
					   .match = { .key = { 1, 2 },
						      .local_addr = link->addr,
						      .port_first = 32768,
						      .port_last = 61000,
						      .ip_proto = IPPROTO_TCP } };
	struct io_rxq *q;
	struct error e;

	if (af_packet_ops.open(&o, port, &e) == 0 && af_packet_ops.rx_open(*port, 0, &q, &e) == 0)
		return q;
	fprintf(stderr, "bench_af_packet: %s\n", e.text);
	exit(1);
}

static void loop(const char *device, unsigned long frames)
{
	struct io_port *port;
	struct io_rxq *replies;

	open_wires(&wires, 1, device);
	wires.wire[0].blocks = LOOP_BLOCKS;
	replies = open_ring(&wires.wire[0].link, &port);
	for (unsigned long sent = 0; sent < frames; sent += LOOP_BLOCKS * BLOCK_ITEMS) {
		bare(&wires.wire[0]);
		receive(replies);
	}
	af_packet_ops.close(port);
	close_wires(&wires);
}

static void pairs(const char *device, const char *kind, unsigned int cores)
{
	char name[64], roof[64];

	open_wires(&wires, cores, device);
	snprintf(roof, sizeof(roof), "bare %s loop", wires.wire[0].ring != NULL ? "TX_RING" : "sendmmsg");
	snprintf(name, sizeof(name), "af_packet, %s", kind);
	bench_pair(
		(struct bench_result){ .bench = "submit", .case_name = name, .cores = cores, .roof = roof },
		engines, bares, &wires);
	snprintf(name, sizeof(name), "whole scan, %s", kind);
	bench_pair(
		(struct bench_result){
			.bench = "af_packet", .case_name = name, .cores = cores, .roof = roof },
		scan, bares, &wires);
	close_wires(&wires);
}

static void run(const char *device, const char *kind)
{
	int cpu[2];

	bench_unpin();
	const unsigned int cpus = bench_cpus(cpu, 2);

	bench_pin_here();
	for (unsigned int cores = 1; cores <= cpus; cores++)
		pairs(device, kind, cores);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "loop") == 0) {
		loop(argv[2], strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (!wires_begin("af_packet"))
		return 0;
	wires_each("af_packet", run);
	return 0;
}
