/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes a second of 1..N cores, fused and pipelined, into every engine that this host can send with and reach nobody:
 * null, af_packet and af_xdp on a veth pair whose peer drops and on an ifb, and DPDK's net_null. Whole scans in this
 * process, as anyscan-tune's trials. Of a pipeline every split of few cores between gen and tx, and quarters of many.
 * The layouts of an engine take turns, so that all see the same neighbours. A figure is what the layout does with
 * nothing else on the machine: the time that its threads waited for a CPU is left out. The roof is so many times one
 * fused core of the same round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/policy.h"
#include "bench/report.h"
#include "bench/wires.h"
#include "io/module.h"
#include "tools/anyscan-tune/trial.h"
#include "tools/device/wire.h"

#define CASES_MAX 64
#define CORES_MAX 64
#define EVERY_SPLIT 4 /* cores up to which every split is tried */
#define TRIAL_MS 40 /* of CPU time on each core */
#define TRIES 10

struct one_case {
	struct layout layout;
	double ns[BENCH_RUNS], of_fused[BENCH_RUNS]; /* a probe; share of so many times one fused core */
	double median;
};

struct table {
	struct one_case item[CASES_MAX];
	unsigned int count;
};

static void add(struct table *t, unsigned int cores, unsigned int gen, unsigned int tx)
{
	struct layout *l = &t->item[t->count].layout;

	if (t->count == CASES_MAX)
		return;
	*l = (struct layout){ .fuse = gen == 0, .cpus = cores };
	if (gen > 0)
		snprintf(l->stages, sizeof(l->stages), "gen=%u,tx=%u", gen, tx);
	else
		snprintf(l->stages, sizeof(l->stages), "tx=%u", tx);
	t->count++;
}

/* 1, 2, 3, 4, and from there on half as many again: 6, 9, 13, ... and all. The first is one fused core. */
static void fill(struct table *t, unsigned int queues)
{
	const unsigned int all = trial_cpus_all() < CORES_MAX ? trial_cpus_all() : CORES_MAX;

	t->count = 0;
	for (unsigned int n = 1; n <= all;) {
		const unsigned int step = n <= EVERY_SPLIT ? 1 : n / 4, next = n < 4 ? n + 1 : n + n / 2;

		if (queues == 0 || n <= queues)
			add(t, n, 0, n);
		for (unsigned int gen = step; gen < n; gen += step)
			if (queues == 0 || n - gen <= queues)
				add(t, n, gen, n - gen);
		n = n < all && next > all ? all : next;
	}
}

/* A device of DPDK's has one port in its life: each trial gets another. */
static int attach(struct trial_wire *w, struct error *e)
{
	struct io_link *link = &w->link[0];
	static unsigned int devices;
	char device[64];
	int rc;

	snprintf(device, sizeof(device), "net_null%u,no-rx=1",
		 devices++); /* its rx makes up frames without end */
	rc = w->ops->find_link(device, link, e);

	link->addr = 0xc6120001; /* 198.18.0.1 */
	memcpy(link->gateway_mac, "\x02\0\0\0\0\x02", 6);
	link->gateway_mac_known = true;
	return rc;
}

static bool is_dpdk(const struct trial_wire *w)
{
	return strcmp(w->ops->name, "dpdk") == 0;
}

/* ns a probe. On a machine that is fought over a trial may get no CPU in all its time: then it is had again. */
static double try(struct trial_wire *w, const struct layout *l)
{
	const struct trial_limits limits = { .ms = TRIAL_MS, .rate = RATE_MAX };
	struct trial_result result;
	struct error e = { .text = "nothing was sent" };

	for (unsigned int i = 0; i < TRIES; i++) {
		if ((is_dpdk(w) && attach(w, &e) < 0) || trial_run(w, l, &limits, &result, &e) < 0)
			break;
		if (result.alone_pps > 0)
			return 1e9 / result.alone_pps;
	}
	fprintf(stderr, "bench_scaling: %s: %s\n", w->name, e.text);
	exit(1);
}

static void measure(struct trial_wire *w, struct table *t)
{
	for (int round = -1; round < BENCH_RUNS; round++) { /* -1 warms up */
		for (unsigned int i = 0; i < t->count; i++) {
			struct one_case *c = &t->item[i];
			const double ns = try(w, &c->layout);

			if (round < 0)
				continue;
			c->ns[round] = ns;
			c->of_fused[round] = t->item[0].ns[round] / (ns * c->layout.cpus);
		}
	}
}

