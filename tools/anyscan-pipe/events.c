/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/events.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int events_open(struct events *v, bool hang_up, struct error *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGHUP);
	v->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	v->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (v->signals < 0 || v->timer < 0)
		return error_set(e, -errno, "signals and timers: %s", strerror(errno));
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* nohup ignores it, which would keep it from the signalfd; blocked it does no harm */
	if (hang_up)
		signal(SIGHUP, SIG_DFL);
	return 0;
}

void events_start_timer(const struct events *v)
{
	const struct itimerspec second = { .it_interval.tv_sec = 1, .it_value.tv_sec = 1 };

	timerfd_settime(v->timer, 0, &second, NULL);
}

void events_close(struct events *v)
{
	if (v->signals >= 0)
		close(v->signals);
	if (v->timer >= 0)
		close(v->timer);
	v->signals = v->timer = -1;
}
