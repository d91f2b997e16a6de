/* SPDX-License-Identifier: Apache-2.0 */
/* Per engine, whether it works on this interface: by binding to it. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/af_xdp/granted.h"
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
	static const char *const needs[] = { "af_xdp", "xdp_program", "xskmap", "btf" };

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

static const char *const remedies[XDP_MODES] = {
	[XDP_MODE_ZEROCOPY] =
		"nothing to do where the driver has none: --xdp-mode copy; ena has it in Amazon's own driver",
	[XDP_MODE_COPY] = "anyscan-nic prepare, which sets an MTU that native XDP takes; or --xdp-mode skb",
	[XDP_MODE_SKB] = "--io-engine af_packet",
};

/* On the last queue, which is the least likely to be in use; where somebody has a socket on it, on one before. */
static int try_modes(const struct interface *i, uint32_t *queue, struct xdp_refusals *refusals,
		     struct error *e)
{
	uint32_t left = last_queue(i) + 1;
	int rc;

	do {
		*queue = --left;
		rc = xdp_granted_mode(i->device->name, *queue, 1, refusals, e);
	} while (rc == -EBUSY && left > 0);
	return rc;
}

void probe_engine_xdp(struct json_object *o, const struct interface *i)
{
	struct json_object *why = why_not(o, i), *modes, *c;
	struct xdp_refusals refusals = { 0 };
	struct error e = { .code = 0 };
	uint32_t queue = 0;
	int mode;

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
	mode = try_modes(i, &queue, &refusals, &e);
	if (mode < 0)
		c = cannot(o, "af_xdp", remedies[XDP_MODE_SKB], "%s", e.text);
	else
		c = can(o, "af_xdp");
	put_flag(c, "tried", true);
	json_object_object_add(c, "mode", mode >= 0 ? json_object_new_string(xdp_mode_names[mode]) : NULL);
	put_number(c, "queue", queue);
	modes = json_object_new_object();
	for (int m = 0; m <= mode && m < XDP_MODES;
	     m++) { /* those below the best that is granted are not tried */
		if (m == mode)
			can(modes, xdp_mode_names[m]);
		else
			cannot(modes, xdp_mode_names[m], remedies[m], "%s", refusals.why[m]);
	}
	json_object_object_add(c, "modes", modes);
}
