/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine sim: the internet of anyscan/world.h, in this process. A tx queue
 * decides what the world answers to each probe and puts a compact answer on a
 * lane; the rx queue makes the frame of it when its time has come.
 *
 *     tx queue i -- prompt ring, late ring --> rx queue i % rx_queues
 *
 * Each ring is in order of due time, because all its answers have the same
 * delay: so no heap, and one comparison tells whether anything is due.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <assert.h>
#include <ck_ring.h>
#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "anyscan/io.h"
#include "io/departed.h"
#include "io/fixed_link.h"
#include "io/sim/bottleneck.h"
#include "io/sim/seen.h"

enum sim_flag {
	SIM_TWICE = 1, /* the answer is duplicated */
	SIM_DF = 2, /* the probe had Don't Fragment set */
	SIM_GARBAGE = 4, /* not an answer but rubbish: set only inside rx */
	SIM_ECHO = 8, /* the probe was an ICMP echo request: ports are 0, seq is its id and seq */
};

/* What crosses from tx to rx, by value: two to a cache line. Host order. */
struct sim_answer {
	uint64_t due_ns; /* CLOCK_MONOTONIC */
	uint32_t addr, saddr; /* the target and who asked */
	uint32_t seq; /* of the probe */
	uint16_t port, local_port;
	uint16_t ip_id, ip_len; /* of the probe: an unreachable quotes them, an echo reply is as long */
	uint8_t ip_tos, ip_ttl;
	uint8_t fate; /* enum world_fate, not WORLD_SILENT */
	uint8_t flags; /* enum sim_flag */
};
static_assert(sizeof(struct sim_answer) == 32, "two answers to a cache line");

CK_RING_PROTOTYPE(sim_answer, sim_answer)

struct sim_lane {
	struct ck_ring ring __attribute__((aligned(CACHE_LINE)));
	struct sim_answer *slot; /* NULL: this lane is never used */
	/* rx: ck_ring cannot peek, so the first answer waits here until it is due */
	struct sim_answer head __attribute__((aligned(CACHE_LINE)));
	bool held;
};

enum sim_count { /* one writer: the tx queue's thread; names in sim_count_names[] */
	SIM_FRAMES, /* probes that reached the world: the sum of the five fates */
	SIM_SILENT, /* in the order of enum world_fate */
	SIM_OPEN,
	SIM_CLOSED,
	SIM_UNREACH,
	SIM_FORGED,
	SIM_LOST, /* of those that would have been answered */
	SIM_DUPLICATED, /* answered twice */
	SIM_LATE, /* answered late */
	SIM_BAD_CHECKSUM,
	SIM_NOT_A_PROBE,
	SIM_RESETS, /* RSTs, which the world takes and has no use for */
	SIM_BOTTLENECK, /* frames of any kind that have never reached the world; only with a bottleneck */
	SIM_TARGETS, /* seen for the first time; these two only with a map */
	SIM_REPEATS,
	SIM_COUNTS,
};
static_assert(SIM_FORGED - SIM_SILENT == WORLD_FORGED - WORLD_SILENT, "fates are counted by their number");

struct sim_txq {
	struct departed departed;
	struct sim_port *port;
	struct sim_lane *prompt, *late;
	counter count[SIM_COUNTS] __attribute__((aligned(CACHE_LINE)));
};

#define SIM_BATCH 256 /* frames that one rx_receive() hands out at most */
#define SIM_REPLY_MAX 128 /* bytes of the longest frame that the world sends */

struct sim_rxq {
	struct io_rxq rxq;
	struct sim_port *port;
	struct sim_lane **lane; /* of this queue, none without slots */
	unsigned int lanes, turn; /* turn: the lane to begin with, so that none starves */
	counter replies; /* frames handed out */
	/* second copies and rubbish, for the next rx_receive(): a duplicate comes some frames later */
	struct sim_answer extra[2 * SIM_BATCH];
	unsigned int extras;
	uint8_t frame[SIM_BATCH][SIM_REPLY_MAX] __attribute__((aligned(CACHE_LINE)));
};

struct sim_port {
	struct io_port port;
	struct io_link link;
	struct io_port_options options;
	struct world world;
	struct seen *seen; /* NULL: no map */
	struct bottleneck bottleneck; /* of all its tx queues; in use where world.bottleneck has a kind */
	struct sim_lane *lane; /* 2 per tx queue: prompt, late */
	struct sim_txq *tx[FIXED_LINK_QUEUES];
	struct sim_rxq *rx[FIXED_LINK_QUEUES];
};

/* The engine's open, with rings of ring_size - 1 answers (a power of two >= 4); 0: sized from the RTT. */
int sim_open_sized(const struct io_port_options *, unsigned int ring_size, struct io_port **, struct error *);

/* sim_tx.c: the tx thread */
unsigned int sim_submit(struct io_txq *, uint8_t *const frame[], const uint16_t len[], unsigned int n);

/*
 * sim_probe.c: any thread. What the frame is: SIM_FRAMES, a probe; SIM_RESETS, what closes one; SIM_BAD_CHECKSUM, either
 * of them damaged; or SIM_NOT_A_PROBE. But for the last, fills *a with all that the frame tells.
 */
enum sim_count sim_read_probe(const uint8_t *frame, uint32_t len, struct sim_answer *a);

/* sim_rx.c: the rx thread */
unsigned int sim_receive(struct io_rxq *, struct frame_view[], unsigned int n);
void sim_release(struct io_rxq *);
uint64_t sim_next(struct io_rxq *, uint64_t now_ns);

/* sim_reply.c: any thread. Makes the frame of an answer into frame[SIM_REPLY_MAX]; returns its bytes. */
uint32_t sim_reply(const struct world *, const struct io_link *, const struct sim_answer *, uint8_t *frame);
/* True when a forging target sends rubbish besides its forgery: a quarter of them do. */
bool sim_sends_garbage(const struct world *, uint32_t addr, uint16_t port);

#endif
