/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/machine/machine.h"

#define HEAD "{\n \"name\": \"m\", \"sockets\": 1, \"nodes\": 2,\n \"cores\": 4, \"threads_per_core\": 2"
#define ENGINES ",\n \"engines\": { \"null\": { \"tx_ns\": 2 } }"
#define NICS ",\n \"nics\": [ { \"name\": \"a\", \"count\": 2, \"node\": 0, \"queues\": 4 },\n  "

static int reading(const char *text, struct machine *m, struct error *e)
{
	char path[] = "/tmp/machine-XXXXXX", *after;
	int fd = mkstemp(path), r;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	e->text[0] = '\0';
	r = machine_read(path, m, e);
	unlink(path);
	if (r < 0) { /* what follows the name, which differs */
		after = strstr(e->text, path);
		cr_assert_not_null(after, "%s", e->text);
		memmove(e->text, after + strlen(path), strlen(after + strlen(path)) + 1);
	}
	return r;
}

Test(machine, is_what_the_file_says)
{
	static struct machine m;
	struct plan_host h;
	struct error e;

	cr_assert_eq(
		reading(HEAD ENGINES NICS
			"{ \"name\": \"b\", \"node\": 1, \"queues\": 2, \"gbps\": 25, \"pps\": 1e6 } ] }",
			&m, &e),
		0, "%s", e.text);
	cr_assert_eq(m.nics, 3);
	cr_expect_str_eq(m.nic[1].name, "a1");
	cr_expect_str_eq(m.nic[2].name, "b");
	cr_expect_float_eq(m.nic[2].pps, 1e6, 1e-9);
	cr_expect_float_eq(m.speed, 1, 1e-9);
	cr_expect_float_eq(machine_engine(&m, "null")->tx_ns, 2, 1e-9);
	cr_expect_null(machine_engine(&m, "nul"));
	cr_assert_eq(machine_host(&m, &h), 0);
	cr_expect_eq(h.cpus, 8);
	cr_expect_eq(h.queues_max, 2, "what every NIC has");
	cr_expect_eq(h.cpu[5].core, 1, "far siblings");
	cr_expect_eq(h.cpu[6].node, 1);
	cr_expect_eq(h.port_node[2], 1);
	machine_host_free(&h);
	strcpy(m.siblings, "near");
	cr_assert_eq(machine_host(&m, &h), 0);
	cr_expect_eq(h.cpu[5].core, 2);
	machine_host_free(&h);
}

Test(machine, what_is_wrong_has_a_line)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", ":1: not JSON: " },
		{ "{\n\"name\": \"m\",\n\"sockets\" 1", ":3: not JSON: " },
		{ "[]", ":1: an object, in braces, belongs here" },
		{ "{}", ":1: \"name\" is missing" },
		{ HEAD ENGINES " }", ":1: \"nics\" is missing" },
		{ HEAD ",\n\n \"cpus\": 3 }", ":5: \"cpus\" is not known here; write one of name, about" },
		{ HEAD ",\n \"speed\": \"fast\" }", ":4: \"speed\" is a number" },
		{ HEAD ",\n \"speed\": 0 }", ":4: \"speed\" is 0; write 0.05 to 20" },
		{ HEAD ",\n \"siblings\": \"off\"" ENGINES NICS "{} ] }",
		  ":4: \"siblings\" is \"off\"; write far" },
		{ HEAD ",\n \"notes\": [ \"a\",\n 7 ]" ENGINES NICS "{} ] }", ":5: a note is a text" },
		{ HEAD ",\n \"engines\": { \"null\":\n { \"tx_ns\": -1 } }, \"nics\": [] }",
		  ":5: \"tx_ns\" is -1; write 0 to 1000000" },
		{ HEAD ENGINES NICS "{ \"name\": \"b\", \"node\": 2, \"queues\": 1 } ] }",
		  ":6: node 2, and the last of 2 is 1" },
		{ HEAD ENGINES NICS "{ \"name\": \"b\", \"node\": 1,\n \"queues\": 1.5 } ] }",
		  ":7: \"queues\" is a whole number" },
		{ HEAD ENGINES NICS "{ \"name\": \"b\", \"count\": 63, \"node\": 1, \"queues\": 1 } ] }",
		  ":6: more than 64 NICs" },
		{ HEAD ENGINES NICS "{ \"name\": \"{[\\\"\", \"node\": 1,\n \"queue\": 1 } ] }",
		  ":7: \"queue\" is not known here" },
	};
	static struct machine m;
	struct error e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(reading(bad[i].text, &m, &e), -EINVAL, "%s", bad[i].text);
		cr_expect_eq(strncmp(e.text, bad[i].says, strlen(bad[i].says)), 0, "%s says \"%s\"",
			     bad[i].says, e.text);
	}
	cr_expect_eq(machine_read("/nonexistent", &m, &e), -ENOENT);
	cr_expect_str_eq(e.text, "/nonexistent: No such file or directory");
}
