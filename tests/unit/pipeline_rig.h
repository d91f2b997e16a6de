/* SPDX-License-Identifier: Apache-2.0 */
/* A whole scan in one process for tests: domain, engine, output to a temporary file. */
#ifndef TESTS_PIPELINE_RIG_H
#define TESTS_PIPELINE_RIG_H

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "anyscan/policy.h"
#include "io/engines.h"
#include "io/sim/world_spec.h"
#include "stages/pipeline.h"

struct rig {
	struct pipeline_options opt;
	struct pipeline_port port[4];
	struct domain *domain;
	struct filter *filter;
	struct world world;
	const struct field *fields[3];
	FILE *output;
	int (*before_threads)(struct error *); /* between open and run; may be NULL */
	struct error error;
};

/* Returns 0, or fills rig->error. */
static inline int rig_init(struct rig *rig, const struct io_ops *ops, unsigned int ports, const char *targets,
			   const char *list, const char *world)
{
	struct ranges r = { 0 };
	struct ports p = { 0 };
	char seen[8];
	int err;

	memset(rig, 0, sizeof(*rig));
	err = targets_parse(targets, &r, &rig->error);
	if (err < 0)
		return err;
	ranges_normalise(&r);
	err = ports_parse(list, &p, &rig->error);
	if (err < 0)
		return err;
	rig->domain = domain_create(&r, &p, &rig->error);
	ranges_free(&r);
	ports_free(&p);
	err = world_parse(world, &rig->world, seen, sizeof(seen), &rig->error);
	if (err < 0)
		return err;
	err = filter_parse("repeat = 0", &rig->filter, &rig->error);
	if (err < 0)
		return err;
	for (unsigned int i = 0; i < ports; i++) {
		rig->port[i].ops = ops;
		err = ops->find_link("rig", &rig->port[i].link, &rig->error);
		if (err < 0)
			return err;
		rig->port[i].link.addr += i;
	}
	rig->fields[0] = field_find("saddr", 5);
	rig->fields[1] = field_find("sport", 5);
	rig->fields[2] = field_find("classification", 14);
	rig->output = tmpfile();
	rig->opt = (struct pipeline_options){
		.domain = rig->domain,
		.seed = 7,
		.shards = 1,
		.max_targets = UINT64_MAX,
		.probes = 1,
		.module = probe_modules[0],
		.key = { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL },
		.sport_first = 32768,
		.sport_last = 61000,
		.ttl = 64,
		.rate = RATE_MAX,
		.cooldown_s = 0.2,
		.ports = rig->port,
		.nports = ports,
		.world = &rig->world,
		.dedup = DEDUP_FULL,
		.dedup_memory = 1 << 28,
		.result_buffer = 1 << 28,
		.filter = rig->filter,
		.max_results = UINT64_MAX,
		.output = { .module = output_find("csv"),
			    .fields = rig->fields,
			    .nfields = 3,
			    .fd = fileno(rig->output) },
	};
	return 0;
}

/* Runs to the end; `each_ms` (may be NULL) is called about once a millisecond. */
static inline int rig_run(struct rig *rig, struct pipeline_stats *stats,
			  void (*each_ms)(struct pipeline *, void *), void *arg)
{
	struct pipeline *p;
	uint64_t next;
	int err = pipeline_open(&rig->opt, &p, &rig->error);

	if (err < 0)
		return err;
	err = rig->before_threads != NULL ? rig->before_threads(&rig->error) : 0;
	if (err == 0)
		err = pipeline_run(p, &rig->error);
	if (err < 0) {
		pipeline_destroy(p);
		return err;
	}
	while (pipeline_advance(p, &next) != PIPELINE_DONE) {
		uint64_t now = clock_mono_ns();
		struct pollfd fd = { .fd = pipeline_fd(p), .events = POLLIN };
		int wait = next == UINT64_MAX ? 1000 : next <= now ? 0 : (int)((next - now) / 1000000 + 1);

		poll(&fd, 1, each_ms != NULL && wait > 1 ? 1 : wait);
		if (each_ms != NULL)
			each_ms(p, arg);
	}
	pipeline_stats(p, stats);
	pipeline_destroy(p);
	return 0;
}

static inline void rig_fini(struct rig *rig)
{
	fclose(rig->output);
	filter_free(rig->filter);
	domain_destroy(rig->domain);
}

#endif
