/* SPDX-License-Identifier: Apache-2.0 */
/* Cookies, a block at a time on one core: every form that this CPU runs. The roof is the best of them. */
#include <stdlib.h>

#include "bench/report.h"
#include "stages/probes/cookie_batch.h"

#define BLOCKS 20000 /* per run */

static volatile uint64_t result; /* keeps the work */

static double run(cookie_batch_fn *fn)
{
	static uint32_t raddr[BLOCK_ITEMS];
	static uint16_t rport[BLOCK_ITEMS], lport[BLOCK_ITEMS];
	static uint64_t out[BLOCK_ITEMS];
	const struct cookie_key key = { 1, 2 };
	const double start = bench_cpu();

	for (unsigned int i = 0; i < BLOCKS; i++) {
		raddr[i % BLOCK_ITEMS] = i;
		fn(&key, 0x0a000001, raddr, rport, lport, out, BLOCK_ITEMS);
		result = out[i % BLOCK_ITEMS];
	}
	return (bench_cpu() - start) * 1e9 / ((double)BLOCKS * BLOCK_ITEMS);
}

struct forms {
	const struct cookie_batch_form *form, *best;
};

static double measured(void *arg)
{
	return run(((const struct forms *)arg)->form->fn);
}

static double best(void *arg)
{
	return run(((const struct forms *)arg)->best->fn);
}

int main(void)
{
	struct forms f = { .form = cookie_batch_forms };

	bench_pin_here();
	for (; f.form->name != NULL; f.form++) {
		if (!f.form->supported())
			continue;
		if (f.best == NULL)
			f.best = f.form;
		bench_pair((struct bench_result){ .bench = "cookie",
						  .case_name = f.form->name,
						  .cores = 1,
						  .roof = "the best form" },
			   measured, best, &f);
	}
	return 0;
}
