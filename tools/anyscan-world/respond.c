/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In three passes: all frames are read and the words of the map that they need asked for; those words are marked; what is
 * not silent is answered. The map is megabytes and read at random, and who answers is drawn at random: so the first
 * pass waits for no word of the map and branches on no draw.
 */
#include "respond.h"

#include <string.h>

#include "anyscan/counters.h"
#include "io/arp_frame.h"
#include "io/sim/plain_syn.h"
#include "io/wire.h"

struct burst {
	uint8_t *const *frame;
	uint16_t *len;
	uint8_t *copies;
	uint64_t key, answering; /* of the world */
	unsigned int targets, answers;
	uint64_t target[RESPOND_BURST]; /* bits of the map: who is asked */
	uint16_t answer[RESPOND_BURST]; /* frames whose targets are not silent */
};

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

/* False: the world has no such target. */
static inline bool find_target(const struct area *area, uint32_t addr, uint16_t port, uint64_t *bit)
{
	const uint32_t offset = addr - area->first;
	const uint16_t index = area->index[port];

	*bit = (uint64_t)offset * area->ports.count + index;
	return offset <= area->last - area->first && index != NO_PORT;
}

static inline void add_target(const struct responder *r, struct burst *b, unsigned int i, uint64_t bit,
			      uint64_t draw)
{
	__builtin_prefetch(&r->seen[bit >> 6], 1);
	b->target[b->targets++] = bit;
	b->answer[b->answers] = (uint16_t)i;
	if (b->answering > 0) /* a silent world draws nothing */
		b->answers += (uint32_t)draw < b->answering;
}

/* What is no plain SYN: probes of other shapes, and frames that are none. */
static void read_any(const struct responder *r, struct burst *b, unsigned int i, struct counts *n)
{
	uint8_t *frame = b->frame[i];
	const uint16_t len = b->len[i];
	struct sim_answer a;
	uint64_t bit;
	/* tags are for who has VLANs: the world has none */
	const enum sim_count kind = wire_tag(frame, len) == 0 ? sim_read_probe(frame, len, &a) :
								SIM_NOT_A_PROBE;

	if (kind == SIM_NOT_A_PROBE) {
		n->other++;
		b->copies[i] = answer_arp(r, frame, len);
		return;
	}
	if (((a.flags & SIM_ECHO) != 0) != r->area->echo || !find_target(r->area, a.addr, a.port, &bit)) {
		n->outside++;
		return;
	}
	if (kind == SIM_RESETS) {
		n->resets++;
		return;
	}
	if (kind == SIM_BAD_CHECKSUM)
		n->bad_checksum++;
	else
		add_target(r, b, i, bit, world_draw(b->key, a.addr, a.port));
}

static void read_frames(const struct responder *r, struct burst *b, unsigned int frames, struct counts *n)
{
	const bool echo = r->area->echo;
	struct plain_syn syn;
	uint64_t bit;

	memset(b->copies, 0, frames);
	for (unsigned int i = 0; i < frames; i++) {
		if (echo || !plain_syn(b->frame[i], b->len[i], &syn)) {
			read_any(r, b, i, n);
		} else if (find_target(r->area, syn.addr, syn.port, &bit)) {
			add_target(r, b, i, bit, world_draw(b->key, syn.addr, syn.port));
		} else {
			n->outside++;
		}
	}
}

/* SIGUSR1 reads the map meanwhile. Returns how many had been asked before. */
static uint64_t mark(uint64_t *seen, const struct burst *b)
{
	uint64_t repeats = 0;

	for (unsigned int i = 0; i < b->targets; i++) {
		uint64_t *word = &seen[b->target[i] >> 6];
		const uint64_t was = *word; /* there is no other writer */

		repeats += was >> (b->target[i] & 63) & 1;
		__atomic_store_n(word, was | 1ULL << (b->target[i] & 63), __ATOMIC_RELAXED);
	}
	return repeats;
}

/* Writes the answer of a probe over it, and how often it is sent. */
static void answer(const struct world *w, const struct burst *b, unsigned int i, struct counts *n)
{
	uint8_t *frame = b->frame[i];
	struct sim_answer a;
	struct io_link link;
	unsigned int path;

	sim_read_probe(frame, b->len[i], &a);
	a.fate = (uint8_t)(a.flags & SIM_ECHO ? world_echo_fate(w, a.addr) : world_fate(w, a.addr, a.port));
	count_fate(n, a.fate);
	if (a.fate == WORLD_SILENT) /* a closed one, to an echo */
		return;
	path = world_path(w, a.addr, a.port, a.local_port, a.seq);
	if (path & WORLD_LOST) {
		n->lost++;
		return;
	}
	memcpy(link.mac, frame + 6, 6);
	memcpy(link.gateway_mac, frame, 6);
	b->len[i] = (uint16_t)sim_reply(w, &link, &a, frame);
	n->duplicated += (path & WORLD_DUPLICATED) != 0;
	b->copies[i] = path & WORLD_DUPLICATED ? 2 : 1;
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
	struct burst b; /* its tables are filled as far as they are used */
	struct counts count = { 0 };

	b.frame = frame, b.len = len, b.copies = copies, b.targets = 0, b.answers = 0;
	b.key = world_key(&world), b.answering = world_answering(&world);
	read_frames(r, &b, n, &count);
	count.frames = b.targets + count.bad_checksum;
	count.repeats = mark(r->seen, &b);
	count.silent = b.targets - b.answers;
	for (unsigned int i = 0; i < b.answers; i++)
		answer(&world, &b, b.answer[i], &count);
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
