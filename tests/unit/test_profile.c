/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/engines.h"
#include "tools/machine/profile.h"

static const struct profile sample = {
	.key = { "host", "6.1", "af_xdp", "ens1,ens2", "ena,ena", 16 },
	.mode = "native, copy",
	.stages = "gen=1,tx=4",
	.fuse = 0,
	.pps = 4500000,
	.made = 1795403493,
	.expires = 1797995493,
};

Test(profile, what_is_written_is_read)
{
	char dir[] = "/tmp/profile-XXXXXX", file[64];
	struct profile p;
	struct error e;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/plan.json", dir);
	cr_assert_eq(profile_write(file, &sample, &e), 0, "%s", e.text);
	cr_assert_eq(profile_read(file, &p, &e), 0, "%s", e.text);
	cr_expect_str_eq(p.key.interfaces, "ens1,ens2");
	cr_expect_str_eq(p.key.drivers, "ena,ena");
	cr_expect_eq(p.key.cpus, 16);
	cr_expect_str_eq(p.stages, "gen=1,tx=4");
	cr_expect_eq(p.fuse, 0);
	cr_expect_float_eq(p.expires, sample.expires, 0.5);
	unlink(file);
	cr_expect_eq(rmdir(dir), 0, "nothing else is left there");
	cr_expect_eq(profile_write(file, &sample, &e), -2);
	cr_expect_not_null(strstr(e.text, "No such file"));
}

Test(profile, each_part_of_the_key_counts)
{
	struct profile_key here = sample.key;
	char what[256];

	cr_expect_not(profile_differs(&sample.key, &here, what, sizeof(what)));
	strcpy(here.kernel, "6.12");
	cr_expect(profile_differs(&sample.key, &here, what, sizeof(what)));
	cr_expect_str_eq(what, "kernel \"6.1\" and not \"6.12\"");
	here = sample.key;
	here.cpus = 8;
	cr_expect(profile_differs(&sample.key, &here, what, sizeof(what)));
	cr_expect_str_eq(what, "16 CPUs and not 8");
	here = sample.key;
	strcpy(here.drivers, "ena,mlx5_core");
	cr_expect(profile_differs(&sample.key, &here, what, sizeof(what)));
	here = sample.key;
	strcpy(here.interfaces, "ens1");
	cr_expect(profile_differs(&sample.key, &here, what, sizeof(what)));
	here = sample.key;
	strcpy(here.engine, "af_packet");
	cr_expect(profile_differs(&sample.key, &here, what, sizeof(what)));
	here = sample.key;
	strcpy(here.host, "other");
	cr_expect(profile_differs(&sample.key, &here, what, sizeof(what)));
}

Test(profile, an_engine_without_interfaces_has_none)
{
	const struct io_link link = { .name = "any" }, *links[] = { &link };
	struct profile_key k;

	profile_key_here(&k, &null_ops, links, 1);
	cr_expect_str_eq(k.engine, "null");
	cr_expect_str_eq(k.interfaces, "");
	cr_expect_gt(k.cpus, 0);
	profile_key_here(&k, &af_packet_ops, links, 1);
	cr_expect_str_eq(k.interfaces, "any");
	cr_expect_str_eq(k.drivers, "unknown");
}
