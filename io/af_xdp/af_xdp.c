/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AF_XDP: frames go from our memory to the driver without a qdisc or a packet socket between, and replies come back
 * before the kernel's stack has seen them. About twice what packet sockets do per core where the kernel copies, and
 * many times that where it does not. Needs CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF while it is set up.
 */
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/probe.h"
#include "io/af_xdp/port.h"
#include "io/engines.h"

static int xdp_probe(struct error *why)
{
	const struct io_match nothing = { .ip_proto = IPPROTO_TCP, .port_first = 1, .port_last = 0 };
	struct xdp_program *program;
	int fd = xdp_calls_kernel.socket(), rc;

	if (fd == -EAFNOSUPPORT)
		return error_set(why, fd,
				 "this kernel has no AF_XDP sockets (CONFIG_XDP_SOCKETS); use --io-engine "
				 "af_packet");
	if (fd == -EPERM || fd == -EACCES)
		return error_set(
			why, fd,
			"AF_XDP sockets need CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF: run as root, or give them "
			"to the program once: setcap cap_net_raw,cap_net_admin,cap_bpf+ep PROGRAM");
	if (fd < 0)
		return error_set(why, fd, "cannot open an AF_XDP socket: %s", strerror(-fd));
	close(fd);
	rc = xdp_program_load(&xdp_calls_kernel, &nothing, 1, &program, why);
	if (rc == 0)
		xdp_program_free(program);
	return rc;
}

static int find_mode(const char *name, int *mode, struct error *e)
{
	if (name == NULL)
		return 0;
	for (int m = 0; m < XDP_MODES; m++)
		if (strcmp(xdp_mode_names[m], name) == 0)
			*mode = m;
	return *mode >= 0 ? 0 : error_set(e, -EINVAL, "there is no XDP mode \"%s\"", name);
}

static int check_options(const struct io_port_options *o, struct error *e)
{
	if (o->link->ifindex <= 0)
		return error_set(e, -ENODEV, "%s is no network interface of this host", o->link->name);
	if (o->tx_queues > XDP_QUEUES_MAX || o->rx_queues > XDP_QUEUES_MAX)
		return error_set(e, -EINVAL, "%u tx and %u rx queues on %s: at most %d of each", o->tx_queues,
				 o->rx_queues, o->link->name, XDP_QUEUES_MAX);
	if (o->tx_queues > 0 && o->frames == 0)
		return error_set(e, -EINVAL, "a tx queue of %s without frames cannot send", o->link->name);
	if (o->frame_len > IO_FRAME_STRIDE || o->frame_len > o->link->mtu + ETH_HLEN)
		return error_set(e, -EMSGSIZE, "frames of %u bytes do not fit %s, whose MTU is %u",
				 o->frame_len, o->link->name, o->link->mtu);
	return 0;
}

/* Divides a chunk, so that no frame crosses the end of one. */
static unsigned int stride_of(unsigned int frame_len)
{
	unsigned int stride = PROBE_FRAME_MAX;

	while (stride < frame_len)
		stride *= 2;
	return stride;
}

/*
 * What comes while its reader does not run must find frames: 16,384 bridge 50 ms of 0.3 M replies/s, which is what a
 * crowded host makes a thread wait (4,096 lost 1 of 30 replies to it now and then). A NIC that spreads replies over
 * many queues needs fewer for each; a driver's own ring takes up to 2,048.
 */
static uint32_t rx_frames_of(unsigned int queues)
{
	const uint32_t all = 65536, most = 16384, least = 2048;
	uint32_t frames = most;

	while (frames > least && frames * queues > all)
		frames /= 2;
	return frames;
}

int xdp_port_open(const struct io_port_options *o, unsigned int first, const struct xdp_calls *calls,
		  struct xdp_port **out, struct error *e)
{
	struct xdp_port *port;
	int only = -1, rc = check_options(o, e);

