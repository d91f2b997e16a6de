/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tx queue: a packet socket of its own, and the memory of its frames.
 *
 * The kernel copies every frame (both methods), so frames need not be far apart: a stride of two cache lines keeps
 * 1024 frames within 128 KiB, where 2048-byte steps would spread them over 2 MiB and out of L2.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "anyscan/block.h"
#include "anyscan/probe.h"
#include "io/af_packet/port.h"
#include "rings/lines.h"

#define SEND_BUFFER \
	(8 << 20) /* about 10,000 short frames in the device's hands; capped by net.core.wmem_max */

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/*
 * Protocol 0: the socket is on no receive list, so it costs received frames nothing. QDISC_BYPASS: straight to the
 * driver, which also spares each frame the clone for every open tap (0.67 instead of 0.46 Mpps on veth with one tap).
 */
static int open_socket(const struct io_link *link, struct error *error)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = link->ifindex };
	const int on = 1, buffer = SEND_BUFFER;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return packet_socket_error(error, -errno);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)) < 0) /* needs CAP_NET_ADMIN */
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		rc = -errno;
		close(fd);
		return error_set(error, rc, "cannot open a socket to send on %s: %s", link->name,
				 strerror(-rc));
	}
	return fd;
}

int packet_tx_open(struct io_port *io, unsigned int index, struct io_txq **out, struct error *error)
{
	struct packet_port *port = (struct packet_port *)io;
	const size_t stride =
		round_up(port->frame_len > PROBE_FRAME_MAX ? port->frame_len : PROBE_FRAME_MAX, CACHE_LINE);
	struct packet_txq *q = lines_alloc(port->method->size);
	int rc;

	if (q == NULL)
		return error_set(error, -ENOMEM, "no memory for tx queue %u of %s", index, port->link.name);
	q->io = (struct io_txq){
		.port = io,
		.index = index,
		.stride = stride,
		.nframes = port->frames,
		.depth = BLOCK_ITEMS, /* between a submit and the reclaim after it */
	};
	q->len_max = (uint16_t)(port->link.mtu + ETH_HLEN < stride ? port->link.mtu + ETH_HLEN : stride);
	q->left = lines_alloc((port->frames + 1) * sizeof(q->left[0]));
	if (pages_get(&q->pages, port->frames * stride + 1) != 0 || q->left == NULL) {
		rc = error_set(error, -ENOMEM, "no memory for %u frames of tx queue %u of %s", port->frames,
			       index, port->link.name);
		goto free_queue;
	}
	q->io.frames = q->pages.at;
	q->io.memory = pages_kind_names[q->pages.kind];
	q->fd = rc = open_socket(&port->link, error);
	if (rc < 0)
		goto free_queue;
	rc = port->method->open(q, error);
	if (rc < 0)
		goto close_socket;
	port->txq[index] = q;
	*out = &q->io;
	return 0;

close_socket:
	close(q->fd);
free_queue:
	pages_put(&q->pages);
	free(q->left);
	free(q);
	return rc;
}

void packet_tx_close(struct packet_txq *q)
{
	((struct packet_port *)q->io.port)->method->close(q);
	close(q->fd);
	pages_put(&q->pages);
	free(q->left);
	free(q);
}

unsigned int packet_tx_reclaim(struct io_txq *io, uint8_t *frame[], unsigned int n)
{
	struct packet_txq *q = (struct packet_txq *)io;

	if (n > q->nleft)
		n = q->nleft;
	q->nleft -= n;
	memcpy(frame, q->left + q->nleft, n * sizeof(frame[0])); /* the last ones: still in L1 */
	return n;
}
