/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between each NIC and a scan over DPDK, the first thing first: a driver of DPDK's for it, that it may be
 * taken from the kernel, that it has been, and that its vfio group may be opened.
 */
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/error.h"
#include "tools/anyscan-doctor/dpdk.h"
#include "tools/anyscan-doctor/pmd.h"
#include "tools/device/guard.h"
#include "tools/device/registers.h"

#define PCI "/sys/bus/pci/devices"
#define CLASS_NETWORK 0x02

struct nic {
	char address[16], driver[32], interface[IF_NAMESIZE], group[32];
	unsigned int vendor, device;
	int node;
	const struct pmd *pmd;
};

/* The whole number in a file of the device, or `otherwise`. */
static int read_int(const char *address, const char *file, int otherwise)
{
	char path[128], text[32];
	int value = otherwise;
	FILE *f;

	snprintf(path, sizeof(path), PCI "/%s/%s", address, file);
	f = fopen(path, "re");
	if (f == NULL)
		return otherwise;
	if (fgets(text, sizeof(text), f) != NULL)
		value = (int)strtol(text, NULL, 0);
	fclose(f);
	return value;
}

/* The last part of what a link of the device leads to, or "". */
static void read_name(const char *address, const char *link, char *out, size_t size)
{
	char path[128], target[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), PCI "/%s/%s", address, link);
	n = readlink(path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	snprintf(out, size, "%s", n > 0 ? basename(target) : "");
}

/* Of the network namespace that we are in; virtio has a bus of its own between. */
static void find_interface(struct nic *n)
{
	static const char *const where[] = { "net", "virtio*/net" };
	glob_t found;
	char path[128];

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]) && n->interface[0] == '\0'; i++) {
		snprintf(path, sizeof(path), PCI "/%s/%s/*", n->address, where[i]);
		if (glob(path, 0, NULL, &found) != 0)
			continue;
		snprintf(n->interface, sizeof(n->interface), "%s", basename(found.gl_pathv[0]));
		globfree(&found);
	}
}

static bool read_nic(const char *address, struct nic *n)
{
	*n = (struct nic){ .node = read_int(address, "numa_node", -1) };
	if (read_int(address, "class", 0) >> 16 != CLASS_NETWORK)
		return false;
	snprintf(n->address, sizeof(n->address), "%s", address);
	n->vendor = (unsigned int)read_int(address, "vendor", 0);
	n->device = (unsigned int)read_int(address, "device", 0);
	n->pmd = pmd_for((uint16_t)n->vendor, (uint16_t)n->device);
	read_name(address, "driver", n->driver, sizeof(n->driver));
	read_name(address, "iommu_group", n->group, sizeof(n->group));
	find_interface(n);
	return true;
}

static bool for_dpdk(const char *driver)
{
	return strcmp(driver, "vfio-pci") == 0 || strcmp(driver, "igb_uio") == 0 ||
	       strcmp(driver, "uio_pci_generic") == 0;
}

/* Why it is not to be taken from the kernel; "" : it may be. */
static void find_guard(const struct nic *n, char why[256])
{
	const unsigned int ifindex = n->interface[0] != '\0' ? if_nametoindex(n->interface) : 0;
	struct error e = { .code = 0 };

	*why = '\0';
	if (ifindex != 0 && guard_check((int)ifindex, why, 256, &e) < 0)
		snprintf(why, 256, "may carry the default route: %.200s", e.text);
}

