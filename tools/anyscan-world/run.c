/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "anyscan/world.h"
#include "area.h"
#include "arguments.h"
#include "command.h"
#include "io/sim/world_spec.h"
#include "stats.h"
#include "world_port.h"

#define TIMES_ROOM (1u << 20) /* 8 MB of kernel memory */

static struct request {
	const char *dev, *dpdk, *eal, *net, *ports, *spec, *seen, *stats, *times, *pidfile;
	char spec_seen[4096];
	struct world world;
	struct area area;
} request;

static int parse(int argc, char **argv, struct request *r, struct error *e)
{
	const struct argument table[] = {
		{ "dev", &r->dev, false },
		{ "dpdk", &r->dpdk, false },
		{ "dpdk-eal", &r->eal, false },
		{ "net", &r->net, true },
		{ "ports", &r->ports, true },
		{ "world", &r->spec, true },
		{ "seen", &r->seen, false },
		{ "stats", &r->stats, false },
		{ "times", &r->times, false },
		{ "pidfile", &r->pidfile, false },
		{ 0 },
	};

	if (arguments_parse(argc, argv, table, NULL, e) != 0)
		return e->code;
	if ((r->dev == NULL) == (r->dpdk == NULL))
		return error_set(e, -EINVAL, "run needs either --dev or --dpdk; see anyscan-world --help");
	if (r->eal != NULL && r->dpdk == NULL)
		return error_set(e, -EINVAL, "--dpdk-eal %s is for --dpdk; --dev has no EAL", r->eal);
	if (world_parse(r->spec, &r->world, r->spec_seen, sizeof(r->spec_seen), e) != 0)
		return e->code;
	if (r->world.late > 0)
		return error_set(e, -EINVAL,
				 "--world %s: late needs a clock, which a world on a wire has not; "
				 "take late=0, or the sim engine",
				 r->spec);
	if (r->world.bottleneck.kind != BOTTLENECK_NONE)
		return error_set(e, -EINVAL,
				 "--world %s: a bottleneck needs a clock, which a world on a wire has not; "
				 "take the sim engine",
				 r->spec);
	if (r->seen == NULL && r->spec_seen[0] != '\0')
		r->seen = r->spec_seen;
	return area_parse(r->net, r->ports, &r->area, e);
}

static int write_pidfile(const char *path, struct error *e)
{
	FILE *f = path != NULL ? fopen(path, "w") : NULL;

	if (path == NULL)
		return 0;
	if (f == NULL || fprintf(f, "%d\n", getpid()) < 0 || fclose(f) != 0)
		return error_set(e, -errno, "cannot write %s: %m", path);
	return 0;
}

static int write_times(const char *path, struct world_port *port, struct error *e)
{
	const uint64_t *times;
	const size_t n = port->ops->times(port, &times);
	FILE *f = path != NULL ? fopen(path, "w") : NULL;

	if (path == NULL)
		return 0;
	if (f == NULL || fwrite(times, sizeof(*times), n, f) != n || fclose(f) != 0)
		return error_set(e, -errno, "cannot write %s: %m", path);
	return 0;
}

/* Renamed into place, so that who waits for the file never reads half of it. */
static int write_stats(const struct request *r, struct world_port *port, struct error *e)
{
	char part[4096];
	FILE *f = stdout;

	if (r->seen != NULL && area_save(r->seen, &r->area, port->ops->seen(port), e) != 0)
		return e->code;
	if (write_times(r->times, port, e) != 0)
		return e->code;
	if (r->stats == NULL) {
		stats_print(port, &r->area, f);
		return fflush(f) == 0 ? 0 : error_set(e, -errno, "cannot write to standard output: %m");
	}
	snprintf(part, sizeof(part), "%s.part", r->stats);
	f = fopen(part, "w");
	if (f == NULL)
		return error_set(e, -errno, "cannot write %s: %m", part);
	stats_print(port, &r->area, f);
	if (fclose(f) != 0 || rename(part, r->stats) != 0)
		return error_set(e, -errno, "cannot write %s: %m", r->stats);
	return 0;
}

static int serve(const struct request *r, struct world_port *port, const sigset_t *signals, struct error *e)
{
	int signal_number;

	fprintf(stderr, "anyscan-world: %s on %s\n", port->words, r->dev != NULL ? r->dev : r->dpdk);
	if (puts("ready") < 0 || fflush(stdout) != 0)
		return error_set(e, -errno, "cannot write to standard output: %m");
	do {
		sigwait(signals, &signal_number);
		if (write_stats(r, port, e) != 0)
			return e->code;
	} while (signal_number == SIGUSR1);
	return 0;
}

static int open_port(const struct request *r, struct world_port **port, struct error *e)
{
	const struct world_port_ops *ops = r->dpdk != NULL ? &world_dpdk : &world_xdp;
	const struct world_port_options options = { .dev = r->dpdk != NULL ? r->dpdk : r->dev,
						    .eal = r->eal,
						    .area = &r->area,
						    .world = &r->world,
						    .times_room = r->times != NULL ? TIMES_ROOM : 0 };

	if (ops == NULL)
		return error_set(e, -ENOTSUP,
				 "this anyscan-world is built without DPDK: install libdpdk-dev "
				 "(tools/install-deps does) and build again");
	*port = ops->open(&options, e);
	return *port != NULL ? 0 : e->code;
}

int run_main(int argc, char **argv)
{
	struct request *r = &request;
	struct error e = { 0 };
	struct world_port *port;
	sigset_t signals;
	int exit_code = 0;

	if (parse(argc, argv, r, &e) != 0)
		return fail(EXIT_USAGE, &e);
	/* blocked before anything is attached: a signal that comes early is answered, not lost */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);

	if (open_port(r, &port, &e) != 0) {
		exit_code = fail(EXIT_HOST, &e);
		goto free_area;
	}
	if (write_pidfile(r->pidfile, &e) != 0 || serve(r, port, &signals, &e) != 0)
		exit_code = fail(EXIT_OUTPUT, &e);
	port->ops->close(port);
free_area:
	area_free(&r->area);
	return exit_code;
}
