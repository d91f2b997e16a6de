/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this engine share. Private to io/af_packet (and its tests). */
#ifndef AF_PACKET_PORT_H
#define AF_PACKET_PORT_H

#include "anyscan/io.h"
#include "io/af_packet/filter.h"
#include "io/allowance.h"
#include "io/netlink/link.h"
#include "io/send_errors.h"
#include "rings/pages.h"

#define PACKET_QUEUES_MAX 1024

struct packet_txq { /* first member of each method's queue */
	struct io_txq io;
	int fd;
	uint16_t len_max; /* longer frames can never be sent */
	struct pages pages; /* the memory of the frames */
	struct send_errors errors;
	uint8_t **left; /* frames that have left and wait for tx_reclaim(); room for all of the queue's */
	unsigned int nleft;
};

/* A way to hand frames to the kernel. Both copy: a frame is free as soon as submit() has taken it. */
struct tx_method {
	const char *name;
	int (*open)(struct packet_txq *, struct error *); /* the socket and the frames are there */
	void (*close)(struct packet_txq *);
	size_t size; /* of the method's queue */
	unsigned int (*submit)(struct io_txq *, uint8_t *const frame[], const uint16_t len[], unsigned int n);
	void (*kick)(struct io_txq *); /* may be NULL */
	unsigned int (*flush)(struct io_txq *); /* may be NULL */
};

extern const struct tx_method tx_sendmmsg, tx_ring;

struct rx_ring; /* rx_ring.c */

struct packet_port {
	struct io_port io;
	struct io_link link;
	const struct tx_method *method; /* tests may set it between open() and tx_open() */
	unsigned int frames, frame_len;
	struct packet_filter *filter; /* NULL: nothing is received */
	char mode[64];
	struct link_counters at_open;
	struct allowance allowance;
	int fanout; /* group id, once the first of several rx queues has one; else -1 */
	unsigned int txqs, rxqs;
	struct packet_txq **txq;
	struct rx_ring **rxq;
};

/* tx_queue.c: socket, frame memory and method. */
int packet_tx_open(struct io_port *, unsigned int index, struct io_txq **, struct error *);
void packet_tx_close(struct packet_txq *);
unsigned int packet_tx_reclaim(struct io_txq *, uint8_t *frame[], unsigned int n);

/* rx_ring.c */
int packet_rx_open(struct io_port *, unsigned int index, struct io_rxq **, struct error *);
void packet_rx_close(struct rx_ring *);
unsigned int packet_rx_receive(struct io_rxq *, struct frame_view[], unsigned int n);
void packet_rx_release(struct io_rxq *);

struct rx_ring_counters {
	uint64_t packets, drops, freezes; /* packets passed the filter; drops of them found the ring full */
};
/* Set-up thread. Since the ring was opened; the kernel's own counters restart at every read. */
void packet_rx_counters(struct rx_ring *, struct rx_ring_counters *);

/* stats.c */
size_t packet_stats(struct io_port *, struct reading *, size_t max);

/* 0, or the sentence for a socket() that failed: code is a negative errno. */
int packet_socket_error(struct error *, int code);

#endif
