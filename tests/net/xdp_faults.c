/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xdp_faults DEV ROUNDS: opens a port of af_xdp on DEV with every call of its set-up refused in turn, ROUNDS openings
 * in all. Each ends in a mode or in a reason; afterwards no file descriptor, no program and nothing on the interface is
 * left, and the next opening finds a clean NIC.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "anyscan/cookie.h"
#include "io/af_xdp/port.h"
#include "reply_redirect.skel.h"
#include "tests/unit/xdp_inject.h"

#define QUEUES 2
#define PROGRAMS_MAX 65536

static uint32_t program[PROGRAMS_MAX]; /* ids of all that were loaded */
static unsigned int programs;

static int fail(const char *what)
{
	fprintf(stderr, "refused call %u (%s)%s: %s\n", inject.nth,
		inject.refused != NULL ? inject.refused : "none",
		inject.from_there_on ? " and all after it" : "", what);
	return 1;
}

/* As the kernel does, and notes the id. */
static int load(struct reply_redirect *skeleton)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	int rc = xdp_calls_kernel.load(skeleton);

	if (rc == 0 && programs < PROGRAMS_MAX &&
	    bpf_obj_get_info_by_fd(bpf_program__fd(skeleton->progs.anyscan_replies), &info, &size) == 0)
		program[programs++] = info.id;
	return rc;
}

/* The kernel frees programs a little after their last holder is gone. */
static bool all_gone(void)
{
	const struct timespec little = { .tv_nsec = 10000000 };

	for (uint64_t until = clock_mono_ns() + 5 * NS_PER_S; clock_mono_ns() < until;
	     nanosleep(&little, NULL)) {
		uint32_t id = 0;
		bool found = false;

		while (!found && bpf_prog_get_next_id(id, &id) == 0)
			for (unsigned int i = 0; i < programs && !found; i++)
				found = program[i] == id;
		if (!found)
			return true;
	}
	return false;
}

static int climb(const struct io_port_options *o, struct xdp_port **port, struct error *e)
{
	*e = (struct error){ .code = 0 };
	return xdp_port_open(o, 0, &inject_calls, port, e);
}

/* Pinned pages show here as soon as a socket's memory is not given back. */
static unsigned long resident_pages(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL || fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	if (f != NULL)
		fclose(f);
	return resident;
}

int main(int argc, char **argv)
{
	struct io_link link = { .mtu = 1500, .tx_queues = QUEUES, .rx_queues = QUEUES };
	const struct io_port_options o = { .link = &link,
					   .tx_queues = QUEUES,
					   .rx_queues = QUEUES,
					   .frames = 256,
					   .frame_len = 54,
					   .match = { .ip_proto = IPPROTO_TCP, .port_first = 1 } };
	const unsigned int rounds = argc == 3 ? (unsigned int)strtoul(argv[2], NULL, 10) : 0;
	struct xdp_calls base = xdp_calls_kernel;
	unsigned int fds, granted = 0, none = 0, nth = 0;
	unsigned long resident = 0;
	bool from_there_on = false;
	struct xdp_port *port;
	struct error e;

	if (rounds == 0)
		return fail("usage: xdp_faults DEV ROUNDS");
	snprintf(link.name, sizeof(link.name), "%s", argv[1]);
	link.ifindex = (int)if_nametoindex(argv[1]);
	base.load = load;
	fds = open_fds();
	for (unsigned int round = 0; round < rounds; round++) {
		struct xdp_attached left;

		inject_begin(&base, ++nth, from_there_on);
		if (climb(&o, &port, &e) == 0) {
			granted++;
			xdp_port_close(port);
		} else if (e.text[0] != '\0') {
			none++;
		} else {
			return fail("no reason is given");
		}
		if (open_fds() != fds)
			return fail("file descriptors leak");
		if (xdp_calls_kernel.attached(link.ifindex, &left) != 0 || left.id != 0)
			return fail("a program is left on the interface");
		if (inject.refused == NULL) { /* there are no more calls */
			if (resident == 0)
				resident = resident_pages();
			nth = 0;
			from_there_on = !from_there_on;
		}
	}
	if (granted == 0 || none == 0)
		return fail("every round ended in the same way");
	if (resident != 0 && resident_pages() > resident + 4096)
		return fail("memory leaks");
	if (!all_gone())
		return fail("a program outlives its port");
	inject_begin(&base, 0, false);
	if (climb(&o, &port, &e) != 0)
		return fail(e.text);
	printf("%u rounds: %u granted, %u refused; then %s\n", rounds, granted, none, port->text);
	xdp_port_close(port);
	return 0;
}
