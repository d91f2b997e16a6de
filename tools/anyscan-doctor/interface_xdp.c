/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io/netlink/xdp_features.h"
#include "tools/anyscan-doctor/interfaces.h"
#include "tools/device/xdp_mtu.h"

/* That the driver itself takes a program is tried by probe_engine_xdp(), where it may be. */
void probe_mtu(struct json_object *o, const struct interface *i)
{
	const struct device *d = i->device;
	struct json_object *c;
	char remedy[96];

	if (d->mtu <= XDP_MTU_SAFE) {
		c = can(o, "xdp_mtu");
	} else {
		snprintf(remedy, sizeof(remedy), "anyscan-nic prepare %s, or ip link set %s mtu 1500",
			 d->name, d->name);
		c = cannot(o, "xdp_mtu", remedy,
			   "MTU %u is above %u: native XDP without fragments needs a frame in a page", d->mtu,
			   XDP_MTU_SAFE);
	}
	put_number(c, "mtu", d->mtu);
	put_number(c, "limit", XDP_MTU_SAFE);
	put_number(c, "least", d->mtu_least);
	put_number(c, "most", d->mtu_most);
}

void probe_xdp_features(struct json_object *o, const struct interface *i)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} known[] = {
		{ XDP_FEATURE_BASIC, "basic" },
		{ XDP_FEATURE_REDIRECT, "redirect" },
		{ XDP_FEATURE_NDO_XMIT, "ndo_xmit" },
		{ XDP_FEATURE_ZEROCOPY, "zerocopy" },
		{ XDP_FEATURE_HW_OFFLOAD, "hw_offload" },
		{ XDP_FEATURE_RX_SG, "rx_sg" },
		{ XDP_FEATURE_NDO_XMIT_SG, "ndo_xmit_sg" },
	};
	struct json_object *names = json_object_new_array(), *c;
	uint64_t features = 0;
	const int rc = netlink_xdp_features(i->device->ifindex, &features);

	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		if (features & known[k].bit)
			json_object_array_add(names, json_object_new_string(known[k].name));
	if (rc < 0)
		c = cannot(o, "xdp_features",
			   "use Linux 6.3 or later; that an engine works is tried, not read from here",
			   "the kernel does not tell them: %s", because(rc));
	else if (features == 0)
		c = cannot(o, "xdp_features", "--io-engine af_xdp --xdp-mode skb works with every driver",
			   "the driver has no native XDP");
	else
		c = can(o, "xdp_features");
	put_number(c, "flags", (int64_t)features);
	json_object_object_add(c, "names", names);
}

/* The name needs CAP_SYS_ADMIN to see; the id does not. */
static void name_program(uint32_t id, char *name, size_t size)
{
	struct bpf_prog_info info = { .id = id };
	uint32_t len = sizeof(info);
	const int fd = bpf_prog_get_fd_by_id(id);

	snprintf(name, size, "of unknown name");
	if (fd < 0)
		return;
	if (bpf_obj_get_info_by_fd(fd, &info, &len) == 0 && info.name[0] != '\0')
		snprintf(name, size, "\"%s\"", info.name);
	close(fd);
}

void probe_xdp_free(struct json_object *o, const struct interface *i)
{
	static const char *const how[] = { [XDP_NATIVE] = "natively",
					   [XDP_GENERIC] = "in skb mode",
					   [XDP_OFFLOADED] = "to the hardware",
					   [XDP_SEVERAL] = "in several modes" };
	const struct device *d = i->device;
	struct json_object *c;
	char name[64], remedy[128];

	if (d->xdp == XDP_NOTHING) {
		can(o, "xdp_free");
		return;
	}
	name_program(d->xdp_program, name, sizeof(name));
	snprintf(remedy, sizeof(remedy),
		 "end the program that attached it; if none is running, ip link set %s xdp off", d->name);
	c = cannot(o, "xdp_free", remedy, "XDP program %s (id %u) is attached %s", name, d->xdp_program,
		   d->xdp <= XDP_SEVERAL ? how[d->xdp] : "");
	put_number(c, "program_id", d->xdp_program);
}
