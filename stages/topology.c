/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/topology.h"

#include <hwloc.h>
#include <limits.h>
#include <stdio.h>

static hwloc_topology_t look(const char *synthetic)
{
	hwloc_topology_t t;

	if (hwloc_topology_init(&t) < 0)
		return NULL;
	if ((synthetic == NULL || hwloc_topology_set_synthetic(t, synthetic) == 0) &&
	    hwloc_topology_load(t) == 0)
		return t;
	hwloc_topology_destroy(t);
	return NULL;
}

static struct plan_cpu place_of(hwloc_topology_t t, int number)
{
	struct plan_cpu c = { .cpu = number, .core = number, .node = -1 };
	hwloc_obj_t pu = t != NULL ? hwloc_get_pu_obj_by_os_index(t, (unsigned int)number) : NULL;
	hwloc_obj_t core = pu != NULL ? hwloc_get_ancestor_obj_by_type(t, HWLOC_OBJ_CORE, pu) : NULL;

	if (core != NULL)
		c.core = (int)core->logical_index; /* the kernel's number is one within its package */
	if (pu != NULL && pu->nodeset != NULL)
		c.node = hwloc_bitmap_first(pu->nodeset);
	return c;
}

unsigned int topology_read(const char *synthetic, const cpu_set_t *usable, struct plan_cpu *cpu)
{
	hwloc_topology_t t = look(synthetic);
	unsigned int n = 0;

	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, usable))
			cpu[n++] = place_of(t, i);
	}
	if (t != NULL)
		hwloc_topology_destroy(t);
	return n;
}

/* A virtio NIC is the child of the PCI function that has the node. */
int topology_node_below(const char *root, const char *ifname)
{
	static const struct {
		const char *before, *after;
	} file[] = {
		{ "class/net", "device/numa_node" },
		{ "class/net", "device/../numa_node" },
		{ "bus/pci/devices", "numa_node" }, /* by address: the kernel has no interface of it */
	};
	char path[PATH_MAX];
	int node = -1;

	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		FILE *f;

		if (snprintf(path, sizeof(path), "%s/%s/%s/%s", root, file[i].before, ifname,
			     file[i].after) >= (int)sizeof(path))
			return -1;
		f = fopen(path, "re");
		if (f == NULL)
			continue;
		if (fscanf(f, "%d", &node) != 1)
			node = -1;
		fclose(f);
		break;
	}
	return node;
}

int topology_node_of_interface(const char *ifname)
{
	return topology_node_below("/sys", ifname);
}
