/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "tools/machine/model.h"

static const struct model_limits none = { .port = 0 };

/* n hardware threads, `threads` to a core, as Linux numbers most. */
static struct prediction predict_host(const char *stages, bool fuse, unsigned int n, unsigned int threads,
				      bool receives, const struct stage_costs *c,
				      const struct model_limits *l)
{
	struct plan_cpu cpu[64];
	struct plan_host h = { .cpus = n, .cpu = cpu, .ports = 1, .receives = receives };
	struct plan_request r = { .fuse = fuse };
	struct prediction p;
	struct plan plan;
	struct error e;

	for (unsigned int i = 0; i < n; i++)
		cpu[i] = (struct plan_cpu){ (int)i, (int)(i % (n / threads)), 0 };
	cr_assert_eq(plan_parse(stages, &r, &e), 0, "%s", e.text);
	cr_assert_eq(plan_make(&r, &h, &plan, &e), 0, "%s", e.text);
	p = model_predict(&plan, &h, 1.2, c, l);
	plan_free(&plan);
	return p;
}

static struct prediction predict(const char *stages, bool fuse, unsigned int n, unsigned int threads,
				 const struct stage_costs *c, const struct model_limits *l)
{
	return predict_host(stages, fuse, n, threads, false, c, l);
}

static void expect(struct prediction p, double pps, const char *limit)
{
	cr_expect_float_eq(p.pps, pps, pps * 1e-9, "%g, not %g", p.pps, pps);
	cr_expect_str_eq(p.limit, limit);
}

Test(model, the_slowest_thread_is_the_limit)
{
	const struct stage_costs c = { .gen = 4, .build = 6, .tx = 40, .hop = 2, .hop_asleep = 20 };

	expect(predict("tx=1", true, 8, 1, &c, &none), 1e9 / 50, "tx");
	expect(predict("tx=4", true, 8, 1, &c, &none), 4e9 / 50, "tx");
	/* the hop is on both sides */
	expect(predict("gen=1,tx=1", false, 8, 1, &c, &none), 1e9 / 42, "tx");
	expect(predict("gen=1,tx=7", false, 8, 1, &c, &none), 1e9 / 12, "build");
	/* build has two */
	expect(predict("gen=1,build=1,tx=5", false, 8, 1, &c, &none), 1e9 / 10, "build");
}

Test(model, more_threads_than_cpus_share_them)
{
	const struct stage_costs c = { .gen = 4, .build = 6, .tx = 40, .hop = 2, .hop_asleep = 20 };

	expect(predict("tx=4", true, 2, 1, &c, &none), 2e9 / 50, "cpus");
	expect(predict("gen=1,tx=1", false, 1, 1, &c, &none), 1e9 / 70, "cpus");
	/* gen>build is half as deep, and build is woken from both sides: three times the cost */
	expect(predict("gen=1,build=1,tx=1", false, 1, 1, &c, &none), 1e9 / 130, "cpus");
}

/* A pipeline that waits for CPUs wakes rx more often; a fused thread has nobody to wait for. */
Test(model, rx_is_woken_more_often_in_a_crowd)
{
	const struct stage_costs c = { .tx = 40, .rx = 10, .hop_asleep = 20, .rx_asleep = 7 };

	expect(predict_host("tx=1", true, 1, 1, true, &c, &none), 1e9 / 50, "tx");
	expect(predict_host("gen=1,tx=1", false, 1, 1, true, &c, &none), 1e9 / 77, "cpus");
	expect(predict_host("gen=1,tx=1", false, 4, 1, true, &c, &none), 1e9 / 40, "tx");
}

Test(model, siblings_share_a_core)
{
	const struct stage_costs c = { .tx = 100 };

	expect(predict("tx=4", true, 8, 2, &c, &none), 4e9 / 100, "tx");
	expect(predict("tx=8", true, 8, 2, &c, &none), 4 * 1.2e9 / 100, "tx");
}

Test(model, what_is_not_ours)
{
	const struct stage_costs c = { .tx = 100, .kernel = 300 };
	const struct model_limits wire = { .port = 9e6, .port_name = "wire", .allowance = 5e6 };

	expect(predict("tx=4", true, 8, 1, &c, &none), 8e9 / 400, "cpus");
	expect(predict("tx=4", true, 8, 1, &c, &wire), 5e6, "allowance");
	expect(predict("tx=4", true, 8, 1, &c, &(struct model_limits){ .port = 9e6, .port_name = "wire" }),
	       9e6, "wire");
}
