/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receiving by PACKET_RX_RING, TPACKET_V3 (Documentation/networking/packet_mmap.rst): the kernel fills blocks with
 * frames of any length and hands over whole blocks, when full or after RETIRE_MS. About 20 ns per frame here.
 *
 *   block:  KERNEL --(full, or RETIRE_MS)--> USER --(every frame of it was released)--> KERNEL
 *
 *   released <= current: blocks [released, current) are exhausted and wait for rx_release()
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/af_packet/port.h"
#include "rings/lines.h"

/*
 * A block is handed over after RETIRE_MS even if it holds one frame, so at low rates the ring bridges no more than
 * BLOCKS * RETIRE_MS of a reader that was descheduled: 1 s here. (64 blocks of 256 KiB at 1 ms, the usual advice, lost
 * half of 50,000 replies to a pause of 150 ms.) At high rates its size counts: 16 MiB, about 100,000 replies.
 */
#define BLOCKS 512 /* power of two */
#define BLOCK_BYTES (32U << 10)
#define RETIRE_MS 2
#define FRAME_BYTES 2048U /* of no meaning in V3, but checked */
#define DRY_LOOKS 256

struct rx_ring {
	struct io_rxq io;
	uint8_t *map;
	uint32_t released, current; /* blocks, free-running */
	uint32_t left; /* frames of the current block not handed out yet; 0: it is not open */
	struct tpacket3_hdr *next; /* the first of them */
	uint32_t dry; /* looks that found nothing */
	struct rx_ring_counters counters; /* set-up thread */
};

static struct tpacket_block_desc *block(const struct rx_ring *r, uint32_t i)
{
	return (struct tpacket_block_desc *)(r->map + (size_t)(i & (BLOCKS - 1)) * BLOCK_BYTES);
}

/* Opens the current block if the kernel has handed it over. */
static bool open_block(struct rx_ring *r)
{
	const struct tpacket_block_desc *b = block(r, r->current);

	if (r->current - r->released == BLOCKS) /* all are ours, and none is released */
		return false;
	if (!(__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	r->left = b->hdr.bh1.num_pkts;
	r->next = (struct tpacket3_hdr *)((uintptr_t)b + b->hdr.bh1.offset_to_first_pkt);
	if (r->left == 0)
		r->current++;
	return true;
}

/*
 * A link that goes down leaves an error on the socket, and poll() finds it readable until somebody takes the error:
 * the thread would never sleep again. A system call for every so many looks in vain costs nothing.
 */
static void take_error(struct rx_ring *r)
{
	int error;
	socklen_t size = sizeof(error);

	if (++r->dry % DRY_LOOKS == 0)
		getsockopt(r->io.fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

unsigned int packet_rx_receive(struct io_rxq *io, struct frame_view view[], unsigned int n)
{
	struct rx_ring *r = (struct rx_ring *)io;
	unsigned int got = 0;

	while (got < n) {
		if (r->left == 0) {
			if (!open_block(r))
				break;
			continue;
		}
		view[got++] = (struct frame_view){
			.data = (const uint8_t *)r->next + r->next->tp_mac,
			.len = r->next->tp_snaplen,
			.time_ns = r->next->tp_sec * 1000000000ULL + r->next->tp_nsec,
		};
		r->next = (struct tpacket3_hdr *)((uintptr_t)r->next + r->next->tp_next_offset);
		if (--r->left == 0)
			r->current++;
	}
	if (got == 0)
		take_error(r);
	return got;
}

void packet_rx_release(struct io_rxq *io)
{
	struct rx_ring *r = (struct rx_ring *)io;

	for (; r->released != r->current; r->released++)
		__atomic_store_n(&block(r, r->released)->hdr.bh1.block_status, TP_STATUS_KERNEL,
				 __ATOMIC_RELEASE);
}

/*
 * Several queues share the frames of the interface by flow hash. The group's id is the kernel's choice: a fixed one
 * would clash with the next process's (a second scan could not join, or would take half of our replies).
 */
static int join_fanout(struct packet_port *port, int fd)
{
	const int unique = PACKET_FANOUT_FLAG_UNIQUEID;
	int value = port->fanout >= 0 ? port->fanout : unique << 16;
	socklen_t size = sizeof(value);

	if (port->rxqs < 2)
		return 0;
	value |= PACKET_FANOUT_HASH << 16;
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &value, size) < 0)
		return -errno;
	if (port->fanout < 0) {
		if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &value, &size) < 0)
			return -errno;
		port->fanout = value & 0xffff;
	}
	return 0;
}

/* In this order nothing is received before the filter is there: protocol 0 until bind(). */
static int set_up(struct packet_port *port, struct rx_ring *r, const char **what)
{
	const int version = TPACKET_V3, on = 1, fd = r->io.fd;
	struct tpacket_req3 request = {
		.tp_block_size = BLOCK_BYTES,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = FRAME_BYTES,
		.tp_frame_nr = BLOCK_BYTES / FRAME_BYTES * BLOCKS,
		.tp_retire_blk_tov = RETIRE_MS,
	};
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL), /* before the stack and its firewall, and VLAN tags off */
		.sll_ifindex = port->link.ifindex,
	};
	int rc;

	*what = "attach the filter to";
	rc = packet_filter_attach(port->filter, fd);
	if (rc < 0)
		return rc;
	*what = "make a receive ring of 16 MiB on";
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) < 0)
		return -errno;
	r->map = mmap(NULL, (size_t)BLOCKS * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		      fd, 0);
	if (r->map == MAP_FAILED)
		return -errno;
	/* Without it every probe of ours is run through the filter too. Missing before Linux 4.20: slower, not wrong. */
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	*what = "receive on";
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	*what = "share the frames among queues of";
	return join_fanout(port, fd);
}

int packet_rx_open(struct io_port *io, unsigned int index, struct io_rxq **out, struct error *error)
{
	struct packet_port *port = (struct packet_port *)io;
	struct rx_ring *r = lines_alloc(sizeof(*r));
	const char *what;
	int rc;

	if (r == NULL)
		return error_set(error, -ENOMEM, "no memory for rx queue %u of %s", index, port->link.name);
	r->map = MAP_FAILED;
	r->io.port = io;
	r->io.index = index;
	r->io.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (r->io.fd < 0) {
		rc = packet_socket_error(error, -errno);
		free(r);
		return rc;
	}
	rc = set_up(port, r, &what);
	if (rc < 0) {
		packet_rx_close(r);
		return error_set(error, rc, "cannot %s %s: %s", what, port->link.name, strerror(-rc));
	}
	port->rxq[index] = r;
	*out = &r->io;
	return 0;
}

void packet_rx_close(struct rx_ring *r)
{
	if (r->map != MAP_FAILED)
		munmap(r->map, (size_t)BLOCKS * BLOCK_BYTES);
	close(r->io.fd);
	free(r);
}

void packet_rx_counters(struct rx_ring *r, struct rx_ring_counters *out)
{
	struct tpacket_stats_v3 stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(r->io.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
		r->counters.packets += stats.tp_packets;
		r->counters.drops += stats.tp_drops;
		r->counters.freezes += stats.tp_freeze_q_cnt;
	}
	*out = r->counters;
}