static void report(const struct trial_wire *w, struct table *t)
{
	double one = 0;

	for (unsigned int i = 0; i < t->count; i++) {
		struct one_case *c = &t->item[i];
		char name[192], layout[96];

		c->median = bench_median(c->ns, BENCH_RUNS);
		one = i == 0 ? c->median : one;
		layout_text(&c->layout, layout, sizeof(layout));
		snprintf(name, sizeof(name), "%s: %s", w->name, layout);
		bench_print(&(struct bench_result){ .bench = "scaling",
						    .case_name = name,
						    .cores = c->layout.cpus,
						    .ns_per_item = c->median,
						    .roof_ns = one / c->layout.cpus,
						    .roof = "so many fused cores",
						    .of_roof = bench_median(c->of_fused, BENCH_RUNS),
						    .runs = BENCH_RUNS });
	}
}

/* Of so many cores the best layout that is fused or is not; NULL: there is none. */
static const struct one_case *best_of(const struct table *t, unsigned int cores, bool fused)
{
	const struct one_case *best = NULL;

	for (unsigned int i = 0; i < t->count; i++) {
		const struct one_case *c = &t->item[i];

		if (c->layout.cpus == cores && c->layout.fuse == fused &&
		    (best == NULL || c->median < best->median))
			best = c;
	}
	return best;
}

static void print_rate(const struct one_case *c)
{
	if (c != NULL)
		fprintf(stderr, " %12.3f", 1e3 / c->median);
	else
		fprintf(stderr, " %12s", "-");
}

static void print_table(const struct trial_wire *w, const struct table *t)
{
	fprintf(stderr, "\n%-20s %5s %12s %12s  %s\n", "M probes/s", "cores", "fused", "pipelined", "");
	for (unsigned int n = 1; n <= CORES_MAX; n++) {
		const struct one_case *fused = best_of(t, n, true), *split = best_of(t, n, false);

		if (fused == NULL && split == NULL)
			continue;
		fprintf(stderr, "%-20s %5u", w->name, n);
		print_rate(fused);
		print_rate(split);
		fprintf(stderr, "  %s\n", split != NULL ? split->layout.stages : "");
	}
	fputc('\n', stderr);
}

static void scale(struct trial_wire *w)
{
	static struct table t;

	fill(&t, w->link[0].tx_queues);
	measure(w, &t);
	report(w, &t);
	print_table(w, &t);
}

/* device: one of ours, or NULL: it could not be made. */
static void on_device(const char *engine, const char *device, const char *kind)
{
	static struct trial_wire w;
	struct error e;

	w = (struct trial_wire){ .ops = io_find(engine), .ports = 1, .targets = "16.0.0.0/5" };
	snprintf(w.name, sizeof(w.name), "%s, %s", engine, kind);
	if (device == NULL)
		bench_skip(w.name, "this host does not let us make the device");
	else if (wire_link(device, &w.link[0], &e) < 0)
		bench_skip(w.name, e.text);
	else
		scale(&w);
}

static void on_kernel(void)
{
	const unsigned int queues = trial_cpus_all();
	const char *veth, *ifb;

	if (!wires_begin("scaling"))
		return;
	veth = wire_veth("bench0", "bench1", queues, true) ? "bench0" : NULL;
	ifb = wire_ifb("bench2", queues) ? "bench2" : NULL;
	on_device("af_packet", veth, "veth");
	on_device("af_xdp", veth, "veth");
	on_device("af_packet", ifb, "ifb");
	on_device("af_xdp", ifb, "ifb");
}

/* The module is the one that lies with the programs. */
static void on_dpdk(void)
{
	static struct trial_wire w = { .ports = 1, .targets = "16.0.0.0/5", .name = "dpdk, net_null" };
	const struct io_ops *listed = io_find("dpdk");
	struct error e;

	if (listed == NULL) {
		bench_skip(w.name, "this build has no engine dpdk");
		return;
	}
	w.ops = io_ready(listed, &e);
	if (w.ops == NULL || w.ops->init("", &e) < 0) {
		bench_skip(w.name, e.text);
		return;
	}
	scale(&w);
	w.ops->fini();
}

static void on_null(void)
{
	static struct trial_wire w;
	struct error e;

	if (trial_wire_inside(&w, io_find("null"), "seed=1", &e) < 0)
		bench_skip("null", e.text);
	else
		scale(&w);
}

int main(void)
{
	on_null();
	on_kernel();
	on_dpdk();
	return 0;
}
