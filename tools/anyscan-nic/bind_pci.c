/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/anyscan-nic/bind.h"

#define CLASS_BRIDGE 0x06 /* of PCI: a bridge in a group is no obstacle */

bool bind_read(const struct binding *b, const char *path, char *out, size_t size)
{
	char full[PATH_MAX];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", b->host->root, path);
	f = fopen(full, "re");
	out[0] = '\0';
	if (f == NULL)
		return false;
	if (fgets(out, (int)size, f) != NULL)
		out[strcspn(out, "\n")] = '\0';
	fclose(f);
	return true;
}

bool bind_exists(const struct binding *b, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", b->host->root, path);
	return access(full, F_OK) == 0;
}

/* The last part of what a link points to; "" where there is none. */
static void read_link(const char *root, const char *path, char *out, size_t size)
{
	char full[PATH_MAX], target[PATH_MAX];
	ssize_t len;

	snprintf(full, sizeof(full), "%s%s", root, path);
	len = readlink(full, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	snprintf(out, size, "%.63s", strrchr(target, '/') != NULL ? strrchr(target, '/') + 1 : target);
}

static bool is_pci(const struct bind_host *host, const char *name)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/sys/bus/pci/devices/%s", host->root, name);
	return strchr(name, '/') == NULL && name[0] != '.' && strlen(name) < PCI_NAME_MAX &&
	       strchr(name, ':') != NULL && access(full, F_OK) == 0;
}

/* Journals are named after the address; the name that the kernel gave the interface is in them. */
static bool was_called(const char *state_dir, const char *operand, char pci[PCI_NAME_MAX])
{
	DIR *dir = opendir(state_dir);
	const struct dirent *entry;
	char path[PATH_MAX];
	bool found = false;

	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		struct json_object *o;
		const char *name;
		const int len = (int)strlen(entry->d_name) - (int)strlen("bound-.json");

		if (len <= 0 || len >= PCI_NAME_MAX || strncmp(entry->d_name, "bound-", 6) != 0 ||
		    strcmp(entry->d_name + 6 + len, ".json") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", state_dir, entry->d_name);
		o = json_object_from_file(path);
		name = json_object_get_string(json_object_object_get(o, "interface"));
		found = name != NULL && strcmp(name, operand) == 0;
		if (found)
			snprintf(pci, PCI_NAME_MAX, "%.*s", len, entry->d_name + 6);
		json_object_put(o);
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

void bind_resolve(const struct bind_host *host, const char *state_dir, const char *operand,
		  char pci[PCI_NAME_MAX])
{
	char path[PATH_MAX], name[64];

	pci[0] = '\0';
	if (snprintf(name, sizeof(name), "0000:%s", operand) < (int)sizeof(name) && is_pci(host, name)) {
		snprintf(pci, PCI_NAME_MAX, "%.15s", name);
		return;
	}
	if (is_pci(host, operand)) {
		snprintf(pci, PCI_NAME_MAX, "%.15s", operand);
		return;
	}
	if (strchr(operand, '/') != NULL)
		return;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device", operand);
	read_link(host->root, path, name, sizeof(name));
	if (is_pci(host, name))
		snprintf(pci, PCI_NAME_MAX, "%.15s", name);
	else
		was_called(state_dir, operand, pci);
}

bool bind_journalled(const char *state_dir, const char *pci)
{
	char path[PATH_MAX];

	return pci[0] != '\0' &&
	       snprintf(path, sizeof(path), "%s/bound-%s.json", state_dir, pci) < (int)sizeof(path) &&
	       access(path, F_OK) == 0;
}

static unsigned int read_hexadecimal(const struct binding *b, const char *file)
{
	char path[PATH_MAX], text[32];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", b->pci, file);
	bind_read(b, path, text, sizeof(text));
	return (unsigned int)strtoul(text, NULL, 16);
}

static void count_interfaces(struct binding *b)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;

	b->interfaces = 0;
	b->interface[0] = '\0';
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/net", b->host->root, b->pci);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.') {
			snprintf(b->interface, sizeof(b->interface), "%.15s", entry->d_name);
			b->interfaces++;
		}
	if (dir != NULL)
		closedir(dir);
}

int bind_look(struct binding *b, struct error *e)
{
	char path[PATH_MAX], text[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", b->pci);
	if (!bind_exists(b, path))
		return error_set(e, -ENODEV, "there is no PCI device %s here; `lspci` lists what there is",
				 b->pci);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", b->pci);
	read_link(b->host->root, path, b->driver, sizeof(b->driver));
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", b->pci);
	bind_read(b, path, b->override, sizeof(b->override));
	if (strcmp(b->override, "(null)") == 0)
		b->override[0] = '\0';
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/numa_node", b->pci);
	b->node = bind_read(b, path, text, sizeof(text)) ? atoi(text) : -1;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group/devices", b->pci);
	b->iommu = bind_exists(b, path);
	b->vendor = read_hexadecimal(b, "vendor");
	b->device = read_hexadecimal(b, "device");
	count_interfaces(b);
	return 0;
}

bool bind_group_refused(const struct binding *b, struct error *e)
{
	char path[PATH_MAX], driver[64], class[32];
	const struct dirent *entry;
	bool refused = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/iommu_group/devices", b->host->root, b->pci);
	dir = opendir(path);
	while (dir != NULL && !refused && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, b->pci) == 0)
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.64s/driver", entry->d_name);
		read_link(b->host->root, path, driver, sizeof(driver));
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.64s/class", entry->d_name);
		bind_read(b, path, class, sizeof(class));
		if (driver[0] == '\0' || strcmp(driver, VFIO_DRIVER) == 0 ||
		    strtoul(class, NULL, 16) >> 16 == CLASS_BRIDGE)
			continue;
		error_set(
			e, -EBUSY,
			"%s shares its IOMMU group with %.64s, which %s drives: vfio gives out whole groups; "
			"bind that one first, or put the NIC into another slot",
			b->pci, entry->d_name, driver);
		refused = true;
	}
	if (dir != NULL)
		closedir(dir);
	return refused;
}

static bool holds(const char *root, const char *pid, const char *file)
{
	char path[PATH_MAX], target[64];
	const struct dirent *entry;
	bool found = false;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc/%.16s/fd", root, pid);
	dir = opendir(path);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/proc/%.16s/fd/%.16s", root, pid, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		found = strcmp(target, file) == 0;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

/* The kernel waits in unbind, unkillably, until whoever has the NIC open has closed it. */
bool bind_in_use(const struct binding *b, struct error *e)
{
	char path[PATH_MAX], group[64], file[96];
	const struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", b->pci);
	read_link(b->host->root, path, group, sizeof(group));
	if (group[0] == '\0')
		return false;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group/name", b->pci);
	bind_read(b, path, file, sizeof(file));
	snprintf(file, sizeof(file), "/dev/vfio/%s%s", strstr(file, "noiommu") != NULL ? "noiommu-" : "",
		 group);
	snprintf(path, sizeof(path), "%s/proc", b->host->root);
	dir = opendir(path);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    !holds(b->host->root, entry->d_name, file))
			continue;
		error_set(
			e, -EBUSY,
			"%s is in use: process %.16s has %s open; end it first, as the kernel would wait for it",
			b->pci, entry->d_name, file);
		found = true;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}
