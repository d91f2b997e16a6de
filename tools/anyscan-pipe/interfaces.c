/* SPDX-License-Identifier: Apache-2.0 */
/* From names to ports: who we are on each link. */
#include <errno.h>
#include <string.h>

#include "tools/anyscan-pipe/auto_engine.h"
#include "tools/anyscan-pipe/hops.h"
#include "tools/anyscan-pipe/interface_list.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

struct identities { /* overrides of the command line, by interface */
	struct interface_name name[PIPELINE_PORTS_MAX];
	uint32_t addr[PIPELINE_PORTS_MAX], router[PIPELINE_PORTS_MAX];
	uint8_t gateway[PIPELINE_PORTS_MAX][6], mac[PIPELINE_PORTS_MAX][6];
	int addrs, routers, gateways, macs;
	unsigned int ports;
};

/* Engines that write to a file have one port, and its name is the file's. */
static const char *file_of(const struct scan *s)
{
	if (s->config->task == TASK_DRYRUN)
		return s->config->output_file != NULL ? s->config->output_file : "-";
	return strcmp(s->ops->name, "pcap") == 0 ? s->engine_args : NULL;
}

static int name_ports(struct scan *s, struct identities *id, struct error *e)
{
	const char *file = file_of(s);
	int n = interface_names(&s->config->interfaces, id->name, e);

	if (n < 0)
		return n;
	if (file != NULL) {
		if (n > 0)
			screen_say(
				LEVEL_WARNING,
				"--interface is not looked at: the probes go to %s with an invented identity "
				"(--source-ip, --gateway-mac and --source-mac set it)",
				strcmp(file, "-") == 0 ? "standard output" : file);
		if (snprintf(id->name[0].name, IO_NAME_MAX, "%s", file) >= IO_NAME_MAX)
			return error_set(e, -ENAMETOOLONG, "%s: the name is longer than %d bytes", file,
					 IO_NAME_MAX - 1);
		id->name[0].queues = 0;
		n = 1;
	}
	if (n == 0 && strcmp(s->ops->name, "dpdk") == 0)
		return error_set(
			e, -EINVAL,
			"--io-engine dpdk: no device; write -i net_af_packet0,iface=ens1, or -i and the PCI "
			"address of a NIC that is bound to vfio-pci");
	id->ports = n > 0 ? (unsigned int)n : 1;
	return 0;
}

static enum exit_code read_identities(struct scan *s, struct identities *id, struct error *e)
{
	const struct config *c = s->config;

	if (name_ports(s, id, e) < 0)
		return EXIT_COMMAND;
	s->options.plan.tx_queues = id->name[0].queues;
	id->addrs = interface_addresses("source-ip", &c->source_ips, id->addr, id->ports, e);
	if (id->addrs < 0)
		return EXIT_COMMAND;
	id->routers = interface_addresses("gateway-ip", &c->gateway_ips, id->router, id->ports, e);
	if (id->routers < 0)
		return EXIT_COMMAND;
	id->gateways = interface_macs("gateway-mac", &c->gateway_macs, id->gateway, id->ports, e);
	if (id->gateways < 0)
		return EXIT_COMMAND;
	id->macs = interface_macs("source-mac", &c->source_macs, id->mac, id->ports, e);
	return id->macs < 0 ? EXIT_COMMAND : EXIT_DONE;
}

static void apply_identity(struct io_link *link, const struct identities *id, unsigned int i)
{
	if (id->addrs > 0)
		link->addr = id->addr[i];
	if (id->macs > 0)
		memcpy(link->mac, id->mac[i], sizeof(link->mac));
	if (id->routers > 0 && id->router[i] != link->gateway) { /* the MAC that is known is another's */
		link->gateway = id->router[i];
		link->gateway_mac_known = false;
	}
	if (id->gateways > 0) {
		memcpy(link->gateway_mac, id->gateway[i], sizeof(link->gateway_mac));
		link->gateway_mac_known = true;
	}
}

static int open_port(struct scan *s, const struct identities *id, unsigned int i, struct error *e)
{
	struct pipeline_port *port = &s->port[i];
	int rc;

	port->ops = s->ops;
	rc = s->ops->find_link(id->name[i].name, &port->link, e);
	if (rc != 0)
		return rc;
	apply_identity(&port->link, id, i);
	if (port->link.addr == 0)
		return error_set(e, -EADDRNOTAVAIL, "%s has no IPv4 address; give --source-ip",
				 port->link.name);
	/* a plan sends nothing, so it needs no next hop */
	if (id->gateways > 0 || s->config->task == TASK_SHOW_PLAN)
		return 0;
	return hops_find(s, i, e);
}

static int start_engine(struct scan *s, struct error *e)
{
	int rc = s->ops->probe != NULL ? s->ops->probe(e) : 0;

	if (rc == 0 && s->ops->init != NULL)
		rc = s->ops->init(s->engine_args, e);
	s->started = rc == 0;
	return rc;
}

enum exit_code scan_interfaces(struct scan *s, struct error *e)
{
	struct identities id = { .ports = 0 };
	enum exit_code code = read_identities(s, &id, e);

	if (code != EXIT_DONE)
		return code;
	auto_engine_choose(s, id.name, id.ports);
	if (start_engine(s, e) != 0)
		return e->code == -EINVAL ? EXIT_COMMAND : EXIT_HOST; /* --dpdk-eal */
	for (unsigned int i = 0; i < id.ports; i++)
		if (open_port(s, &id, i, e) != 0)
			return EXIT_HOST;
	s->options.ports = s->port;
	s->options.nports = id.ports;
	if (id.gateways == 0 && s->ops->arp != NULL) {
		s->options.meet = hops_meet;
		s->options.meet_arg = s;
	}
	return EXIT_DONE;
}
