/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DPDK: a driver of ours talks to the NIC, and the kernel does not see it. Also over what is no NIC: sockets of the kernel,
 * shared memory with another process, a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/dpdk/arp.h"
#include "io/dpdk/device.h"
#include "io/dpdk/eal.h"
#include "io/dpdk/port.h"
#include "io/engines.h"

static int dpdk_init(const char *args, struct error *e)
{
	return dpdk_eal_start(args, e);
}

static int check_options(const struct io_port_options *o, struct error *e)
{
	if (o->tx_queues > 0 && o->frames == 0)
		return error_set(e, -EINVAL, "a tx queue of %s without frames cannot send", o->link->name);
	if (o->frame_len > PROBE_FRAME_MAX || o->frame_len > o->link->mtu + RTE_ETHER_HDR_LEN)
		return error_set(e, -EMSGSIZE, "frames of %u bytes do not fit %s, whose MTU is %u",
				 o->frame_len, o->link->name, o->link->mtu);
	return 0;
}

static int make_queues(struct dpdk_port *p, struct error *e)
{
	const struct dpdk_limits *l = &p->limits;

	p->tx = lines_alloc(l->tx_queues * sizeof(p->tx[0]));
	p->rx = lines_alloc(l->rx_queues * sizeof(p->rx[0]));
	if (p->tx == NULL || p->rx == NULL)
		return error_set(e, -ENOMEM, "no memory for the queues of %s", p->link.name);
	for (unsigned int i = 0; i < l->tx_queues; i++) {
		p->tx[i].io = (struct io_txq){ .port = &p->io, .index = i };
		p->tx[i].port = p->id;
		p->tx[i].depth = l->tx_descriptors + l->tx_free;
	}
	for (unsigned int i = 0; i < l->rx_queues; i++) {
		p->rx[i].io = (struct io_rxq){ .port = &p->io, .index = i, .fd = -1 };
		p->rx[i].port = p->id;
		/* packet sockets and captures share what comes with the kernel, which answers */
		p->rx[i].answers = l->tx_queues > 0 && strcmp(p->info.driver_name, "net_af_packet") != 0 &&
				   strcmp(p->info.driver_name, "net_pcap") != 0;
	}
	return 0;
}

struct opening {
	struct dpdk_port *port;
	const struct io_port_options *options;
	struct error *e;
};

static int start(void *arg)
{
	struct opening *o = arg;
	struct dpdk_port *p = o->port;
	const struct dpdk_wish wish = { .name = p->link.name,
					.tx_queues = o->options->tx_queues,
					.rx_queues = o->options->rx_queues };
	int rc = rte_eth_dev_info_get(p->id, &p->info);

	if (rc < 0)
		return error_set(o->e, -EIO, "%s has gone: %s", p->link.name, strerror(-rc));
	rc = dpdk_limits_choose(&p->info, &wish, &p->limits, o->e);
	if (rc == 0)
		rc = make_queues(p, o->e);
	if (rc == 0)
		rc = dpdk_port_start(p, o->e);
	if (rc < 0)
		dpdk_port_stop(p);
	return rc;
}

static int stop(void *arg)
{
	dpdk_port_stop(arg);
	return 0;
}

static void describe(struct dpdk_port *p)
{
	snprintf(p->text, sizeof(p->text), "%s%s%s%s%s%s%s", p->info.driver_name,
		 p->spread[0] != '\0' ? ", " : "", p->spread, p->limits.said[0] != '\0' ? ", " : "",
		 p->limits.said, dpdk_eal_remark()[0] != '\0' ? "; " : "", dpdk_eal_remark());
}

static void free_port(struct dpdk_port *p)
{
	free(p->tx);
	free(p->rx);
	free(p);
}

static int dpdk_open(const struct io_port_options *options, struct io_port **out, struct error *e)
{
	struct opening o = { .options = options, .e = e };
	int rc = check_options(options, e);

	if (rc < 0)
		return rc;
	o.port = calloc(1, sizeof(*o.port));
	if (o.port == NULL)
		return error_set(e, -ENOMEM, "no memory to open %s", options->link->name);
	o.port->link = *options->link;
	o.port->io = (struct io_port){ .ops = &dpdk_ops, .link = &o.port->link, .match = options->match };
	o.port->frames = options->frames;
	rc = dpdk_device_port(options->link->name, &o.port->id, e);
	if (rc == 0)
		rc = dpdk_call(start, &o);
	if (rc < 0) {
		free_port(o.port);
		return rc;
	}
	describe(o.port);
	*out = &o.port->io;
	return 0;
}

static void dpdk_close(struct io_port *io)
{
	dpdk_call(stop, io);
	free_port((struct dpdk_port *)io);
}

static const char *dpdk_mode(const struct io_port *io)
{
	return ((const struct dpdk_port *)io)->text;
}

static int dpdk_tx_open(struct io_port *io, unsigned int index, struct io_txq **out, struct error *e)
{
	struct dpdk_port *port = (struct dpdk_port *)io;

	(void)e;
	dpdk_tx_init(port, index);
	*out = &port->tx[index].io;
	return 0;
}

static int dpdk_rx_open(struct io_port *io, unsigned int index, struct io_rxq **out, struct error *e)
{
	(void)e;
	*out = &((struct dpdk_port *)io)->rx[index].io;
	return 0;
}

/* Queues of this thread: it enters for each. */
static __thread unsigned int entered;

/* A thread without a number has no cache of mbufs, and that is all; there are 128 numbers. */
static int dpdk_enter(struct io_port *io)
{
	(void)io;
	if (entered++ == 0)
		rte_thread_register();
	return 0;
}

static void dpdk_leave(struct io_port *io)
{
	(void)io;
	if (--entered == 0)
		rte_thread_unregister();
}

const struct io_ops dpdk_ops = {
	.name = "dpdk",
	.summary = "DPDK: a NIC without the kernel, or a device of DPDK's (-i net_af_packet0,iface=ens1)",
	.on_wire = true,
	.hides_replies = true,
	.all_rx_queues = true,
	.init = dpdk_init,
	.fini = dpdk_eal_stop,
	.find_link = dpdk_find_link,
	.open = dpdk_open,
	.close = dpdk_close,
	.stats = dpdk_stats,
	.link_up = dpdk_link_up,
	.mode = dpdk_mode,
	.tx_open = dpdk_tx_open,
	.rx_open = dpdk_rx_open,
	.arp = dpdk_arp_wire,
	.tx_submit = dpdk_tx_submit,
	.tx_reclaim = dpdk_tx_reclaim,
	.tx_flush = dpdk_tx_flush,
	.rx_receive = dpdk_rx_receive,
	.rx_release = dpdk_rx_release,
	.rx_next = dpdk_rx_next,
	.enter = dpdk_enter,
	.leave = dpdk_leave,
};
