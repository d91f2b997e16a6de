/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The expected answer of a scan, by address, then port. Formatted by hand:
 * a /10 is 4 million lines at most, and printf would take most of the time.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "anyscan/world.h"
#include "area.h"
#include "arguments.h"
#include "command.h"
#include "io/sim/world_spec.h"
#include "lines.h"

static const struct {
	const char *option, *classification, *echo; /* echo: of ICMP, NULL: no answer */
} classes[WORLD_FATES] = {
	[WORLD_OPEN] = { "open", "synack", "echoreply" },
	[WORLD_CLOSED] = { "closed", "rst", NULL },
	[WORLD_UNREACH] = { "unreach", "icmp", "icmp" },
};

struct request {
	const char *net, *ports, *spec, *class, *exclude, *seen;
	struct world world;
	struct area area;
	struct ranges targets;
	struct seen *map;
	bool print[WORLD_FATES];
};

static int parse_class(struct request *r, struct error *e)
{
	bool known = false;

	for (int fate = 0; fate < WORLD_FATES; fate++) {
		r->print[fate] =
			classes[fate].option != NULL &&
			(strcmp(r->class, "all") == 0 || strcmp(r->class, classes[fate].option) == 0);
		known |= r->print[fate];
	}
	if (!known)
		return error_set(e, -EINVAL, "--class %s: there are open, closed, unreach and all", r->class);
	return 0;
}

static int parse_targets(struct request *r, struct error *e)
{
	struct ranges excluded = { 0 };
	int rc = ranges_add(&r->targets, r->area.first, r->area.last);

	if (rc == 0 && r->exclude != NULL) {
		rc = targets_parse_list(r->exclude, &excluded, e);
		ranges_normalise(&excluded);
		if (rc == 0)
			rc = ranges_subtract(&r->targets, &excluded);
	}
	ranges_free(&excluded);
	return rc;
}

static int parse_world(struct request *r, struct error *e)
{
	char seen[4096];
	int rc = world_parse(r->spec, &r->world, seen, sizeof(seen), e);

	if (rc == 0 && r->world.loss > 0)
		rc = error_set(e, -EINVAL,
			       "--world %s: with loss, what is found depends on each frame's source port "
			       "and seq, so there is no truth of the targets alone; take loss=0",
			       r->spec);
	return rc;
}

static int print_truth(const struct request *r)
{
	struct lines out = { .file = stdout };

	for (size_t i = 0; i < r->targets.count; i++) {
		for (uint64_t addr = r->targets.range[i].first; addr <= r->targets.range[i].last; addr++) {
			for (uint32_t k = 0; k < r->area.ports.count; k++) {
				const uint16_t port = r->area.ports.port[k];
				const enum world_fate fate =
					r->area.echo ? world_echo_fate(&r->world, (uint32_t)addr) :
						       world_fate(&r->world, (uint32_t)addr, port);

				if (!r->print[fate] ||
				    (r->map != NULL && !seen_test(r->map, (uint32_t)addr, port)))
					continue;
				lines_put(&out, (uint32_t)addr, port,
					  r->area.echo ? classes[fate].echo : classes[fate].classification);
			}
		}
	}
	return lines_end(&out);
}

static int parse(int argc, char **argv, struct request *r, struct error *e)
{
	const struct argument table[] = {
		{ "net", &r->net, true },
		{ "ports", &r->ports, true },
		{ "world", &r->spec, true },
		{ "class", &r->class, false },
		{ "exclude", &r->exclude, false },
		{ "seen", &r->seen, false },
		{ 0 },
	};
	int rc = arguments_parse(argc, argv, table, NULL, e);

	if (rc == 0)
		rc = parse_class(r, e);
	if (rc == 0)
		rc = parse_world(r, e);
	if (rc == 0)
		rc = area_parse(r->net, r->ports, &r->area, e);
	return rc;
}

int truth_main(int argc, char **argv)
{
	static struct request r = { .class = "all" };
	struct error e = { 0 };
	int exit_code;

	if (parse(argc, argv, &r, &e) != 0)
		return fail(EXIT_USAGE, &e);
	if (parse_targets(&r, &e) != 0) {
		exit_code = fail(EXIT_USAGE, &e);
		goto free_area;
	}
	if (r.seen != NULL && area_load(r.seen, &r.map, &e) != 0)
		exit_code = fail(EXIT_FILE, &e);
	else
		exit_code = print_truth(&r) == 0 ? 0 : EXIT_OUTPUT;
	seen_close(r.map);
free_area:
	ranges_free(&r.targets);
	area_free(&r.area);
	return exit_code;
}
