/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-doctor/interfaces.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/io.h"
#include "tools/device/guard.h"

static interface_probe *const probes[] = {
	probe_link, probe_driver,   probe_numa,		probe_channels, probe_rss,	     probe_rings,
	probe_mtu,  probe_counters, probe_xdp_features, probe_xdp_free, probe_engine_packet, probe_engine_xdp,
};

static struct json_object *look_at(const struct device *d, const struct config *c, struct json_object *kernel)
{
	struct interface i = { .device = d, .config = c, .kernel = kernel };
	struct json_object *o = json_object_new_object();
	struct error e = { .code = 0 };

	i.guarded = guard_check(d->ifindex, i.guard, sizeof(i.guard), &e);
	if (i.guarded < 0)
		snprintf(i.guard, sizeof(i.guard), "may carry the default route: %.200s", e.text);
	put_text(o, "name", d->name);
	put_number(o, "ifindex", d->ifindex);
	put_text(o, "kind", d->kind);
	put_flag(o, "guarded", i.guarded != 0);
	for (size_t p = 0; p < sizeof(probes) / sizeof(probes[0]); p++)
		probes[p](o, &i);
	return o;
}

/* Of a list with commas; "" at its end. One that is too long for an interface stays so, and is found nowhere. */
static const char *next_name(const char **rest, char name[IO_NAME_MAX])
{
	size_t len;

	*rest += strspn(*rest, ", ");
	len = strcspn(*rest, ", ");
	snprintf(name, IO_NAME_MAX, "%.*s", (int)len, *rest);
	*rest += len;
	return name;
}

int look_at_interfaces(struct json_object *array, const struct config *c, struct json_object *kernel,
		       struct error *e)
{
	struct device *d = NULL;
	size_t count = 0;
	int rc = devices_read(&d, &count, e);

	if (rc < 0)
		return rc;
	for (size_t i = 0; c->interfaces.count == 0 && i < count; i++)
		if (d[i].type == ARPHRD_ETHER)
			json_object_array_add(array, look_at(&d[i], c, kernel));
	for (size_t i = 0; rc == 0 && i < c->interfaces.count; i++) {
		const char *rest = c->interfaces.item[i];
		char name[IO_NAME_MAX];

		while (rc == 0 && *next_name(&rest, name) != '\0') {
			const struct device *found = device_named(d, count, name);

			if (found != NULL)
				json_object_array_add(array, look_at(found, c, kernel));
			else
				rc = error_set(
					e, -ENODEV,
					"there is no interface %.40s here; `ip link` lists what there is",
					name);
		}
	}
	free(d);
	return rc;
}
