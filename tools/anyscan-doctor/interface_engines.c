/* SPDX-License-Identifier: Apache-2.0 */
/* Per engine, whether it works on this interface: by binding to it. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/anyscan-doctor/granted.h"
#include "tools/anyscan-doctor/interfaces.h"
#include "tools/device/ethtool.h"

/* Bound with protocol 0, it receives nothing. */
void probe_engine_packet(struct json_object *o, const struct interface *i)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = i->device->ifindex };
	int fd;

	if (!available(i->kernel, "af_packet")) {
		cannot_as(o, "af_packet", json_object_object_get(i->kernel, "af_packet"));
		return;
	}
	if (!available(o, "link")) {
		cannot_as(o, "af_packet", json_object_object_get(o, "link"));
		return;
	}
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		can(o, "af_packet");
	else
		cannot(o, "af_packet", "ip link show the interface: it may be gone", "bind: %s",
		       because(-errno));
	if (fd >= 0)
		close(fd);
}

static const char *const must_be_asked =
	"anyscan-doctor --probe-all, at a time when a short interruption does no harm";

/* NULL: it may be tried. */
static struct json_object *why_not(struct json_object *o, const struct interface *i)
{
	static const char *const needs[] = { "af_xdp", "xdp_program" };

	for (size_t k = 0; k < sizeof(needs) / sizeof(needs[0]); k++)
		if (!available(i->kernel, needs[k]))
			return json_object_object_get(i->kernel, needs[k]);
	if (!available(o, "link"))
		return json_object_object_get(o, "link");
	if (!available(o, "xdp_free"))
		return json_object_object_get(o, "xdp_free");
	return NULL;
}

static uint32_t last_queue(const struct interface *i)
{
	struct ethtool_channels channels;
	uint32_t rx;

	if (ethtool_channels(i->device->name, &channels) < 0)
		return 0;
	rx = channels.combined_count + channels.rx_count;
	return rx > 0 ? rx - 1 : 0;
}

static const char *remedy(enum granted_mode mode, int rc)
{
	if (rc == -EPERM || rc == -EACCES)
		return "run as root, or with cap_net_raw, cap_net_admin and cap_bpf";
	if (rc == -EBUSY)
		return "another program has a socket on every queue: end it";
	if (mode == GRANTED_ZEROCOPY)
		return "nothing to do where the driver has none: --xdp-mode copy; ena has it in Amazon's own driver";
	if (mode == GRANTED_COPY)
		return "anyscan-nic prepare, which sets an MTU that native XDP takes; or --xdp-mode skb";
	return "--io-engine af_packet";
}

void probe_engine_xdp(struct json_object *o, const struct interface *i)
{
	struct json_object *why = why_not(o, i), *modes, *c;
	struct granted granted;
	const char *best = NULL;

	if (why != NULL) {
		put_flag(cannot(o, "af_xdp", json_object_get_string(json_object_object_get(why, "remedy")),
				"not tried: %s",
				json_object_get_string(json_object_object_get(why, "reason"))),
			 "tried", false);
		return;
	}
	if (i->guarded != 0 && !i->config->probe_all) {
		put_flag(cannot(o, "af_xdp", must_be_asked, "not tried: the interface %s", i->guard), "tried",
			 false);
		return;
	}
	granted_try(i->device->ifindex, last_queue(i), &granted);
	modes = json_object_new_object();
	for (int m = 0; m < GRANTED_MODES; m++) {
		const char *name = granted_names[m];

		if (granted.rc[m] == 0)
			can(modes, name);
		else
			cannot(modes, name, remedy((enum granted_mode)m, granted.rc[m]), "%s: %s",
			       granted.step[m], because(granted.rc[m]));
		if (granted.rc[m] == 0 && best == NULL)
			best = name;
	}
	if (best != NULL)
		c = can(o, "af_xdp");
	else
		c = cannot(o, "af_xdp", remedy(GRANTED_SKB, granted.rc[GRANTED_SKB]),
			   "no mode is granted; skb: %s: %s", granted.step[GRANTED_SKB],
			   because(granted.rc[GRANTED_SKB]));
	put_flag(c, "tried", true);
	json_object_object_add(c, "mode", best != NULL ? json_object_new_string(best) : NULL);
	put_number(c, "queue", granted.queue);
	json_object_object_add(c, "modes", modes);
}
