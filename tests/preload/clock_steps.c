/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: clocks that are set, and a host that sleeps, while a program runs. The first byte of the file STEP says
 * how they stand, and may be written at any time:
 *
 *   n   as they are
 *   f   CLOCK_REALTIME is an hour ahead of that
 *   b   it is an hour behind
 *   s   the host has slept for an hour: CLOCK_REALTIME and CLOCK_BOOTTIME are ahead, CLOCK_MONOTONIC stood still
 *
 * Who waits by a clock that jumps waits for the wrong time: that is a core dump here.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define HOUR 3600

static const volatile char *state = "n";
static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void map(void)
{
	const int fd = open(getenv("STEP"), O_RDONLY | O_CLOEXEC);
	void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);

	if (fd < 0 || page == MAP_FAILED)
		abort();
	close(fd);
	*(void **)&real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	state = page;
}

static time_t ahead(clockid_t id)
{
	const char s = *state;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		return s == 'f' || s == 's' ? HOUR : s == 'b' ? -HOUR : 0;
	case CLOCK_BOOTTIME:
		return s == 's' ? HOUR : 0;
	default:
		return 0;
	}
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc;

	if (real_gettime == NULL) /* before the constructor */
		*(void **)&real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	rc = real_gettime(id, t);
	if (rc == 0)
		t->tv_sec += ahead(id);
	return rc;
}

int gettimeofday(struct timeval *tv, void *zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	*tv = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out != NULL)
		*out = t.tv_sec;
	return t.tv_sec;
}

static void steady(clockid_t id, const char *call)
{
	if (id == CLOCK_MONOTONIC)
		return;
	fprintf(stderr, "clock_steps: %s by a clock that jumps\n", call);
	abort();
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *until, struct timespec *left)
{
	static __typeof__(&clock_nanosleep) real;

	steady(flags == 0 ? CLOCK_MONOTONIC : id, "clock_nanosleep()");
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_nanosleep");
	return real(id, flags, until, left);
}

int timerfd_create(clockid_t id, int flags)
{
	steady(id, "timerfd_create()");
	return ((__typeof__(&timerfd_create))dlsym(RTLD_NEXT, "timerfd_create"))(id, flags);
}
