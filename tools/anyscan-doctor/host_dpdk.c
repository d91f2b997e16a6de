/* SPDX-License-Identifier: Apache-2.0 */
#include <glob.h>
#include <string.h>

#include "tools/anyscan-doctor/dpdk.h"
#include "tools/anyscan-doctor/host.h"

/* Devices that need no NIC, of use to a scan here. */
static const char *const virtual_pmds[] = { "af_packet", "af_xdp", "memif", "vhost",
					    "virtio",	 "tap",	   "pcap",  "null" };

static size_t count_pmds(const struct dpdk_library *l)
{
	char pattern[PATH_MAX + 32];
	glob_t found;
	size_t count;

	snprintf(pattern, sizeof(pattern), "%s/librte_net_*.so.%u.0", l->pmds, l->abi);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	count = found.gl_pathc;
	globfree(&found);
	return count;
}

static void probe_pmds(struct json_object *kernel, const struct dpdk_library *l)
{
	struct json_object *names = json_object_new_array(), *c;
	const size_t count = count_pmds(l);
	char remedy[160];

	for (size_t i = 0; i < sizeof(virtual_pmds) / sizeof(virtual_pmds[0]); i++)
		if (dpdk_pmd_installed(l, virtual_pmds[i]))
			json_object_array_add(names, json_object_new_string(virtual_pmds[i]));
	snprintf(
		remedy, sizeof(remedy),
		"apt-get install librte-net-af-packet%u, and what the list of NICs names; libdpdk-dev brings all of them",
		l->abi);
	if (count > 0)
		c = can(kernel, "dpdk_pmds");
	else
		c = cannot(kernel, "dpdk_pmds", remedy, "no driver of a NIC or of a virtual device in %.400s",
			   l->pmds);
	put_number(c, "count", (int64_t)count);
	json_object_object_add(c, "virtual", names);
	put_text(c, "folder", l->pmds);
}

void probe_dpdk(struct json_object *kernel)
{
	static const char remedy[] = "apt-get install dpdk; or use --io-engine af_xdp";
	struct dpdk_library l;

	if (dpdk_library_find(kernel, &l)) {
		put_text(can(kernel, "dpdk_library"), "version", l.version);
		probe_pmds(kernel, &l);
		return;
	}
	if (l.abi != 0)
		cannot(kernel, "dpdk_library", remedy,
		       "librte_eal.so.%u, which anyscan-pipe was built with, is not installed", l.abi);
	else
		cannot(kernel, "dpdk_library", remedy, "librte_eal is not installed in any version");
	cannot_as(kernel, "dpdk_pmds", json_object_object_get(kernel, "dpdk_library"));
}
