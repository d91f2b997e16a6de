/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this engine share. Private to io/af_xdp (and its tests).
 *
 * One socket per (NIC, queue): its TX and completion rings belong to the tx thread of the queue, its RX and fill rings
 * to the rx thread. The frames of one lie in the first part of the socket's memory, those of the other in the rest, so
 * that the two threads share nothing but the descriptor and sendto() on it.
 */
#ifndef AF_XDP_PORT_H
#define AF_XDP_PORT_H

#include "anyscan/block.h"
#include "anyscan/io.h"
#include "io/af_xdp/calls.h"
#include "io/af_xdp/granted.h"
#include "io/af_xdp/program.h"
#include "io/af_xdp/ring.h"
#include "io/allowance.h"
#include "io/netlink/link.h"
#include "io/send_errors.h"
#include "rings/lines.h"
#include "rings/pages.h"

#define XDP_QUEUES_MAX 1024
#define XDP_RX_FRAMES_LEAST 256 /* per queue: what the ring of a veth holds */
#define XDP_TX_DEPTH 1024 /* frames in flight per queue; power of two */

struct xdp_umem {
	struct pages pages;
	size_t bytes; /* registered: TX frames, then RX frames */
	size_t tx_bytes; /* a multiple of chunk */
	uint32_t chunk; /* bytes of an RX frame, power of two */
	uint32_t rx_frames;
};

struct xdp_tx {
	struct io_txq io;
	int fd;
	uint8_t *base; /* of the memory: descriptors hold offsets */
	struct xdp_ring tx, completion;
	uint32_t in_flight; /* submitted and not reclaimed */
	uint64_t full_until; /* CLOCK_MONOTONIC: no kick before; 0 = the device is not full */
	uint64_t stuck_since; /* CLOCK_MONOTONIC, while flush() sees no progress; 0 = it does */
	struct send_errors errors;
} __attribute__((aligned(2 * CACHE_LINE)));

struct xdp_rx {
	struct io_rxq io;
	int fd; /* -1: the NIC has no such queue */
	const uint8_t *base;
	uint32_t chunk;
	struct xdp_ring rx, fill;
	uint32_t held; /* frames of the last receive, at rx.next */
	bool fresh; /* something came since rx_next() was asked last */
	uint64_t busy_ns; /* when it saw so */
} __attribute__((aligned(2 * CACHE_LINE)));

struct xdp_queue {
	struct xdp_tx tx;
	uint8_t apart[LINES_APART]; /* from what another thread writes */
	struct xdp_rx rx;
	uint8_t apart_too[LINES_APART];
	unsigned int index;
	int fd; /* -1: not open */
	struct xdp_umem umem;
};

struct xdp_port {
	struct io_port io;
	struct io_link link;
	const struct xdp_calls *calls;
	struct xdp_program *program; /* NULL: nothing is received */
	unsigned int first; /* queue 0 of ours is this one of the NIC's */
	unsigned int txqs, rxqs; /* asked for */
	unsigned int rx_present; /* of them: those that the NIC has */
	unsigned int frames; /* of each tx queue */
	uint32_t rx_wanted, rx_frames; /* of each rx queue, powers of two: to be had, and granted */
	unsigned int stride;
	enum xdp_mode mode;
	struct xdp_refusals refused;
	char text[1024]; /* mode() */
	struct link_counters at_open;
	struct allowance allowance;
	unsigned int queues;
	struct xdp_queue *queue;
};

/* af_xdp.c. first: NIC's queue that becomes our queue 0. */
int xdp_port_open(const struct io_port_options *, unsigned int first, const struct xdp_calls *,
		  struct xdp_port **, struct error *);
void xdp_port_close(struct xdp_port *);

/* ladder.c: attaches the program and opens every queue in the best mode that is granted, or in `only` (-1: any). */
int xdp_ladder_climb(struct xdp_port *, int only, struct error *);
void xdp_ladder_leave(struct xdp_port *);

/* umem.c. tx_bytes is rounded up to whole chunks. */
int xdp_umem_map(struct xdp_umem *, size_t tx_bytes, uint32_t rx_frames, uint32_t chunk);
void xdp_umem_unmap(struct xdp_umem *);

/* queue.c. init: as if it had been closed. open: memory, socket, rings and bind. flags: XDP_COPY or XDP_ZEROCOPY. */
void xdp_queue_init(struct xdp_port *, unsigned int index);
int xdp_queue_open(struct xdp_port *, unsigned int index, uint16_t flags, uint32_t chunk, struct error *);
void xdp_queue_close(struct xdp_queue *);

/* tx_queue.c */
unsigned int xdp_tx_submit(struct io_txq *, uint8_t *const frame[], const uint16_t len[], unsigned int n);
void xdp_tx_kick(struct io_txq *);
unsigned int xdp_tx_reclaim(struct io_txq *, uint8_t *frame[], unsigned int n);
unsigned int xdp_tx_flush(struct io_txq *);

/* rx_queue.c */
void xdp_rx_fill(struct xdp_rx *, const struct xdp_umem *); /* set-up: every frame of it */
unsigned int xdp_rx_receive(struct io_rxq *, struct frame_view[], unsigned int n);
void xdp_rx_release(struct io_rxq *);
uint64_t xdp_rx_next(struct io_rxq *, uint64_t now_ns);

/* stats.c */
size_t xdp_stats(struct io_port *, struct reading *, size_t max);

#endif
