/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world as a function on bursts of frames, for wires that do not pass through the kernel: what responder.bpf.c is
 * to XDP, with the frames of io/sim. One thread.
 */
#ifndef ANYSCAN_WORLD_RESPOND_H
#define ANYSCAN_WORLD_RESPOND_H

#include <stdint.h>

#include "anyscan/world.h"
#include "area.h"
#include "io/sim/sim.h"
#include "responder.h"

#define RESPOND_BURST 96 /* frames at once, at most. Over memif 64 are 0.93 as fast and 128 0.97 */
#define RESPOND_ROOM SIM_REPLY_MAX /* bytes that the buffer of a frame needs for its answer */

struct responder {
	struct world world;
	const struct area *area;
	uint8_t mac[6]; /* says ARP, whatever address is asked for: the world is behind its gateway */
	uint64_t *seen; /* area_words() */
	uint64_t *times; /* of arrival, CLOCK_MONOTONIC ns, of the first times_room frames */
	uint32_t times_room, times_next;
	struct counts counts; /* written by respond() alone, a burst at a time; read anywhere */
};

/*
 * Takes n frames, len[i] bytes at frame[i], and writes the answers over them: the answer to frame i is len[i] bytes
 * long then and goes out copies[i] times, 0, 1 or 2. now: when they came, CLOCK_MONOTONIC ns.
 */
void respond(struct responder *, uint8_t *const frame[], uint16_t len[], uint8_t copies[], unsigned int n,
	     uint64_t now);

/* Answers that could not be sent after all. */
void respond_failed(struct responder *, uint64_t answers);

#endif
