/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told later is told once, and before the teller sleeps or ends. */
#include <ck_pr.h>
#include <criterion/criterion.h>

#include "rings/edge.h"
#include "stages/thread.h"

static struct waker waker[NOTICES_MAX + 1];

static uint32_t told(unsigned int i)
{
	return waker_ticket(&waker[i]);
}

static void init(void)
{
	for (unsigned int i = 0; i <= NOTICES_MAX; i++)
		cr_assert_eq(waker_init(&waker[i], false), 0);
}

TestSuite(notices, .init = init, .timeout = 30);

Test(notices, once_and_later)
{
	struct notices later = { .n = 0 };
	const uint32_t before = told(0);

	for (unsigned int i = 0; i < 3; i++)
		notices_add(&later, &waker[0]);
	cr_expect_eq(told(0), before);
	notices_tell(&later);
	cr_expect_neq(told(0), before);
	cr_expect_eq(later.n, 0);
}

Test(notices, at_once_where_there_is_no_later_or_no_room)
{
	struct notices later = { .n = 0 };
	uint32_t before[NOTICES_MAX + 1];

	for (unsigned int i = 0; i <= NOTICES_MAX; i++) {
		before[i] = told(i);
		notices_add(&later, &waker[i]);
		cr_expect_eq(told(i) != before[i], i == NOTICES_MAX, "%u", i);
	}
	notices_add(NULL, &waker[0]);
	cr_expect_neq(told(0), before[0]);
}

Test(notices, both_ends_of_an_edge)
{
	struct notices producer = { .n = 0 }, consumer = { .n = 0 };
	const struct edge_options o = { .name = "edge",
					.blocks = 2,
					.block_size = sizeof(struct target_block),
					.producer = &waker[0],
					.consumer = &waker[1],
					.push_later = &producer,
					.recycle_later = &consumer };
	struct edge *e = edge_create(&o);
	const uint32_t before[] = { told(0), told(1) };

	cr_assert_not_null(e);
	edge_push(e, edge_claim(e, 0));
	cr_expect_eq(told(1), before[1]);
	notices_tell(&producer);
	cr_expect_neq(told(1), before[1]);
	edge_recycle(e, edge_pop(e));
	cr_expect_eq(told(0), before[0]);
	notices_tell(&consumer);
	cr_expect_neq(told(0), before[0]);
	edge_destroy(e);
}

/* A stage that gives work to waker 0 in each of its steps, `steps` of them. */
struct giver {
	struct stage stage;
	unsigned int steps;
	uint32_t most_untold; /* steps since it was told last */
	uint32_t seen, untold;
};

static struct thread thread;
static struct giver giver;
static bool aborted;

static size_t give(struct stage *s)
{
	struct giver *g = (struct giver *)s;
	const uint32_t now = told(0);

	g->untold = now == g->seen ? g->untold + 1 : 1;
	g->seen = now;
	g->most_untold = g->untold > g->most_untold ? g->untold : g->most_untold;
	notices_add(&thread.notices, &waker[0]);
	s->wake_at = WAKE_NEVER;
	return g->steps > 0 && --g->steps > 0;
}

static const struct stage_ops giver_ops = { .name = "giver", .step = give };

static void run(unsigned int steps, bool ends)
{
	struct error error;

	giver = (struct giver){ .stage = { .ops = &giver_ops, .fd = -1 }, .steps = steps, .seen = told(0) };
	aborted = ends;
	thread = (struct thread){
		.step = { &giver.stage }, .steps = 1, .cpu = -1, .done = &waker[1], .abort = &aborted
	};
	cr_assert_eq(waker_init(&thread.waker, false), 0);
	cr_assert_eq(thread_start(&thread, &error), 0, "%s", error.text);
}

Test(notices, a_thread_tells_before_it_sleeps)
{
	const uint32_t before = told(0);

	run(1, false);
	waker_wait(&waker[0], before, UINT64_MAX); /* the timeout of the suite, if it is never told */
	__atomic_store_n(&aborted, true, __ATOMIC_RELAXED);
	waker_notify(&thread.waker);
	thread_join(&thread);
}

Test(notices, a_thread_tells_now_and_then_while_it_works)
{
	run(1000, false);
	while (counter_read(&thread.sleeps) == 0)
		ck_pr_stall();
	__atomic_store_n(&aborted, true, __ATOMIC_RELAXED);
	waker_notify(&thread.waker);
	thread_join(&thread);
	cr_expect_leq(giver.most_untold, 4);
	cr_expect_geq(giver.most_untold, 2, "it tells at once");
}

Test(notices, a_thread_tells_when_it_is_aborted)
{
	const uint32_t before = told(0);

	run(1000, true);
	thread_join(&thread);
	cr_expect_neq(told(0), before);
}
