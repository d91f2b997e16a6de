/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCI bus of files, and a kernel that reacts to what is written there as the real one does: an unbound driver takes
 * the interface with it, and another gets a fresh one.
 */
#ifndef TEST_FAKE_PCI_H
#define TEST_FAKE_PCI_H

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/anyscan-nic/bind.h"

#define NIC "0000:00:06.0"
#define OTHER "0000:00:07.0"
#define DEVICES "/sys/bus/pci/devices/"
#define POOL "/sys/devices/system/node/node1/hugepages/hugepages-"
#define PARAMETER "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

static char root[64], state[80];
static bool has_module = true, takes_it = true;
static unsigned int huge_most = 4; /* of 1 GiB, that the fake memory has in one piece */
static const char *refusal; /* what the routes say, or NULL */

/* ---- the tree */
static const char *at(const char *path)
{
	static char full[4][PATH_MAX];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(full[turn], PATH_MAX, "%s%s", root, path);
	return full[turn];
}

static void shell(const char *format, const char *a, const char *b)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), format, a, b);
	cr_assert_eq(system(command), 0, "%s", command);
}

static void file(const char *path, const char *text)
{
	char *slash, full[PATH_MAX];
	FILE *f;

	snprintf(full, sizeof(full), "%s", at(path));
	slash = strrchr(full, '/');
	*slash = '\0';
	shell("mkdir -p %s%s", full, "");
	*slash = '/';
	f = fopen(full, "w");
	cr_assert_not_null(f, "%s", full);
	fprintf(f, "%s\n", text);
	fclose(f);
}

static void text_of(const char *path, char *out, size_t size)
{
	FILE *f = fopen(at(path), "r");

	out[0] = '\0';
	if (f != NULL && fgets(out, (int)size, f) != NULL)
		out[strcspn(out, "\n")] = '\0';
	if (f != NULL)
		fclose(f);
}

static void interface_of(const char *pci, char name[16])
{
	snprintf(name, 16, "%s", strcmp(pci, NIC) == 0 ? "ens6" : "ens7");
}

static void attach(const char *pci, const char *driver)
{
	char link[128], target[256], name[16], path[128];

	snprintf(link, sizeof(link), DEVICES "%s/driver", pci);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	cr_assert_eq(symlink(target, at(link)), 0);
	if (strcmp(driver, "ena") != 0)
		return;
	interface_of(pci, name);
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	file(path, "0x1002");
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	file(path, "none");
	snprintf(path, sizeof(path), DEVICES "%s/net/%s", pci, name);
	shell("mkdir -p %s%s", at(path), "");
	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	snprintf(target, sizeof(target), "../../../bus/pci/devices/%s", pci);
	cr_assert_eq(symlink(target, at(path)), 0);
}

static void detach(const char *pci)
{
	char path[128], name[16];

	snprintf(path, sizeof(path), DEVICES "%s/driver", pci);
	unlink(at(path));
	interface_of(pci, name);
	snprintf(path, sizeof(path), DEVICES "%s/net", pci);
	shell("rm -rf %s %s", at(path), "");
	snprintf(path, sizeof(path), "/sys/class/net/%s", name);
	shell("rm -rf %s %s", at(path), "");
}

static void device(const char *pci, bool iommu)
{
	char path[128], name[16];

	snprintf(path, sizeof(path), DEVICES "%s/driver_override", pci);
	file(path, "(null)");
	snprintf(path, sizeof(path), DEVICES "%s/numa_node", pci);
	file(path, "1");
	snprintf(path, sizeof(path), DEVICES "%s/vendor", pci);
	file(path, "0x1d0f");
	if (iommu) {
		snprintf(path, sizeof(path), DEVICES "%s/iommu_group/devices/%s/x", pci, pci);
		file(path, "");
	}
	attach(pci, "ena");
	interface_of(pci, name);
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	file(path, "0x1003");
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	file(path, "10.0.6.2/24 route 10.9.0.0/16 via 10.0.6.1");
}

static void module_appears(void)
{
	file("/sys/bus/pci/drivers/vfio-pci/unbind", "");
	file(PARAMETER, "N");
}

