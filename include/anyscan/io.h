/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The io contract: thin adapters that put frames on a wire and take frames from
 * it. One struct io_ops per engine, one folder per engine under io/. Everything
 * works on batches; nothing here is called per packet.
 *
 * Calling threads: init, fini, probe, link, open, close, stats, tx_open and
 * rx_open belong to the set-up thread (stats may also be called by it while
 * the queues run). tx_* of a queue belong to the one tx thread that owns the
 * queue, rx_* to the one rx thread. enter/leave are called by every thread
 * that owns a queue, before its first and after its last queue call.
 *
 * Errors: set-up calls return 0 or a negative errno and fill *error; calls on
 * queues do not fail, they count.
 */
#ifndef ANYSCAN_IO_H
#define ANYSCAN_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/cookie.h"
#include "anyscan/counters.h"
#include "anyscan/error.h"
#include "anyscan/world.h"

#define IO_NAME_MAX 256
#define IO_FRAME_STRIDE 2048 /* bytes between frames of a queue, unless the engine says otherwise */

/* What a reply to this scan looks like, for filters in the kernel and for rx. Host order. */
struct io_match {
	struct cookie_key key;
	uint32_t local_addr;
	uint16_t port_first, port_last; /* our source ports, inclusive */
	uint8_t ip_proto; /* IPPROTO_TCP, ... */
	uint8_t last_probe; /* of a target, from 0 on: an echo has its cookie but for that number */
};

/* Who we are on a link and how to leave it. Addresses in host order, 0 = none. */
struct io_link {
	char name[IO_NAME_MAX];
	int ifindex; /* 0: not a kernel interface */
	uint8_t mac[6];
	uint8_t gateway_mac[6];
	bool gateway_mac_known;
	uint32_t addr; /* source address */
	uint32_t gateway;
	uint32_t onlink_net, onlink_mask; /* the connected prefix; mask 0xffffffff and net 0: none */
	unsigned int mtu; /* bytes, IP and up */
	unsigned int tx_queues,
		rx_queues; /* what the device has; rx 0: it opens as many as it is asked for */
	char kind[16]; /* rtnetlink kind ("veth", "ifb", ...); "" for hardware */
};

struct io_port_options {
	const struct io_link *link;
	unsigned int tx_queues, rx_queues; /* to open: indices 0..n-1 */
	unsigned int frames; /* frames that each tx queue must own */
	unsigned int frame_len; /* longest frame that will be submitted, bytes without FCS */
	struct io_match match;
	const struct world *world; /* sim only */
	const char *world_seen; /* sim only: path of the map of targets seen, or NULL */
	const char *
		xdp_mode; /* af_xdp only: xdp_mode_names[] of what must be granted; NULL: the best there is */
};

struct io_ops;
struct arp_wire; /* io/arp.h */

/* Engines embed these as first members. */
struct io_port {
	const struct io_ops *ops;
	const struct io_link *link;
	struct io_match match;
};

struct io_txq {
	struct io_port *port;
	unsigned int index;
	uint8_t *frames; /* frame i lies at frames + i * stride; blank, owned by the builders at start */
	size_t stride;
	unsigned int nframes;
	const char *memory; /* what its frames lie in, for people: "ordinary pages"; NULL: not told */
	unsigned int
		depth; /* most frames the queue can hold in flight; nframes >= depth + what blocks hold */
	uint32_t retry_ns; /* how soon a full queue is worth asking again; 0: as a kernel's socket is */
};

struct io_rxq {
	struct io_port *port;
	unsigned int index;
	int fd; /* becomes readable when frames wait; -1: only rx_receive() tells */
};

/* A received frame, Ethernet header first. Valid until rx_release(). */
struct frame_view {
	const uint8_t *data;
	uint32_t len; /* bytes captured */
	uint64_t time_ns; /* CLOCK_REALTIME */
};

struct io_ops {
	const char *name; /* as in --io-engine */
	const char *summary; /* one line for --help */
	bool on_wire; /* frames go to a network; else to a file, to a world in this process, or nowhere */
	bool needs_interface; /* -i names a kernel interface, with routes and neighbours */
	bool hides_replies; /* the kernel does not see what rx gets: it will not close what a SYN-ACK opened */
	bool all_rx_queues; /* the NIC spreads replies: every rx queue of the link is opened, whoever serves it */

	/* process; each may be NULL */
	int (*probe)(struct error *why); /* 0: this host can; else *why says what is missing and the remedy */
	int (*init)(const char *args, struct error *);
	void (*fini)(void);

	/* port */
	int (*find_link)(const char *name, struct io_link *, struct error *); /* identity, before open() */
	int (*open)(const struct io_port_options *, struct io_port **, struct error *);
	void (*close)(struct io_port *); /* after every queue thread has left; closes the queues too */
	size_t (*stats)(struct io_port *, struct reading *,
			size_t max); /* what kernel or NIC counted, by cause */
	/* Set-up thread, while the queues run, where the kernel has no interface of it. NULL: nobody can tell. */
	bool (*link_up)(struct io_port *);
	const char *(*mode)(const struct io_port *); /* how it sends: "sendmmsg", "tx_ring", ... */
	/* Before open(), for --show-plan: tries what mode() would say. May be NULL. 0, or negative errno and *error. */
	int (*try_mode)(const struct io_port_options *, char *text, size_t size, struct error *);
	int (*tx_open)(struct io_port *, unsigned int index, struct io_txq **, struct error *);
	int (*rx_open)(struct io_port *, unsigned int index, struct io_rxq **, struct error *);
	/*
	 * How to ask on the link who is where, if the kernel has no interface of it: set-up thread, from when all queues
	 * are open until the first thread enters. NULL: nobody is asked.
	 */
	void (*arp)(struct io_port *, struct arp_wire *);

	/* queue tx */
	/* Takes the first k <= n frames, in order, and returns k. 0 = full for now; a refused frame stays the caller's. */
	unsigned int (*tx_submit)(struct io_txq *, uint8_t *const frame[], const uint16_t len[],
				  unsigned int n);
	void (*tx_kick)(struct io_txq *); /* starts what was submitted; may be NULL */
	/* Gives back up to n frames that have left. */
	unsigned int (*tx_reclaim)(struct io_txq *, uint8_t *frame[], unsigned int n);
	/*
	 * Pushes what is in flight; returns frames still not reclaimable. Called until 0 after the last probe, and once
	 * more after the last answer where replies are answered.
	 */
	unsigned int (*tx_flush)(struct io_txq *);

	/* queue rx; NULL for engines that receive nothing */
	unsigned int (*rx_receive)(struct io_rxq *, struct frame_view[], unsigned int n);
	void (*rx_release)(struct io_rxq *); /* gives back all frames of the last rx_receive() */
	/* When fd is -1: the latest CLOCK_MONOTONIC time, ns, at which rx_receive() should be tried again. */
	uint64_t (*rx_next)(struct io_rxq *, uint64_t now_ns);

	/* thread; may be NULL */
	int (*enter)(struct io_port *);
	void (*leave)(struct io_port *);
};

/* The table of engines built in, NULL-terminated. */
extern const struct io_ops *const io_engines[];

/* The engine of that name, or NULL. */
const struct io_ops *io_find(const char *name);

#endif
