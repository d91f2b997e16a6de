/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/interface_list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

/* Calls take() for every comma-separated item of every value of a repeatable option. */
typedef int taker(const char *item, void *arg, struct error *e);

static int each_item(const struct text_list *list, const char *option, taker *take, void *arg,
		     struct error *e)
{
	char item[IO_NAME_MAX + 32];

	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->item[i];

		while (true) {
			const size_t len = strcspn(text, ",");
			int rc;

			if (len == 0 || len >= sizeof(item))
				return error_set(e, -EINVAL, "--%s \"%s\": an item is %s", option,
						 list->item[i], len == 0 ? "empty" : "too long");
			memcpy(item, text, len);
			item[len] = '\0';
			rc = take(item, arg, e);
			if (rc != 0)
				return rc;
			if (text[len] == '\0')
				break;
			text += len + 1;
		}
	}
	return 0;
}

struct names {
	struct interface_name *out;
	int count;
};

/* ":0-7" after a name: queues are opened from 0 on. */
static int take_queues(const char *item, const char *text, unsigned int *queues, struct error *e)
{
	unsigned int first = 0, last = 0;
	int used = 0;

	if (sscanf(text, "%4u-%4u%n", &first, &last, &used) == 2 && text[used] == '\0' && first == 0) {
		*queues = last + 1;
		return 0;
	}
	if (sscanf(text, "%4u%n", &last, &used) == 1 && text[used] == '\0' && last == 0) {
		*queues = 1;
		return 0;
	}
	return error_set(e, -EINVAL, "--interface %s: queues are written NAME:0-N, from queue 0 on", item);
}

/* "0000:00:06.0" or "00:06.0", with queues behind it or not. Returns its length, 0: it is none. */
static size_t pci_address(const char *item)
{
	unsigned int number;
	int used = 0;

	if (sscanf(item, "%4x:%2x:%2x.%1u%n", &number, &number, &number, &number, &used) != 4 &&
	    sscanf(item, "%2x:%2x.%1u%n", &number, &number, &number, &used) != 3)
		return 0;
	return item[used] == '\0' || item[used] == ':' ? (size_t)used : 0;
}

bool interface_of_dpdk(const char *name)
{
	return pci_address(name) > 0 || strchr(name, ',') != NULL ||
	       (strncmp(name, "net_", 4) == 0 && if_nametoindex(name) == 0);
}

/* "iface=ens1": an argument of the DPDK device before it. */
static int take_argument(const char *item, struct names *n, struct error *e)
{
	char *name = n->count > 0 ? n->out[n->count - 1].name : NULL;
	const size_t used = name != NULL ? strlen(name) : 0;

	if (name == NULL)
		return error_set(
			e, -EINVAL,
			"--interface: \"%s\" is an argument of a DPDK device; write the device before "
			"it: net_af_packet0,%s",
			item, item);
	if (used + 1 + strlen(item) >= IO_NAME_MAX)
		return error_set(e, -EINVAL, "--interface: \"%s,%s\" is longer than %d bytes", name, item,
				 IO_NAME_MAX - 1);
	snprintf(name + used, IO_NAME_MAX - used, ",%s", item);
	return 0;
}

static int take_name(const char *item, void *arg, struct error *e)
{
	struct names *n = arg;
	const char *colon = strchr(item + pci_address(item), ':');
	struct interface_name next = { .queues = 0 };

	if (strchr(item, '=') != NULL)
		return take_argument(item, n, e);
	if (colon != NULL && take_queues(item, colon + 1, &next.queues, e) != 0)
		return -EINVAL;
	snprintf(next.name, sizeof(next.name), "%.*s", colon != NULL ? (int)(colon - item) : IO_NAME_MAX - 1,
		 item);
	for (int i = 0; i < n->count; i++)
		if (strcmp(n->out[i].name, next.name) == 0)
			return error_set(e, -EINVAL, "--interface: %s is named twice", next.name);
	if (n->count > 0 && n->out[0].queues != next.queues)
		return error_set(
			e, -EINVAL,
			"--interface: %s and %s differ in their number of queues; write the same for all",
			n->out[0].name, next.name);
	if (n->count == PIPELINE_PORTS_MAX)
		return error_set(e, -EINVAL, "--interface: more than %d interfaces", PIPELINE_PORTS_MAX);
	n->out[n->count++] = next;
	return 0;
}

int interface_names(const struct text_list *list, struct interface_name *out, struct error *e)
{
	struct names n = { .out = out };
	const int rc = each_item(list, "interface", take_name, &n, e);

	return rc != 0 ? rc : n.count;
}

struct values {
	const char *option;
	uint32_t *addr;
	uint8_t (*mac)[6];
	unsigned int count, ports;
};

static int check_count(const struct values *v, struct error *e)
{
	if (v->count < v->ports)
		return 0;
	return error_set(e, -EINVAL, "--%s: more values than interfaces (%u); write one, or one for each",
			 v->option, v->ports);
}

static int take_address(const char *item, void *arg, struct error *e)
{
	struct values *v = arg;
	struct in_addr addr;

	if (inet_pton(AF_INET, item, &addr) != 1 || addr.s_addr == 0)
		return error_set(e, -EINVAL, "--%s: \"%s\" is not an IPv4 address; write a.b.c.d", v->option,
				 item);
	if (check_count(v, e) != 0)
		return -EINVAL;
	v->addr[v->count++] = ntohl(addr.s_addr);
	return 0;
}

static int take_mac(const char *item, void *arg, struct error *e)
{
	struct values *v = arg;
	unsigned int byte[6];
	int used = 0;

	if (sscanf(item, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4],
		   &byte[5], &used) != 6 ||
	    item[used] != '\0')
		return error_set(e, -EINVAL,
				 "--%s: \"%s\" is not an Ethernet address; write aa:bb:cc:dd:ee:ff",
				 v->option, item);
	if (byte[0] & 1)
		return error_set(e, -EINVAL,
				 "--%s: %s is a group address, no station has it; write the "
				 "address of one",
				 v->option, item);
	if (check_count(v, e) != 0)
		return -EINVAL;
	for (unsigned int i = 0; i < 6; i++)
		v->mac[v->count][i] = (uint8_t)byte[i];
	v->count++;
	return 0;
}

/* One value is repeated for all; otherwise there must be one for each. */
static int spread(struct values *v, struct error *e)
{
	if (v->count > 1 && v->count != v->ports)
		return error_set(e, -EINVAL, "--%s: %u values for %u interfaces; write one, or one for each",
				 v->option, v->count, v->ports);
	for (unsigned int i = v->count; v->count == 1 && i < v->ports; i++) {
		if (v->addr != NULL)
			v->addr[i] = v->addr[0];
		else
			memcpy(v->mac[i], v->mac[0], 6);
	}
	return (int)v->count;
}

int interface_addresses(const char *option, const struct text_list *list, uint32_t *out, unsigned int ports,
			struct error *e)
{
	struct values v = { .option = option, .addr = out, .ports = ports };
	const int rc = each_item(list, option, take_address, &v, e);

	return rc != 0 ? rc : spread(&v, e);
}

int interface_macs(const char *option, const struct text_list *list, uint8_t (*out)[6], unsigned int ports,
		   struct error *e)
{
	struct values v = { .option = option, .mac = out, .ports = ports };
	const int rc = each_item(list, option, take_mac, &v, e);

	return rc != 0 ? rc : spread(&v, e);
}
