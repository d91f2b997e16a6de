/* SPDX-License-Identifier: Apache-2.0 */
/* Cookies, a block at a time on one core: every form that this CPU runs. The roof is the best of them. */
#include <stdlib.h>

#include "bench/report.h"
#include "stages/probes/cookie_batch.h"

#define RUNS 9
#define BLOCKS 20000 /* per run */

static volatile uint64_t result; /* keeps the work */

static double run(cookie_batch_fn *fn)
{
	static uint32_t raddr[BLOCK_ITEMS];
	static uint16_t rport[BLOCK_ITEMS], lport[BLOCK_ITEMS];
	static uint64_t out[BLOCK_ITEMS];
	const struct cookie_key key = { 1, 2 };
	const double start = bench_now();

	for (unsigned int i = 0; i < BLOCKS; i++) {
		raddr[i % BLOCK_ITEMS] = i;
		fn(&key, 0x0a000001, raddr, rport, lport, out, BLOCK_ITEMS);
		result = out[i % BLOCK_ITEMS];
	}
	return (bench_now() - start) * 1e9 / ((double)BLOCKS * BLOCK_ITEMS);
}

int main(void)
{
	int cpu;
	double roof = 0;

	if (bench_cpus(&cpu, 1) == 1)
		bench_pin(cpu);
	for (const struct cookie_batch_form *f = cookie_batch_forms; f->name != NULL; f++) {
		double ns[RUNS];

		if (!f->supported())
			continue;
		for (unsigned int i = 0; i < RUNS; i++)
			ns[i] = run(f->fn);

		struct bench_result r = {
			.bench = "cookie",
			.case_name = f->name,
			.cores = 1,
			.ns_per_item = bench_median(ns, RUNS),
			.roof = "the best form",
			.runs = RUNS,
		};
		if (roof == 0)
			roof = r.ns_per_item;
		r.roof_ns = roof;
		bench_print(&r);
	}
	return 0;
}
