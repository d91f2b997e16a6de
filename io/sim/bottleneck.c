/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All but the ramp are one virtual clock, which each frame that passes moves on by an interval (the generic cell rate
 * algorithm): how far it may be ahead is the burst of a policer or the length of a queue, and how far it is ahead is
 * how long the last frame has to wait.
 */
#include "io/sim/bottleneck.h"

#include "anyscan/clock.h"

#define RAMP_WINDOW_NS 50000000.0 /* the load is that of the window before; and */
#define RAMP_WINDOW_FRAMES 100 /* it is counted over so many frames at least */
#define CPU_CREDIT_NS 5000000.0 /* of a thread that was woken late */

void bottleneck_init(struct bottleneck *b, const struct world_bottleneck *spec)
{
	*b = (struct bottleneck){ .spec = *spec };
	ck_spinlock_init(&b->lock);
}

double bottleneck_capacity(const struct world_bottleneck *spec, uint64_t after_ns)
{
	double rate = 0;

	for (uint64_t i = 0; i < spec->capacities && spec->capacity[i].from_ns <= after_ns; i++)
		rate = (double)spec->capacity[i].rate;
	return rate;
}

static double elapsed(const struct bottleneck *b)
{
	return (double)(b->now_ns - b->start_ns);
}

static void look_at_load(struct bottleneck *b)
{
	const double now = elapsed(b), least = RAMP_WINDOW_FRAMES * b->interval_ns;
	double load;

	if (now >= b->window_ns && now > b->window_begin_ns) {
		load = (double)b->frames * b->interval_ns / (now - b->window_begin_ns);
		b->share = load < 1 ? 0 : load < 2 ? load - 1 : 1;
		b->frames = 0;
		b->window_begin_ns = now;
		b->window_ns = now + (least > RAMP_WINDOW_NS ? least : RAMP_WINDOW_NS);
	}
}

void bottleneck_enter(struct bottleneck *b, uint64_t now_ns)
{
	ck_spinlock_lock(&b->lock);
	if (!b->begun) {
		b->begun = true;
		b->start_ns = now_ns;
		b->window_ns = RAMP_WINDOW_NS;
	}
	b->now_ns = now_ns > b->start_ns ? now_ns :
					   b->start_ns; /* another queue's clock may have been read before */
	b->interval_ns = (double)NS_PER_S / bottleneck_capacity(&b->spec, b->now_ns - b->start_ns);
	if (b->spec.kind == BOTTLENECK_RAMP)
		look_at_load(b);
}

static bool pass_ramp(struct bottleneck *b)
{
	b->frames++;
	b->fraction += b->share;
	if (b->fraction < 1)
		return true;
	b->fraction -= 1;
	return false;
}

/* Takes one more if that leaves the clock no more than `most` ahead. */
static bool pass_clock(struct bottleneck *b, double most, double credit)
{
	const double now = elapsed(b), from = b->clear_ns > now - credit ? b->clear_ns : now - credit;

	if (from + b->interval_ns > now + (most > b->interval_ns ? most : b->interval_ns))
		return false;
	b->clear_ns = from + b->interval_ns;
	return true;
}

bool bottleneck_pass(struct bottleneck *b)
{
	switch (b->spec.kind) {
	case BOTTLENECK_RAMP:
		return pass_ramp(b);
	case BOTTLENECK_CPU:
		return pass_clock(b, 1e18, CPU_CREDIT_NS);
	case BOTTLENECK_QUEUE:
		return pass_clock(b, (double)b->spec.queue_ns, 0);
	default:
		return pass_clock(b, BOTTLENECK_BURST_NS, 0);
	}
}

uint64_t bottleneck_delay_ns(const struct bottleneck *b)
{
	const double ahead = b->clear_ns - elapsed(b);

	return b->spec.kind == BOTTLENECK_QUEUE && ahead > 0 ? (uint64_t)ahead : 0;
}

uint64_t bottleneck_leave(struct bottleneck *b)
{
	const uint64_t until =
		b->spec.kind == BOTTLENECK_CPU && b->clear_ns > 0 ? b->start_ns + (uint64_t)b->clear_ns : 0;

	ck_spinlock_unlock(&b->lock);
	return until;
}