/* "/dev/vfio/7", without an IOMMU "/dev/vfio/noiommu-7" */
static int try_group(const struct nic *n, char path[64])
{
	snprintf(path, 64, "/dev/vfio/%s", n->group);
	if (access(path, R_OK | W_OK) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	snprintf(path, 64, "/dev/vfio/noiommu-%s", n->group);
	return access(path, R_OK | W_OK) == 0 ? 0 : -errno;
}

static struct json_object *bound(struct json_object *nics, const struct nic *n)
{
	char group[64], remedy[160];
	int rc;

	if (strcmp(n->driver, "vfio-pci") != 0)
		return can(nics, n->address);
	if (n->group[0] == '\0')
		return cannot(
			nics, n->address,
			"echo 1 > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode, and bind it again",
			"it is bound to vfio-pci and is in no IOMMU group");
	rc = try_group(n, group);
	if (rc == 0)
		return can(nics, n->address);
	snprintf(
		remedy, sizeof(remedy),
		"run as root, or chown USER %s; in a service: PrivateDevices=no; in a container: --device /dev/vfio",
		group);
	return cannot(nics, n->address, remedy, "%s: %s", group, because(rc));
}

static struct json_object *installed(struct json_object *nics, const struct nic *n)
{
	char why[256], remedy[128];

	if (n->pmd->bifurcated)
		return n->driver[0] != '\0' && !for_dpdk(n->driver) ?
			       can(nics, n->address) :
			       cannot(nics, n->address,
				      "anyscan-nic unbind, or load the kernel's driver of it",
				      "its PMD works beside the driver of the kernel, which does not have it");
	if (for_dpdk(n->driver))
		return bound(nics, n);
	find_guard(n, why);
	if (*why != '\0')
		return cannot(nics, n->address,
			      "scan from another NIC, or with --io-engine af_packet from this one", "it %s",
			      why);
	snprintf(remedy, sizeof(remedy), "anyscan-nic bind %s",
		 n->interface[0] != '\0' ? n->interface : n->address);
	return cannot(nics, n->address, remedy, "it is not bound to vfio-pci: %s%s%s",
		      n->driver[0] != '\0' ? n->driver : "no driver has it",
		      n->interface[0] != '\0' ? " has it as " :
		      n->driver[0] != '\0'    ? " has it" :
						"",
		      n->interface);
}

static struct json_object *look_at(struct json_object *nics, struct json_object *kernel, const struct nic *n,
				   const struct dpdk_library *library)
{
	char package[64], remedy[96];

	if (n->pmd == NULL)
		return cannot(nics, n->address, "use --io-engine af_xdp or af_packet over its interface",
			      "no driver of DPDK is known here for %04x:%04x", n->vendor, n->device);
	if (library == NULL) {
		cannot_as(nics, n->address, json_object_object_get(kernel, "dpdk_library"));
		return json_object_object_get(nics, n->address);
	}
	if (dpdk_pmd_installed(library, n->pmd->name))
		return installed(nics, n);
	pmd_package(n->pmd, library->abi, package, sizeof(package));
	snprintf(remedy, sizeof(remedy), "apt-get install %s", package);
	return cannot(nics, n->address, remedy, "its driver librte_net_%s is not in %.400s", n->pmd->name,
		      library->pmds);
}

static void describe(struct json_object *c, const struct nic *n)
{
	char id[16];

	snprintf(id, sizeof(id), "%04x:%04x", n->vendor, n->device);
	put_text(c, "id", id);
	put_text(c, "pmd", n->pmd != NULL ? n->pmd->name : "");
	put_text(c, "driver", n->driver);
	put_text(c, "interface", n->interface);
	put_text(c, "iommu_group", n->group);
	put_number(c, "node", n->node);
	if (n->vendor == REGISTERS_ENA_VENDOR && for_dpdk(n->driver))
		look_at_registers(c, n->address, n->driver);
}

void look_at_nics(struct json_object *nics, struct json_object *kernel)
{
	struct dpdk_library library;
	const bool found = dpdk_library_find(kernel, &library);
	struct nic nic;
	glob_t devices;

	if (glob(PCI "/*", 0, NULL, &devices) != 0)
		return;
	for (size_t i = 0; i < devices.gl_pathc; i++)
		if (read_nic(basename(devices.gl_pathv[i]), &nic))
			describe(look_at(nics, kernel, &nic, found ? &library : NULL), &nic);
	globfree(&devices);
}
