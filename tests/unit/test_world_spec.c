/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "io/sim/world_spec.h"

static struct world w;
static char seen[32];
static struct error error;

static int parse(const char *spec)
{
	error = (struct error){ 0 };
	return world_parse(spec, &w, seen, sizeof(seen), &error);
}

static __u64 share(double x)
{
	return (__u64)(x * 4294967296.0);
}

static void expect_defaults(void)
{
	cr_assert_eq(w.seed, 1);
	cr_assert_eq(w.open, share(0.02));
	cr_assert_eq(w.closed, share(0.3));
	cr_assert_eq(w.unreach, share(0.05));
	cr_assert_eq(w.dup, share(0.01));
	cr_assert_eq(w.forged + w.loss + w.late, 0);
	cr_assert_eq(w.rtt_ns, 5000000);
	cr_assert_eq(w.late_ns, 1000000000);
	cr_assert_str_eq(seen, "");
}

Test(world_spec, nothing_given)
{
	cr_assert_eq(parse(NULL), 0);
	expect_defaults();
	cr_assert_eq(parse(""), 0);
	expect_defaults();
}

Test(world_spec, everything_given)
{
	static const char spec[] =
		"seed=0xffffffffffffffff,open=0.25,closed=12.5%,unreach=.125,dup=1,loss=100%,"
		"forged=0.5,late=0.75,late-by=2s,rtt=250us,seen=/tmp/a=b";

	cr_assert_eq(parse(spec), 0, "%s", error.text);
	cr_assert_eq(w.seed, UINT64_MAX);
	cr_assert_eq(w.open, 1ULL << 30);
	cr_assert_eq(w.closed, 1ULL << 29);
	cr_assert_eq(w.unreach, 1ULL << 29);
	cr_assert_eq(w.forged, 1ULL << 31);
	cr_assert_eq(w.dup, 1ULL << 32);
	cr_assert_eq(w.loss, 1ULL << 32);
	cr_assert_eq(w.late, 3ULL << 30);
	cr_assert_eq(w.late_ns, 2000000000);
	cr_assert_eq(w.rtt_ns, 250000);
	cr_assert_str_eq(seen, "/tmp/a=b");
}

Test(world_spec, one_key_leaves_the_rest)
{
	cr_assert_eq(parse("seed=9"), 0);
	cr_assert_eq(w.seed, 9);
	w.seed = 1;
	expect_defaults();
}

Test(world_spec, units_of_time)
{
	static const struct {
		const char *spec;
		__u64 ns;
	} good[] = { { "rtt=7ns", 7 },	       { "rtt=1.5us", 1500 }, { "rtt=20ms", 20000000 },
		     { "rtt=1s", 1000000000 }, { "rtt=0", 0 },	      { "rtt=3600s", 3600000000000 } };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		cr_assert_eq(parse(good[i].spec), 0, "%s: %s", good[i].spec, error.text);
		cr_assert_eq(w.rtt_ns, good[i].ns, "%s", good[i].spec);
	}
}

