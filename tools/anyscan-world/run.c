/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "anyscan/world.h"
#include "area.h"
#include "arguments.h"
#include "command.h"
#include "io/sim/world_spec.h"
#include "world_xdp.h"

#define TIMES_ROOM (1u << 20) /* 8 MB of kernel memory */

static struct request {
	const char *dev, *net, *ports, *spec, *seen, *stats, *times, *pidfile;
	char spec_seen[4096];
	struct world world;
	struct area area;
} request;

static int parse(int argc, char **argv, struct request *r, struct error *e)
{
	const struct argument table[] = {
		{ "dev", &r->dev, true },
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
	if (world_parse(r->spec, &r->world, r->spec_seen, sizeof(r->spec_seen), e) != 0)
		return e->code;
	if (r->world.late > 0)
		return error_set(e, -EINVAL,
				 "--world %s: late needs a clock, which XDP has not; "
				 "take late=0, or the sim engine",
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

static int write_times(const char *path, const struct world_xdp *x, struct error *e)
{
	const uint64_t *times;
	const size_t n = world_xdp_times(x, &times);
	FILE *f = path != NULL ? fopen(path, "w") : NULL;

	if (path == NULL)
		return 0;
	if (f == NULL || fwrite(times, sizeof(*times), n, f) != n || fclose(f) != 0)
		return error_set(e, -errno, "cannot write %s: %m", path);
	return 0;
}

/* Renamed into place, so that who waits for the file never reads half of it. */
static int write_stats(const struct request *r, struct world_xdp *x, struct error *e)
{
	char part[4096];
	FILE *f = stdout;

	if (r->seen != NULL && area_save(r->seen, &r->area, world_xdp_seen(x), e) != 0)
		return e->code;
	if (write_times(r->times, x, e) != 0)
		return e->code;
	if (r->stats == NULL) {
		world_xdp_stats(x, f);
		return fflush(f) == 0 ? 0 : error_set(e, -errno, "cannot write to standard output: %m");
	}
	snprintf(part, sizeof(part), "%s.part", r->stats);
	f = fopen(part, "w");
	if (f == NULL)
		return error_set(e, -errno, "cannot write %s: %m", part);
	world_xdp_stats(x, f);
	if (fclose(f) != 0 || rename(part, r->stats) != 0)
		return error_set(e, -errno, "cannot write %s: %m", r->stats);
	return 0;
}

static int serve(const struct request *r, struct world_xdp *x, const sigset_t *signals, struct error *e)
{
	int signal_number;

	fprintf(stderr, "anyscan-world: %s XDP on %s\n", world_xdp_mode(x), r->dev);
	if (puts("ready") < 0 || fflush(stdout) != 0)
		return error_set(e, -errno, "cannot write to standard output: %m");
	do {
		sigwait(signals, &signal_number);
		if (write_stats(r, x, e) != 0)
			return e->code;
	} while (signal_number == SIGUSR1);
	return 0;
}

int run_main(int argc, char **argv)
{
	struct request *r = &request;
	struct error e = { 0 };
	struct world_xdp *x;
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

	x = world_xdp_open(r->dev, &r->area, &r->world, r->times != NULL ? TIMES_ROOM : 0, &e);
	if (x == NULL) {
		exit_code = fail(EXIT_HOST, &e);
		goto free_area;
	}
	if (write_pidfile(r->pidfile, &e) != 0 || serve(r, x, &signals, &e) != 0)
		exit_code = fail(EXIT_OUTPUT, &e);
	world_xdp_close(x);
free_area:
	area_free(&r->area);
	return exit_code;
}
