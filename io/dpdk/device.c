/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/dpdk/eal.h"
#include "io/dpdk/rte.h"

void dpdk_device_name(const char *device, char *name, size_t size)
{
	snprintf(name, size, "%.*s", (int)strcspn(device, ","), device);
}

/* By the name of the port, else of the device that it belongs to: they differ where a device has several. */
static int find(const char *name, uint16_t *port)
{
	struct rte_eth_dev_info info;
	uint16_t p;

	if (rte_eth_dev_get_port_by_name(name, port) == 0)
		return 0;
	RTE_ETH_FOREACH_DEV(p)
	{
		if (rte_eth_dev_info_get(p, &info) == 0 && info.device != NULL &&
		    strcmp(rte_dev_name(info.device), name) == 0) {
			*port = p;
			return 0;
		}
	}
	return -ENODEV;
}

static const char *advice(const char *name, bool known)
{
	if (strchr(name, ':') != NULL)
		return "a PCI device must be bound to vfio-pci, and its PMD installed (ena: librte-net-ena23)";
	if (strncmp(name, "net_", 4) == 0 || strncmp(name, "virtio_user", 11) == 0)
		return known ? "look at its arguments" :
			       "look at its name; the PMD of a device net_NAME0 is in librte-net-NAME23";
	return "write a DPDK device, as net_af_packet0,iface=ens1, or a PCI address";
}

/* rte_dev_probe() calls a name that no bus and no driver takes a bad address. */
static bool has_driver(const char *device)
{
	struct rte_devargs args = { 0 };
	const bool parsed = rte_devargs_parse(&args, device) != -EFAULT;

	free(args.data);
	return parsed;
}

struct probing {
	const char *device;
	uint16_t *port;
	struct error *e;
};

static int probe(void *arg)
{
	const struct probing *p = arg;
	char name[RTE_DEV_NAME_MAX_LEN], last[480];
	int rc;

	dpdk_device_name(p->device, name, sizeof(name));
	if (find(name, p->port) == 0)
		return 0;
	if (!has_driver(p->device))
		return error_set(
			p->e, -ENODEV,
			"DPDK finds no port of \"%s\": no driver that is installed knows the name \"%s\"\n%s",
			p->device, name, advice(name, false));
	dpdk_log_forget();
	rc = rte_dev_probe(p->device);
	if (rc == 0)
		rc = find(name, p->port);
	if (rc == 0)
		return 0;
	dpdk_log_last(last, sizeof(last));
	return error_set(p->e, -ENODEV, "DPDK finds no port of \"%s\": %s%s%s\n%s", p->device, strerror(-rc),
			 last[0] != '\0' ? "\n" : "", last, advice(name, true));
}

int dpdk_device_port(const char *device, uint16_t *port, struct error *e)
{
	struct probing p = { .device = device, .port = port, .e = e };

	return dpdk_call(probe, &p);
}
