/* SPDX-License-Identifier: Apache-2.0 */
/*
 * af_xdp is tried as a scan would open it: a driver that takes a program may still refuse the memory, or one queue of
 * eight. Some take their link down for a moment to attach one, as they will again when the scan starts. What is granted
 * as skb only is left to af_packet: the kernel has built its own buffer by then, and a socket needs fewer rights.
 */
#include "tools/anyscan-pipe/auto_engine.h"

#include <stdio.h>
#include <string.h>

#include "io/af_xdp/granted.h"
#include "io/engines.h"
#include "tools/anyscan-pipe/screen.h"
#include "tools/device/guard.h"

int auto_engine_named(struct scan *s, char *name, size_t size, struct error *e)
{
	struct interface_name device[PIPELINE_PORTS_MAX];
	const int n = interface_names(&s->config->interfaces, device, e);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		if (!interface_of_dpdk(device[i].name))
			continue;
		snprintf(name, size, "dpdk");
		error_set(&s->engine_why, 0, "%s is a device of DPDK's", device[i].name);
		return 0;
	}
	snprintf(name, size, "%s", af_packet_ops.name);
	s->engine_open = true;
	return 0;
}

/* In words, behind the mode that was granted. */
static void list_refusals(const struct xdp_refusals *r, int granted, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int m = 0; m < granted && used < size; m++)
		used += (size_t)snprintf(text + used, size - used, "%s%s: %s", used > 0 ? "; " : " (",
					 xdp_mode_names[m], r->why[m]);
	if (used > 0 && used < size)
		snprintf(text + used, size - used, ")");
}

/* Whether af_xdp is the better one on this interface; *why is what is to be said of it. */
static bool grants_xdp(const struct interface_name *name, struct error *why)
{
	struct xdp_refusals refusals = { 0 };
	struct error e = { .code = 0 };
	char touched[256], refused[600];
	struct io_link link;
	int mode;

	if (af_xdp_ops.find_link(name->name, &link, why) != 0)
		return false;
	mode = guard_check(link.ifindex, touched, sizeof(touched), &e);
	if (mode != 0) {
		error_set(why, 0, "%s %s, and its link may go down for a moment when af_xdp takes it",
			  link.name, mode > 0 ? touched : "may carry the default route");
		return false;
	}
	mode = xdp_granted_mode(link.name, 0, link.rx_queues, &refusals, why);
	if (mode < 0)
		return false;
	list_refusals(&refusals, mode, refused, sizeof(refused));
	error_set(why, 0, "%s grants af_xdp %s%s%s", link.name,
		  mode == XDP_MODE_SKB ? "as skb only" : "in mode ",
		  mode == XDP_MODE_SKB ? "" : xdp_mode_names[mode], refused);
	return mode != XDP_MODE_SKB;
}

static bool all_grant_xdp(const struct interface_name *name, unsigned int count, struct error *why)
{
	if (af_xdp_ops.probe(why) != 0)
		return false;
	for (unsigned int i = 0; i < count; i++)
		if (!grants_xdp(&name[i], why))
			return false;
	return true;
}

void auto_engine_choose(struct scan *s, const struct interface_name *name, unsigned int count)
{
	if (s->engine_open && all_grant_xdp(name, count, &s->engine_why))
		s->ops = &af_xdp_ops;
	s->engine_open = false;
	if (s->engine_why.text[0] != '\0')
		screen_say(LEVEL_NOTICE, "engine: %s; auto: %s", s->ops->name, s->engine_why.text);
	scan_choose_rst(s);
}
