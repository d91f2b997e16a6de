/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending by PACKET_TX_RING, TPACKET_V2 (Documentation/networking/packet_mmap.rst): for devices that put frames on a
 * wire. One system call starts any number of frames; the price is a copy of each into the next slot, since slots are
 * sent in order. Devices that pass frames on to another stack must copy the ring's pages first and lose what is
 * gained (tx_mmsg.c is for them).
 *
 * States of a slot, who may move it, and to what:
 *
 *   AVAILABLE      we, submit   -> SEND_REQUEST
 *   SEND_REQUEST   kernel, kick -> SENDING, or WRONG_FORMAT; stays on EAGAIN and ENOBUFS, and is tried again
 *   SENDING        kernel, when the device has freed it -> AVAILABLE
 *   WRONG_FORMAT   we, repair() -> SEND_REQUEST or AVAILABLE. The kernel's head does not pass it (PACKET_LOSS is off,
 *                  which would skip it silently).
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "anyscan/clock.h"
#include "io/af_packet/port.h"

#define SLOTS 1024 /* power of two */
#define BLOCK_BYTES (64U << 10) /* of physically contiguous memory, as the kernel wants it */
#define DATA_OFFSET (TPACKET2_HDRLEN - sizeof(struct sockaddr_ll)) /* where the kernel looks for the frame */
#define FLUSH_PATIENCE_NS 1000000000ULL

struct ring_queue {
	struct packet_txq q;
	uint8_t *ring;
	size_t slot_bytes, ring_bytes;
	uint32_t tail; /* the next slot to fill; free-running */
	uint32_t head; /* slots before it are AVAILABLE again */
	uint64_t stuck_since; /* CLOCK_MONOTONIC, while flush() sees no progress; 0 = it does */
};

static struct tpacket2_hdr *slot(const struct ring_queue *r, uint32_t i)
{
	return (struct tpacket2_hdr *)(r->ring + (i & (SLOTS - 1)) * r->slot_bytes);
}

static uint32_t status(const struct ring_queue *r, uint32_t i)
{
	return __atomic_load_n(&slot(r, i)->tp_status,
			       __ATOMIC_ACQUIRE); /* pairs with the kernel's smp_wmb() */
}

static void set_status(const struct ring_queue *r, uint32_t i, uint32_t value)
{
	__atomic_store_n(&slot(r, i)->tp_status, value, __ATOMIC_RELEASE); /* after the frame's bytes */
}

