/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AF_PACKET: works on every Ethernet interface of every kernel since 4.x, needs CAP_NET_RAW and takes nothing away
 * from the host. The floor of what this program can do, not its ceiling: 1.2-1.8 Mpps per core (packet(7)).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/af_packet/port.h"
#include "io/engines.h"

int packet_socket_error(struct error *error, int code)
{
	if (code == -EPERM || code == -EACCES)
		return error_set(
			error, code,
			"packet sockets need CAP_NET_RAW: run as root, or give it to the program once: "
			"setcap cap_net_raw+ep PROGRAM (cap_net_raw,cap_bpf+ep for the faster filter)");
	return error_set(error, code, "cannot open a packet socket: %s", strerror(-code));
}

static int packet_probe(struct error *why)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return packet_socket_error(why, -errno);
	close(fd);
	return 0;
}

/*
 * Where frames go to a wire the ring saves a system call's work per frame; where they enter another stack its pages
 * must be copied first, and sendmmsg() is faster. Mpps of one CPU, ring / sendmmsg: ifb 1.94 / 1.44, veth to an nft
 * ingress drop 0.73 / 0.83, veth to an XDP drop 0.65 / 0.71.
 */
static const struct tx_method *choose_method(const struct io_link *link)
{
	static const char *const wires[] = { "", "ifb", "dummy" };

	for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++)
		if (strcmp(link->kind, wires[i]) == 0)
			return &tx_ring;
	return &tx_sendmmsg;
}

static void packet_close(struct io_port *io)
{
	struct packet_port *port = (struct packet_port *)io;

	for (unsigned int i = 0; i < port->txqs; i++)
		if (port->txq[i] != NULL)
			packet_tx_close(port->txq[i]);
	for (unsigned int i = 0; i < port->rxqs; i++)
		if (port->rxq[i] != NULL)
			packet_rx_close(port->rxq[i]);
	packet_filter_close(port->filter);
	allowance_close(&port->allowance);
	free(port->txq);
	free(port->rxq);
	free(port);
}

static int check_options(const struct io_port_options *options, struct error *error)
{
	const struct io_link *link = options->link;

	if (link->ifindex <= 0)
		return error_set(error, -ENODEV, "%s is no network interface of this host", link->name);
	if (options->tx_queues > PACKET_QUEUES_MAX || options->rx_queues > PACKET_QUEUES_MAX)
		return error_set(error, -EINVAL, "%u tx and %u rx queues on %s: at most %d of each",
				 options->tx_queues, options->rx_queues, link->name, PACKET_QUEUES_MAX);
	if (options->tx_queues > 0 && options->frames == 0)
		return error_set(error, -EINVAL, "a tx queue of %s without frames cannot send", link->name);
	if (options->frame_len > IO_FRAME_STRIDE)
		return error_set(error, -EMSGSIZE, "frames of %u bytes on %s: at most %d", options->frame_len,
				 link->name, IO_FRAME_STRIDE);
	return packet_probe(error);
}

static int packet_open(const struct io_port_options *options, struct io_port **out, struct error *error)
{
	struct packet_port *port;
	int rc = check_options(options, error);

	if (rc < 0)
		return rc;
	port = calloc(1, sizeof(*port));
	if (port == NULL)
		return error_set(error, -ENOMEM, "no memory to open %s", options->link->name);
	port->link = *options->link;
	port->io = (struct io_port){ .ops = &af_packet_ops, .link = &port->link, .match = options->match };
	port->method = choose_method(&port->link);
	port->frames = options->frames;
	port->frame_len = options->frame_len;
	port->fanout = -1;
	port->allowance.fd = -1;
	port->txq = calloc(options->tx_queues + 1, sizeof(port->txq[0]));
	port->rxq = calloc(options->rx_queues + 1, sizeof(port->rxq[0]));
	if (port->txq == NULL || port->rxq == NULL) {
		rc = error_set(error, -ENOMEM, "no memory for the queues of %s", port->link.name);
		goto fail;
	}
	port->txqs = options->tx_queues;
	port->rxqs = options->rx_queues;
	if (port->rxqs > 0) {
		rc = packet_filter_open(&options->match, &port->filter, error);
		if (rc < 0)
			goto fail;
	}
	netlink_link_counters(port->link.ifindex, &port->at_open);
	allowance_open(&port->allowance, port->link.name);
	snprintf(port->mode, sizeof(port->mode), "%s%s%s%s", port->method->name,
		 port->filter != NULL ? ", " : "",
		 port->filter != NULL ? packet_filter_kind(port->filter) : "",
		 port->filter != NULL ? " filter" : "");
	*out = &port->io;
	return 0;
fail:
	packet_close(&port->io);
	return rc;
}

static const char *packet_mode(const struct io_port *io)
{
	return ((const struct packet_port *)io)->mode;
}

static const struct tx_method *method(const struct io_txq *q)
{
	return ((const struct packet_port *)q->port)->method;
}

/* One indirect call more per batch than a table of functions per method; it buys a choice per device. */
static unsigned int packet_tx_submit(struct io_txq *q, uint8_t *const frame[], const uint16_t len[],
				     unsigned int n)
{
	return method(q)->submit(q, frame, len, n);
}

static void packet_tx_kick(struct io_txq *q)
{
	if (method(q)->kick != NULL)
		method(q)->kick(q);
}

static unsigned int packet_tx_flush(struct io_txq *q)
{
	return method(q)->flush != NULL ? method(q)->flush(q) : 0;
}

const struct io_ops af_packet_ops = {
	.name = "af_packet",
	.summary = "packet sockets: any Ethernet interface, 1-2 Mpps per core",
	.on_wire = true,
	.needs_interface = true,
	.probe = packet_probe,
	.find_link = netlink_find_link,
	.open = packet_open,
	.close = packet_close,
	.stats = packet_stats,
	.mode = packet_mode,
	.tx_open = packet_tx_open,
	.rx_open = packet_rx_open,
	.tx_submit = packet_tx_submit,
	.tx_kick = packet_tx_kick,
	.tx_reclaim = packet_tx_reclaim,
	.tx_flush = packet_tx_flush,
	.rx_receive = packet_rx_receive,
	.rx_release = packet_rx_release,
};
