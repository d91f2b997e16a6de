/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In two passes: all frames are read and the words of the map that they need asked for, then they are answered. The map
 * of a /8 is 2 MiB and read at random.
 */
#include "respond.h"

#include <string.h>

#include "anyscan/counters.h"
#include "io/arp_frame.h"
#include "io/wire.h"

struct asked { /* a frame as read */
	struct sim_answer answer;
	enum sim_count kind;
	bool target;
	uint64_t bit; /* of the map */
};

static void read_frame(const struct responder *r, const uint8_t *frame, uint32_t len, struct asked *q)
{
	const struct area *area = r->area;
	const struct sim_answer *a = &q->answer;

	q->target = false;
	/* tags are for who has VLANs: the world has none */
	q->kind = wire_tag(frame, len) == 0 ? sim_read_probe(frame, len, &q->answer) : SIM_NOT_A_PROBE;
	if (q->kind == SIM_NOT_A_PROBE)
		return;
	q->target = ((a->flags & SIM_ECHO) != 0) == area->echo && area->index[a->port] != NO_PORT &&
		    a->addr >= area->first && a->addr <= area->last;
	if (!q->target)
		return;
	q->bit = (uint64_t)(a->addr - area->first) * area->ports.count + area->index[a->port];
	__builtin_prefetch(&r->seen[q->bit >> 6], 1);
}

static bool answer_arp(const struct responder *r, uint8_t *bytes, uint32_t len)
{
	static const uint8_t none[4];
	struct arp_frame *arp = (struct arp_frame *)bytes;

	/* who asks for its own address, or has none yet, wants to hear nothing (RFC 5227) */
	if (!arp_frame_is(arp, len, ARPOP_REQUEST) || memcmp(arp->sender_addr, arp->target_addr, 4) == 0 ||
	    memcmp(arp->sender_addr, none, 4) == 0)
		return false;
	arp_frame_answer(arp, r->mac);
	return true;
}

static void count_fate(struct counts *n, uint8_t fate)
{
	__u64 *const count[WORLD_FATES] = {
		[WORLD_SILENT] = &n->silent,   [WORLD_OPEN] = &n->open,	    [WORLD_CLOSED] = &n->closed,
		[WORLD_UNREACH] = &n->unreach, [WORLD_FORGED] = &n->forged,
	};

	++*count[fate];
}

/* Writes the answer of a probe over it; returns how often it is sent. */
static uint8_t answer_probe(struct responder *r, const struct world *w, struct asked *q, uint8_t *frame,
			    uint16_t *len, struct counts *n)
{
	struct sim_answer *a = &q->answer;
	uint64_t *word = &r->seen[q->bit >> 6];
	const uint64_t mask = 1ULL << (q->bit & 63);
	struct io_link link;
	unsigned int path;

	n->repeats += (*word & mask) != 0;
	__atomic_store_n(word, *word | mask, __ATOMIC_RELAXED); /* the only writer; SIGUSR1 reads */
	a->fate = (uint8_t)(a->flags & SIM_ECHO ? world_echo_fate(w, a->addr) :
						  world_fate(w, a->addr, a->port));
	count_fate(n, a->fate);
	if (a->fate == WORLD_SILENT)
		return 0;
	path = world_path(w, a->addr, a->port, a->local_port, a->seq);
	if (path & WORLD_LOST) {
		n->lost++;
		return 0;
	}
	memcpy(link.mac, frame + 6, 6);
	memcpy(link.gateway_mac, frame, 6);
	*len = (uint16_t)sim_reply(w, &link, a, frame);
	n->duplicated += (path & WORLD_DUPLICATED) != 0;
	return path & WORLD_DUPLICATED ? 2 : 1;
}

static uint8_t answer(struct responder *r, const struct world *w, struct asked *q, uint8_t *frame,
		      uint16_t *len, struct counts *n)
{
	if (q->kind == SIM_NOT_A_PROBE) {
		n->other++;
		return answer_arp(r, frame, *len);
	}
	if (!q->target) {
		n->outside++;
		return 0;
	}
	if (q->kind == SIM_RESETS) {
		n->resets++;
		return 0;
	}
	n->frames++;
	if (q->kind == SIM_BAD_CHECKSUM) {
		n->bad_checksum++;
		return 0;
	}
	return answer_probe(r, w, q, frame, len, n);
}

/* One time for the frames of a burst, which came together. */
static void record(struct responder *r, uint64_t frames, uint64_t now)
{
	if (r->counts.first_ns == 0)
		__atomic_store_n(&r->counts.first_ns, now, __ATOMIC_RELAXED);
	__atomic_store_n(&r->counts.last_ns, now, __ATOMIC_RELAXED);
	for (; frames > 0 && r->times_next < r->times_room; frames--) {
		r->times[r->times_next] = now;
		__atomic_store_n(&r->times_next, r->times_next + 1, __ATOMIC_RELEASE);
	}
}

void respond(struct responder *r, uint8_t *const frame[], uint16_t len[], uint8_t copies[], unsigned int n,
	     uint64_t now)
{
	const struct world world = r->world; /* a copy that no store can alias */
	struct asked asked[RESPOND_BURST];
	struct counts count = { 0 };

	for (unsigned int i = 0; i < n; i++)
		read_frame(r, frame[i], len[i], &asked[i]);
	for (unsigned int i = 0; i < n; i++)
		copies[i] = answer(r, &world, &asked[i], frame[i], &len[i], &count);
#define X(name) __atomic_store_n(&r->counts.name, r->counts.name + count.name, __ATOMIC_RELAXED);
	COUNTS(X)
#undef X
	if (count.frames > 0)
		record(r, count.frames, now);
}

void respond_failed(struct responder *r, uint64_t answers)
{
	__atomic_store_n(&r->counts.failed, r->counts.failed + answers, __ATOMIC_RELAXED);
}
