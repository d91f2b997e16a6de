/* SPDX-License-Identifier: Apache-2.0 */
/* A plan for people: a line a thread for logs and metadata, a table for --show-plan. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stages/plan.h"

struct text {
	char *buf;
	size_t size, len; /* len as of snprintf: what there would be with room */
};

__attribute__((format(printf, 2, 3))) static void append(struct text *t, const char *format, ...)
{
	const bool room = t->len < t->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room ? t->buf + t->len : NULL, room ? t->size - t->len : 0, format, args);
	va_end(args);
	t->len += n > 0 ? (size_t)n : 0;
}

static void append_queue_counts(struct text *t, const struct plan *p)
{
	append(t, "queues per interface: tx %u, rx %u\n", p->tx_queues_per_port, p->rx_queues_per_port);
}

int plan_format(const struct plan *p, char *buf, size_t size)
{
	struct text text = { buf, size, 0 };

	for (unsigned int i = 0; i < p->threads; i++) {
		const struct plan_thread *t = &p->thread[i];

		if (t->cpu >= 0)
			append(&text, "cpu %d:", t->cpu);
		else
			append(&text, "any cpu:");
		for (unsigned int s = 0; s < t->steps; s++)
			append(&text, " %s%u", plan_stage_names[t->step[s].stage], t->step[s].index);
		append(&text, "\n");
	}
	append_queue_counts(&text, p);
	return (int)text.len;
}

/* Numbers that are not known are a dash. */
static void append_place(struct text *t, const char *thread, int cpu, int core, int node)
{
	const int value[] = { cpu, core, node };

	append(t, "%-12s", thread);
	for (int i = 0; i < 3; i++) {
		if (value[i] >= 0)
			append(t, " %5d", value[i]);
		else
			append(t, " %5s", i == 0 ? "any" : "-");
	}
}

/* Step i of n serves queues i, i + n, ... of all interfaces, as pipeline_stages.c has it. */
static void append_queues(struct text *t, const struct plan *p, const struct plan_step *step,
			  const char *const *port)
{
	const bool tx = step->stage == PLAN_TX;
	const unsigned int queues = (tx ? p->tx_queues_per_port : p->rx_queues_per_port) * p->ports;

	if (!tx && step->stage != PLAN_RX)
		return;
	for (unsigned int q = step->index; q < queues; q += p->count[step->stage])
		append(t, " %s:%s%u", port[p->port_at[q % p->ports]], tx ? "tx" : "rx", q / p->ports);
}

static void append_thread(struct text *text, const struct plan *p, const struct plan_thread *t,
			  const char *const *port)
{
	char name[16], stages[128] = "";
	bool queues = false;

	snprintf(name, sizeof(name), "%.10s%u", plan_stage_names[t->step[0].stage], t->step[0].index);
	append_place(text, name, t->cpu, t->core, t->node);
	for (unsigned int s = 0; s < t->steps; s++) {
		const enum plan_stage stage = t->step[s].stage;

		queues |= stage == PLAN_TX || stage == PLAN_RX;
		snprintf(stages + strlen(stages), sizeof(stages) - strlen(stages), "%s%s%u", s > 0 ? " " : "",
			 plan_stage_names[stage], t->step[s].index);
	}
	append(text, queues ? "  %-20s" : "  %s", stages);
	for (unsigned int s = 0; s < t->steps; s++)
		append_queues(text, p, &t->step[s], port);
	append(text, "\n");
}

int plan_table(const struct plan *p, const char *const *port, char *buf, size_t size)
{
	struct text text = { buf, size, 0 };

	append(&text, "%-12s %5s %5s %5s  %-20s %s\n", "thread", "cpu", "core", "node", "stages", "queues");
	for (unsigned int i = 0; i < p->threads; i++)
		append_thread(&text, p, &p->thread[i], port);
	append_place(&text, "main", p->housekeeping.cpu, p->housekeeping.core, p->housekeeping.node);
	append(&text, "  signals, status\n");
	for (unsigned int i = 0; i < p->quiets; i++) {
		append_place(&text, "-", p->quiet[i].cpu, p->quiet[i].core, p->quiet[i].node);
		append(&text, "  interrupts of this node\n");
	}
	append_queue_counts(&text, p);
	if (p->crowded)
		append(&text,
		       "more threads than CPUs: the kernel places them, and they wait instead of polling\n");
	return (int)text.len;
}