static int ring_open(struct packet_txq *q, struct error *error)
{
	struct ring_queue *r = (struct ring_queue *)q;
	const int version = TPACKET_V2;
	struct tpacket_req request;
	int rc;

	for (r->slot_bytes = 256; r->slot_bytes < DATA_OFFSET + q->io.stride; r->slot_bytes *= 2)
		;
	r->ring_bytes = SLOTS * r->slot_bytes;
	request = (struct tpacket_req){
		.tp_block_size = BLOCK_BYTES,
		.tp_block_nr = (unsigned int)(r->ring_bytes / BLOCK_BYTES),
		.tp_frame_size = (unsigned int)r->slot_bytes,
		.tp_frame_nr = SLOTS,
	};
	if (setsockopt(q->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(q->fd, SOL_PACKET, PACKET_TX_RING, &request, sizeof(request)) < 0)
		goto fail;
	r->ring = mmap(NULL, r->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, q->fd, 0);
	if (r->ring == MAP_FAILED)
		goto fail;
	return 0;
fail:
	rc = -errno;
	return error_set(error, rc, "cannot make a send ring of %zu KiB on %s: %s", r->ring_bytes >> 10,
			 q->io.port->link->name, strerror(-rc));
}

static void ring_close(struct packet_txq *q)
{
	struct ring_queue *r = (struct ring_queue *)q;

	munmap(r->ring, r->ring_bytes);
}

/* Slots that the kernel still has to do something with. */
static uint32_t outstanding(struct ring_queue *r)
{
	/* Never lapped unseen: submit stops at the first slot in use, so tail - head grows past SLOTS only over free ones. */
	if (r->tail - r->head > SLOTS)
		r->head = r->tail - SLOTS;
	while (r->head != r->tail && status(r, r->head) == TP_STATUS_AVAILABLE)
		r->head++;
	return r->tail - r->head;
}

/*
 * The kernel refused the frame at its head for its form (the MTU was lowered since we looked) and waits there. The
 * newest frame takes its place, so that no hole is left in the order of slots.
 */
static void repair(struct ring_queue *r, int errnum)
{
	outstanding(r);
	for (uint32_t i = r->head; i != r->tail; i++) {
		if (status(r, i) != TP_STATUS_WRONG_FORMAT)
			continue;
		send_failed(&r->q.errors, errnum);
		r->tail--;
		if (i == r->tail) {
			set_status(r, i, TP_STATUS_AVAILABLE);
			return;
		}
		memcpy((uint8_t *)slot(r, i) + DATA_OFFSET, (uint8_t *)slot(r, r->tail) + DATA_OFFSET,
		       slot(r, r->tail)->tp_len);
		slot(r, i)->tp_len = slot(r, r->tail)->tp_len;
		const uint32_t newest = status(r, r->tail);
		set_status(r, r->tail, TP_STATUS_AVAILABLE);
		set_status(r, i, newest); /* SEND_REQUEST; the kernel sets WRONG_FORMAT only at its head */
		return;
	}
}

static bool is_form_error(int errnum)
{
	return errnum == EMSGSIZE || errnum == EINVAL || errnum == EFAULT;
}

static void ring_kick(struct io_txq *io)
{
	struct ring_queue *r = (struct ring_queue *)io;

	if (send(r->q.fd, NULL, 0, MSG_DONTWAIT) >= 0)
		return;
	if (is_form_error(errno))
		repair(r, errno);
	else if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM || errno == EINTR)
		send_failed(&r->q.errors, errno); /* slots keep their request: the next kick goes on */
	else /* the link is away, or worse: nothing was taken, nothing is lost yet */
		counter_add(&r->q.errors.count[errno == ENETDOWN ? SEND_DOWN :
					       errno == ENXIO	 ? SEND_GONE :
								   SEND_REFUSED],
			    1);
}

static unsigned int ring_submit(struct io_txq *io, uint8_t *const frame[], const uint16_t len[],
				unsigned int n)
{
	struct ring_queue *r = (struct ring_queue *)io;
	unsigned int done;

	for (done = 0; done < n && status(r, r->tail) == TP_STATUS_AVAILABLE; done++) {
		if (len[done] > r->q.len_max) { /* would stop the ring as WRONG_FORMAT */
			send_failed(&r->q.errors, EMSGSIZE);
			continue;
		}
		memcpy((uint8_t *)slot(r, r->tail) + DATA_OFFSET, frame[done], len[done]);
		slot(r, r->tail)->tp_len = len[done];
		set_status(r, r->tail, TP_STATUS_SEND_REQUEST);
		r->tail++;
	}
	memcpy(r->q.left + r->q.nleft, frame, done * sizeof(frame[0]));
	r->q.nleft += done;
	if (done < n) /* full: what an earlier kick had to leave may go now */
		ring_kick(io);
	return done;
}

/* A link that went down for good must not keep the end of a scan waiting: what is left after a second is lost. */
static unsigned int ring_flush(struct io_txq *io)
{
	struct ring_queue *r = (struct ring_queue *)io;
	const uint32_t before = outstanding(r);
	uint32_t after;

	if (before == 0)
		return 0;
	ring_kick(io);
	after = outstanding(r);
	if (after < before || r->stuck_since == 0) {
		r->stuck_since = clock_mono_ns();
	} else if (clock_mono_ns() - r->stuck_since > FLUSH_PATIENCE_NS) {
		counter_add(&r->q.errors.lost, after);
		r->head = r->tail;
		after = 0;
	}
	if (after == 0)
		r->stuck_since = 0;
	return after;
}

const struct tx_method tx_ring = {
	.name = "tx_ring",
	.size = sizeof(struct ring_queue),
	.open = ring_open,
	.close = ring_close,
	.submit = ring_submit,
	.kick = ring_kick,
	.flush = ring_flush,
};
