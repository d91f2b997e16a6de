/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four rings that a socket shares with the kernel (Documentation/networking/af_xdp.rst, net/xdp/xsk_queue.h):
 * single producer, single consumer, free-running indices. TX and fill are produced by us and consumed by the kernel;
 * completion and RX the other way round. Each ring belongs to one thread of ours.
 *
 * There is no reservation that could be left half filled: entries are written at ring->next, and only then published.
 */
#ifndef AF_XDP_RING_H
#define AF_XDP_RING_H

#include <linux/if_xdp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xdp_ring {
	uint32_t *producer, *consumer, *flags; /* shared */
	void *entries; /* shared; struct xdp_desc (TX, RX) or __u64 addresses (fill, completion) */
	uint32_t size; /* power of two */
	uint32_t next; /* ours: produced or consumed so far */
	uint32_t other; /* the kernel's index as last seen */
	void *map;
	size_t map_bytes;
};

static inline struct xdp_desc *ring_desc(const struct xdp_ring *r, uint32_t i)
{
	return (struct xdp_desc *)r->entries + (i & (r->size - 1));
}

static inline uint64_t *ring_addr(const struct xdp_ring *r, uint32_t i)
{
	return (uint64_t *)r->entries + (i & (r->size - 1));
}

/* Entries that may be written from r->next on, at most want; the shared index is read only when it must be. */
static inline uint32_t ring_room(struct xdp_ring *r, uint32_t want)
{
	uint32_t room = r->size - (r->next - r->other);

	if (room < want) {
		/* acquire: the kernel has read the entries before it moved its index */
		r->other = __atomic_load_n(r->consumer, __ATOMIC_ACQUIRE);
		room = r->size - (r->next - r->other);
	}
	return room < want ? room : want;
}

/* Hands n entries, written from r->next on, to the kernel. */
static inline void ring_publish(struct xdp_ring *r, uint32_t n)
{
	r->next += n;
	__atomic_store_n(r->producer, r->next, __ATOMIC_RELEASE); /* after the entries and the frames */
}

/* Entries that may be read from r->next on, at most want. */
static inline uint32_t ring_ready(struct xdp_ring *r, uint32_t want)
{
	uint32_t ready = r->other - r->next;

	if (ready < want) {
		r->other = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
		ready = r->other - r->next;
	}
	return ready < want ? ready : want;
}

/* Gives n entries, read from r->next on, back to the kernel. */
static inline void ring_consume(struct xdp_ring *r, uint32_t n)
{
	r->next += n;
	__atomic_store_n(r->consumer, r->next, __ATOMIC_RELEASE); /* after our reads */
}

/* The kernel sleeps on this ring: it wants a system call (XDP_USE_NEED_WAKEUP). */
static inline bool ring_needs_wakeup(const struct xdp_ring *r)
{
	return (__atomic_load_n(r->flags, __ATOMIC_RELAXED) & XDP_RING_NEED_WAKEUP) != 0;
}

#endif
