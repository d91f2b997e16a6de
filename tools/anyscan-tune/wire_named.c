/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-tune/wire_named.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/netlink/link.h"
#include "stages/gen/targets.h"

#define BENCHMARK_FIRST 0xc6120000u /* 198.18.0.0/15 */
#define BENCHMARK_LAST 0xc613ffffu

static enum exit_code inside(const struct config *c, const struct io_ops *ops, struct trial_wire *w,
			     struct error *e)
{
	if (c->target != NULL || c->rate > 0) {
		error_set(e, -EINVAL, "%s is for trials on interfaces; name them with -i, or leave it out",
			  c->target != NULL ? "a target" : "--rate");
		return EXIT_COMMAND;
	}
	if (ops->needs_interface || (strcmp(ops->name, "null") != 0 && strcmp(ops->name, "sim") != 0)) {
		error_set(
			e, -EINVAL,
			"--io-engine %s sends on an interface: name it with -i, with a target in 198.18.0.0/15 and "
			"--rate; or try null or sim",
			ops->name);
		return EXIT_COMMAND;
	}
	return trial_wire_inside(w, ops, "seed=1,open=0.02,closed=0.05,unreach=0", e) == 0 ? EXIT_TUNED :
											     EXIT_HOST;
}

static int check_target(const char *target, struct error *e)
{
	struct ranges r = { 0 };
	int err = targets_parse(target, &r, e);

	ranges_normalise(&r);
	if (err == 0 && (r.count == 0 || r.range[0].first < BENCHMARK_FIRST ||
			 r.range[r.count - 1].last > BENCHMARK_LAST))
		err = error_set(
			e, -EINVAL,
			"%s: trials on an interface send to benchmark space alone, as nobody has hosts there; "
			"write 198.18.0.0/15 or a part of it",
			target);
	ranges_free(&r);
	return err;
}

static int add_links(const struct config *c, struct trial_wire *w, struct error *e)
{
	for (size_t i = 0; i < c->interfaces.count; i++) {
		struct io_link *link = &w->link[w->ports];
		int r;

		if (w->ports == PIPELINE_PORTS_MAX)
			return error_set(e, -EINVAL, "--interface: more than %d", PIPELINE_PORTS_MAX);
		r = w->ops->find_link(c->interfaces.item[i], link, e);
		if (r < 0)
			return r;
		netlink_find_gateway(link);
		if (!link->gateway_mac_known) /* to nobody: a switch drops it, or floods it to who does */
			memcpy(link->gateway_mac, "\x02\0\0\0\0\x02", 6);
		link->gateway_mac_known = true;
		w->ports++;
	}
	return 0;
}

enum exit_code wire_named(const struct config *c, struct trial_wire *w, struct error *e)
{
	const struct io_ops *ops = io_find(c->engine);

	if (ops == NULL) {
		error_set(e, -EINVAL, "--io-engine: there is no \"%s\"; write null, sim, af_packet or af_xdp",
			  c->engine);
		return EXIT_COMMAND;
	}
	if (c->interfaces.count == 0)
		return inside(c, ops, w, e);
	if (strcmp(ops->name, "af_packet") != 0 && strcmp(ops->name, "af_xdp") != 0) {
		error_set(e, -EINVAL, "--interface: engine %s has none; add --io-engine af_packet or af_xdp",
			  ops->name);
		return EXIT_COMMAND;
	}
	if (c->target == NULL || c->rate <= 0) {
		error_set(
			e, -EINVAL,
			"--interface: trials send as fast as they can; say where to, 198.18.0.0/15 or a part of it, "
			"and how fast at most, --rate PPS");
		return EXIT_COMMAND;
	}
	if (check_target(c->target, e) < 0)
		return EXIT_COMMAND;
	w->ops = ops;
	w->targets = c->target;
	w->many_ports = true;
	snprintf(w->name, sizeof(w->name), "%s, %zu interface%s", ops->name, c->interfaces.count,
		 c->interfaces.count == 1 ? "" : "s");
	return add_links(c, w, e) == 0 ? EXIT_TUNED : EXIT_HOST;
}
