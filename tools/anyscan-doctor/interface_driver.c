/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/anyscan-doctor/interfaces.h"
#include "tools/device/ethtool.h"

void probe_link(struct json_object *o, const struct interface *i)
{
	const char *name = i->device->name;
	char remedy[64];

	if (!(i->device->flags & IFF_UP)) {
		snprintf(remedy, sizeof(remedy), "ip link set %s up", name);
		cannot(o, "link", remedy, "the interface is down");
	} else if (!(i->device->flags & IFF_RUNNING)) {
		cannot(o, "link", "check the cable, or the peer of the link", "it has no carrier");
	} else {
		can(o, "link");
	}
}

void probe_driver(struct json_object *o, const struct interface *i)
{
	struct ethtool_drvinfo info;
	const int rc = ethtool_driver(i->device->name, &info);
	struct json_object *c;

	if (rc < 0) {
		cannot(o, "driver", NOTHING_TO_SET, "it does not say which one it is: %s", because(rc));
		return;
	}
	c = can(o, "driver");
	put_text(c, "name", info.driver);
	put_text(c, "version", info.version);
	put_text(c, "firmware", info.fw_version);
	put_text(c, "bus", info.bus_info);
}

void probe_numa(struct json_object *o, const struct interface *i)
{
	char path[96];
	int node = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/numa_node", i->device->name);
	f = fopen(path, "re");
	if (f != NULL) {
		if (fscanf(f, "%d", &node) != 1)
			node = -1;
		fclose(f);
	}
	if (node >= 0)
		put_number(can(o, "numa_node"), "node", node);
	else
		cannot(o, "numa_node", "nothing to do: threads are placed on any core",
		       f == NULL ? "the kernel names none for it" : "its bus belongs to none");
}

/* What a cloud lets an instance send and receive is told by counters of what went beyond it. */
void probe_counters(struct json_object *o, const struct interface *i)
{
	char *names, name[ETH_GSTRING_LEN + 1];
	struct json_object *found;
	uint32_t count;
	const int rc = ethtool_counter_names(i->device->name, &names, &count);

	if (rc < 0) {
		cannot(o, "allowance_counters", "watch `ip -s link` for drops",
		       "the driver names no counters: %s", because(rc));
		return;
	}
	found = json_object_new_array();
	for (uint32_t k = 0; k < count; k++) {
		snprintf(name, sizeof(name), "%.*s", ETH_GSTRING_LEN, names + (size_t)k * ETH_GSTRING_LEN);
		if (strstr(name, "allowance") != NULL)
			json_object_array_add(found, json_object_new_string(name));
	}
	if (json_object_array_length(found) > 0) {
		json_object_object_add(can(o, "allowance_counters"), "names", found);
	} else {
		cannot(o, "allowance_counters",
		       "only ena has them; watch `ip -s link` and `ethtool -S` for drops",
		       "there is none among the %u counters of the driver", count);
		json_object_put(found);
	}
	free(names);
}