	if (rc == 0)
		rc = find_mode(o->xdp_mode, &only, e);
	if (rc < 0)
		return rc;
	port = calloc(1, sizeof(*port));
	if (port == NULL)
		return error_set(e, -ENOMEM, "no memory to open %s", o->link->name);
	port->link = *o->link;
	port->io = (struct io_port){ .ops = &af_xdp_ops, .link = &port->link, .match = o->match };
	port->calls = calls;
	port->first = first;
	port->txqs = o->tx_queues;
	port->rxqs = o->rx_queues;
	port->rx_present = o->rx_queues < port->link.rx_queues ? o->rx_queues : port->link.rx_queues;
	port->frames = o->frames;
	port->rx_wanted = rx_frames_of(port->rx_present);
	port->stride = stride_of(o->frame_len);
	port->queues = port->txqs > port->rxqs ? port->txqs : port->rxqs;
	rc = xdp_program_foreign(calls, &port->link, e);
	if (rc < 0)
		goto fail;
	port->queue = lines_alloc(port->queues * sizeof(port->queue[0]));
	if (port->queue == NULL) {
		rc = error_set(e, -ENOMEM, "no memory for the queues of %s", port->link.name);
		goto fail;
	}
	for (unsigned int i = 0; i < port->queues; i++)
		xdp_queue_init(port, i);
	if (port->rxqs > 0)
		rc = xdp_program_load(calls, &o->match, first + port->rxqs, &port->program, e);
	if (rc == 0)
		rc = xdp_ladder_climb(port, only, e);
	if (rc < 0)
		goto fail;
	netlink_link_counters(port->link.ifindex, &port->at_open);
	allowance_open(&port->allowance, port->link.name);
	*out = port;
	return 0;
fail:
	xdp_program_free(port->program);
	free(port->queue);
	free(port);
	return rc;
}

void xdp_port_close(struct xdp_port *port)
{
	xdp_ladder_leave(port);
	xdp_program_free(port->program);
	allowance_close(&port->allowance);
	free(port->queue);
	free(port);
}

static int xdp_open(const struct io_port_options *o, struct io_port **out, struct error *e)
{
	struct xdp_port *port = NULL;
	int rc = xdp_port_open(o, 0, &xdp_calls_kernel, &port, e);

	if (rc == 0)
		*out = &port->io;
	return rc;
}

static void xdp_close(struct io_port *io)
{
	xdp_port_close((struct xdp_port *)io);
}

static const char *xdp_mode(const struct io_port *io)
{
	return ((const struct xdp_port *)io)->text;
}

static int xdp_try_mode(const struct io_port_options *o, char *text, size_t size, struct error *e)
{
	struct xdp_port *port = NULL;
	int rc = xdp_port_open(o, 0, &xdp_calls_kernel, &port, e);

	if (port == NULL)
		return rc;
	snprintf(text, size, "%s", port->text);
	xdp_port_close(port);
	return 0;
}

/* The sockets are there since xdp_open(): a mode is granted to all of them or to none. */
static int xdp_tx_open(struct io_port *io, unsigned int index, struct io_txq **out, struct error *e)
{
	struct xdp_port *port = (struct xdp_port *)io;

	(void)e;
	*out = &port->queue[index].tx.io;
	return 0;
}

static int xdp_rx_open(struct io_port *io, unsigned int index, struct io_rxq **out, struct error *e)
{
	struct xdp_port *port = (struct xdp_port *)io;

	(void)e;
	*out = &port->queue[index].rx.io;
	return 0;
}

const struct io_ops af_xdp_ops = {
	.name = "af_xdp",
	.summary = "AF_XDP sockets: past the kernel's stack, 2 times af_packet and more",
	.on_wire = true,
	.needs_interface = true,
	.hides_replies = true,
	.all_rx_queues = true,
	.probe = xdp_probe,
	.find_link = netlink_find_link,
	.open = xdp_open,
	.close = xdp_close,
	.stats = xdp_stats,
	.mode = xdp_mode,
	.try_mode = xdp_try_mode,
	.tx_open = xdp_tx_open,
	.rx_open = xdp_rx_open,
	.tx_submit = xdp_tx_submit,
	.tx_kick = xdp_tx_kick,
	.tx_reclaim = xdp_tx_reclaim,
	.tx_flush = xdp_tx_flush,
	.rx_receive = xdp_rx_receive,
	.rx_release = xdp_rx_release,
	.rx_next = xdp_rx_next,
};
