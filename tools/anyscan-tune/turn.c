/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-tune/turn.h"

#include <sched.h>
#include <sys/resource.h>

static bool real_time(const struct turn *t)
{
	return t->policy == SCHED_FIFO || t->policy == SCHED_RR;
}

struct turn turn_take(bool own_cpus)
{
	struct sched_param p = { .sched_priority = 0 };
	struct turn t = { .policy = sched_getscheduler(0) };

	sched_getparam(0, &p);
	t.priority = p.sched_priority;
	if (real_time(&t) && !own_cpus)
		sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){ .sched_priority = 0 });
	if (!real_time(&t) || !own_cpus)
		setpriority(PRIO_PROCESS, 0,
			    -20); /* where we may not, neighbours are left out of the count */
	return t;
}

void turn_watch(const struct turn *t)
{
	const struct sched_param above = { .sched_priority = t->priority + 1 };

	if (real_time(t) && above.sched_priority <= sched_get_priority_max(t->policy))
		sched_setscheduler(0, t->policy, &above);
}

void turn_give_back(const struct turn *t)
{
	const struct sched_param p = { .sched_priority = t->priority };

	if (real_time(t))
		sched_setscheduler(0, t->policy, &p);
}