static void build(bool iommu)
{
	snprintf(root, sizeof(root), "/tmp/anyscan-bind.XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	snprintf(state, sizeof(state), "%s/run", root);
	device(NIC, iommu);
	device(OTHER, iommu);
	file("/sys/bus/pci/drivers_probe", "");
	file("/sys/bus/pci/drivers/ena/bind", "");
	file("/sys/bus/pci/drivers/ena/unbind", "");
	file(POOL "1048576kB/nr_hugepages", "1");
	file(POOL "1048576kB/free_hugepages", "0");
	file(POOL "2048kB/nr_hugepages", "7");
	file(POOL "2048kB/free_hugepages", "7");
	file("/proc/x", "");
}

static void with_iommu(void)
{
	build(true);
}

static void without_iommu(void)
{
	build(false);
}

static void destroy(void)
{
	shell("rm -rf %s%s", root, "");
}

/* ---- the kernel */
static void write_only(const char *path, const char *value) /* one that reads as it was */
{
	if (strstr(path, "driver_override") != NULL && value[0] == '\0')
		file(path, "(null)");
	else if (strstr(path, "bind") == NULL && strstr(path, "probe") == NULL)
		file(path, value);
}

static void pool_changed(const char *path, const char *value)
{
	unsigned int n = (unsigned int)atoi(value), used = 1, most = huge_most;
	char other[PATH_MAX], text[16];

	if (strstr(path, "1048576kB") == NULL)
		used = 0, most = 100000;
	n = n > most ? most : n;
	snprintf(text, sizeof(text), "%u", n);
	file(path, text);
	snprintf(other, sizeof(other), "%.*sfree_hugepages", (int)(strstr(path, "nr_huge") - path), path);
	snprintf(text, sizeof(text), "%u", n - used);
	file(other, text);
}

static int put(const struct bind_host *host, const char *path, const char *value)
{
	char override[32], file_name[128];

	(void)host;
	if (access(at(path), F_OK) < 0)
		return -ENOENT;
	write_only(path, value);
	if (strstr(path, "nr_hugepages") != NULL)
		pool_changed(path, value);
	else if (strstr(path, "/unbind") != NULL)
		detach(value);
	else if (strstr(path, "/ena/bind") != NULL)
		attach(value, "ena");
	else if (strstr(path, "drivers_probe") != NULL) {
		snprintf(file_name, sizeof(file_name), DEVICES "%s/driver_override", value);
		text_of(file_name, override, sizeof(override));
		if (takes_it)
			attach(value, strcmp(override, "vfio-pci") == 0 ? "vfio-pci" : "ena");
	}
	return 0;
}

static int module(const struct bind_host *host, const char *name, bool load)
{
	(void)host;
	cr_assert_str_eq(name, "vfio-pci");
	if (!has_module)
		return -ENOENT;
	if (load)
		module_appears();
	else
		shell("rm -rf %s %s", at("/sys/bus/pci/drivers/vfio-pci"), at("/sys/module"));
	return 0;
}

static struct json_object *interface_read(const struct bind_host *host, struct nic *nic, const char *name,
					  struct error *e)
{
	struct json_object *o = json_object_new_object(), *link = json_object_new_object();
	char path[128], text[128];

	(void)host, (void)nic, (void)e;
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	text_of(path, text, sizeof(text));
	json_object_object_add(o, "flags", json_object_new_string(text));
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	text_of(path, text, sizeof(text));
	json_object_object_add(o, "addresses", json_object_new_string(text));
	json_object_object_add(link, "address", json_object_new_string("10.0.6.2"));
	json_object_object_add(link, "gateway", json_object_new_string("10.0.6.1"));
	json_object_object_add(link, "gateway_mac", json_object_new_string("02:00:00:00:06:01"));
	json_object_object_add(link, "onlink_net", json_object_new_string("10.0.6.0"));
	json_object_object_add(link, "onlink_mask", json_object_new_string("255.255.255.0"));
	json_object_object_add(link, "mtu", json_object_new_int(9001));
	json_object_object_add(o, "link", link);
	return o;
}

static int interface_bring(const struct bind_host *host, struct nic *nic, const char *name,
			   struct json_object *saved, struct error *e)
{
	char path[128];

	(void)host, (void)e;
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	file(path, json_object_get_string(json_object_object_get(saved, "flags")));
	count_write(nic);
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	file(path, json_object_get_string(json_object_object_get(saved, "addresses")));
	return 0;
}

static bool refused(const struct bind_host *host, struct nic *nic, const char *name, struct error *e)
{
	(void)host, (void)nic;
	if (refusal != NULL)
		error_set(e, -EPERM, "%s %s", name, refusal);
	return refusal != NULL;
}

static const struct bind_host host = { root, put, module, interface_read, interface_bring, refused };

#endif