Test(world_spec, refusals_name_the_value)
{
	static const struct {
		const char *spec, *says;
	} bad[] = {
		{ "opne=0.1",
		  "there is no key \"opne\"; the keys are seed, open, closed, unreach, forged, loss, dup, "
		  "late, late-by, rtt, bottleneck, capacity, queue, seen" },
		{ "open", "\"open\" is not KEY=VALUE" },
		{ "open=0.1,", "\"\" is not KEY=VALUE" },
		{ "open=1.1", "open=1.1 is not a share" },
		{ "open=101%", "open=101% is not a share" },
		{ "open=-0.1", "open=-0.1 is not a share" },
		{ "open=", "open= is not a share" },
		{ "open=nan", "open=nan is not a share" },
		{ "open=0x1", "open=0x1 is not a share" },
		{ "open=0.1x", "open=0.1x is not a share" },
		{ "open=0.1%%", "open=0.1%% is not a share" },
		{ "seed=-1", "seed=-1 is not a number" },
		{ "seed=18446744073709551616", "seed=18446744073709551616 is not a number" },
		{ "seed=1k", "seed=1k is not a number" },
		{ "rtt=5", "rtt=5 is not a time" },
		{ "rtt=5m", "rtt=5m is not a time" },
		{ "rtt=-5ms", "rtt=-5ms is not a time" },
		{ "rtt=3601s", "rtt=3601s is not a time" },
		{ "late-by=inf", "late-by=inf is not a time" },
		{ "dup=0.1,dup=0.1", "dup is given twice" },
		{ "seen=a,seen=b", "seen is given twice" },
		{ "seen=", "seen= needs a file name" },
		{ "open=0.7,closed=0.4",
		  "open=0.7 + closed=0.4 + unreach=0 + forged=0 is more than 1: lower" },
		{ "open=0.5,closed=0.5,unreach=0,forged=0.001", "is more than 1" },
		{ "bottleneck=tail,capacity=1k", "bottleneck=tail is none; write policer, silent" },
		{ "bottleneck=queue", "bottleneck=queue of how many frames a second?" },
		{ "capacity=0", "capacity=0 is not frames a second" },
		{ "capacity=1.1G", "capacity=1.1G is not frames a second" },
		{ "capacity=2000M", "capacity=2000M is not frames a second" },
		{ "capacity=20k@1s", "capacity=20k@1s is not frames a second" },
		{ "capacity=20k/10k", "capacity=20k/10k is not frames a second" },
		{ "capacity=20k/10k@5s/20k@5s", "capacity=20k/10k@5s/20k@5s is not frames a second" },
		{ "capacity=1/1@1s/1@2s/1@3s/1@4s/1@5s/1@6s/1@7s/1@8s", "(8 at most" },
		{ "capacity=20k,queue=5ms", "queue= is how long a queue is" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(parse(bad[i].spec), -EINVAL, "%s was taken", bad[i].spec);
		cr_assert_eq(error.code, -EINVAL);
		cr_assert_not_null(strstr(error.text, bad[i].says), "%s: \"%s\"", bad[i].spec, error.text);
	}
}

Test(world_spec, bottlenecks)
{
	const struct world_bottleneck *b = &w.bottleneck;

	cr_assert_eq(parse("seed=1"), 0);
	cr_assert_eq(b->kind, BOTTLENECK_NONE);
	cr_assert_eq(parse("capacity=1.5k"), 0, "%s", error.text);
	cr_assert_eq(b->kind, BOTTLENECK_POLICER);
	cr_assert_eq(b->capacities, 1);
	cr_assert_eq(b->capacity[0].rate, 1500);
	cr_assert_eq(b->capacity[0].from_ns, 0);
	cr_assert_eq(parse("bottleneck=queue,queue=20ms,capacity=20k/10k@15s/2M@30s"), 0, "%s", error.text);
	cr_assert_eq(b->kind, BOTTLENECK_QUEUE);
	cr_assert_eq(b->queue_ns, 20000000);
	cr_assert_eq(b->capacities, 3);
	cr_assert_eq(b->capacity[1].rate, 10000);
	cr_assert_eq(b->capacity[1].from_ns, 15000000000);
	cr_assert_eq(b->capacity[2].rate, 2000000);
	cr_assert_eq(parse("bottleneck=queue,capacity=1k"), 0);
	cr_assert_eq(b->queue_ns, 50000000);
	cr_assert_eq(parse("bottleneck=cpu,capacity=1k"), 0);
	cr_assert_eq(b->queue_ns, 0);
}

Test(world_spec, what_is_not_given_gives_way)
{
	cr_assert_eq(parse("open=1"), 0, "%s", error.text);
	cr_assert_eq(w.open, 1ULL << 32);
	cr_assert_eq(w.closed + w.unreach + w.forged, 0);
	cr_assert_eq(parse("open=0.6875"), 0, "%s", error.text);
	cr_assert_eq(w.closed, (__u64)(0.3 * 4294967296.0), "the default fits");
	cr_assert_eq(w.unreach, (1ULL << 32) - w.open - w.closed, "what is left");
	cr_assert_eq(parse("unreach=1"), 0, "%s", error.text);
	cr_assert_eq(w.open + w.closed, 0);
	cr_assert_eq(w.unreach, 1ULL << 32);
}

Test(world_spec, a_sum_of_one_is_taken)
{
	cr_assert_eq(parse("open=0.1,closed=0.2,unreach=0.3,forged=0.4"), 0, "%s", error.text);
	cr_assert_leq(w.open + w.closed + w.unreach + w.forged, 1ULL << 32);
	cr_assert_eq(parse("open=1,closed=0,unreach=0"), 0, "%s", error.text);
	cr_assert_eq(w.open, 1ULL << 32);
}

Test(world_spec, a_long_path_is_refused)
{
	cr_assert_eq(parse("seen=0123456789012345678901234567890"), 0);
	cr_assert_eq(strlen(seen), 31);
	cr_assert_eq(parse("seen=01234567890123456789012345678901"), -ENAMETOOLONG);
	cr_assert_not_null(strstr(error.text, "longer than 31 bytes"));
}
