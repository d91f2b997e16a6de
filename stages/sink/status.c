/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sink/status.h"

#include <stdio.h>

/* Splits into mantissa and unit such that the mantissa prints with three digits: 999.7 becomes 1.00K. */
static const char *scale(double *value)
{
	static const char *const units[] = { "", "K", "M", "G", "T" };
	unsigned int u = 0;

	while (*value >= 999.5 && u < 4) {
		*value /= 1000;
		u++;
	}
	return units[u];
}

static int digits(double value) /* after the point */
{
	return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

char *status_number(double value, char buf[STATUS_NUMBER_MAX])
{
	const char *unit = scale(&value);

	if (*unit == '\0')
		snprintf(buf, STATUS_NUMBER_MAX, "%.3g", value);
	else
		snprintf(buf, STATUS_NUMBER_MAX, "%.*f%s", digits(value), value, unit);
	return buf;
}

char *status_rate(double value, char buf[STATUS_RATE_MAX])
{
	const char *unit = scale(&value);

	if (*unit == '\0')
		snprintf(buf, STATUS_RATE_MAX, "%.3g p/s", value);
	else
		snprintf(buf, STATUS_RATE_MAX, "%.*f %sp/s", digits(value), value, unit);
	return buf;
}

char *status_time(double seconds, char buf[STATUS_TIME_MAX])
{
	const unsigned long long s = seconds > 0 ? (unsigned long long)seconds : 0;

	if (s < 3600)
		snprintf(buf, STATUS_TIME_MAX, "%llu:%02llu", s / 60, s % 60);
	else
		snprintf(buf, STATUS_TIME_MAX, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
	return buf;
}

/* How long is left, coarser the longer it is: 38s, 5m03s, 1h05m, 1d02h, 12d. */
static char *left_text(double seconds, char buf[STATUS_TIME_MAX])
{
	/* rounded up: a scan that still runs never has 0 s left */
	const unsigned long long s = (unsigned long long)(seconds + 0.999);

	if (s < 60)
		snprintf(buf, STATUS_TIME_MAX, "%llus", s);
	else if (s < 3600)
		snprintf(buf, STATUS_TIME_MAX, "%llum%02llus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, STATUS_TIME_MAX, "%lluh%02llum", s / 3600, s / 60 % 60);
	else if (s < 10 * 86400)
		snprintf(buf, STATUS_TIME_MAX, "%llud%02lluh", s / 86400, s / 3600 % 24);
	else
		snprintf(buf, STATUS_TIME_MAX, "%llud", s / 86400);
	return buf;
}

static double elapsed(const struct pipeline_stats *s)
{
	return s->now_ns > s->start_ns ? (double)(s->now_ns - s->start_ns) / 1e9 : 0;
}

static double send_seconds(const struct pipeline_stats *s)
{
	return (double)pipeline_sending_ns(s) / 1e9;
}

static double per_second(double count, double seconds)
{
	return seconds > 0 ? count / seconds : 0;
}

static double interval(const struct status_input *in)
{
	if (in->before == NULL)
		return elapsed(in->now);
	return in->now->now_ns > in->before->now_ns ? (double)(in->now->now_ns - in->before->now_ns) / 1e9 :
						      0;
}

/* Of the last second: counts only grow, so a difference below zero cannot be. */
static double recent(const struct status_input *in, uint64_t now, uint64_t before)
{
	return per_second((double)(now - (in->before != NULL ? before : 0)), interval(in));
}

#define NOW(in, what) ((in)->now->what)
#define BEFORE(in, what) ((in)->before != NULL ? (in)->before->what : 0)
#define RECENT(in, what) recent(in, NOW(in, what), BEFORE(in, what))

static double targets_done(const struct status_input *in)
{
	return (double)(in->now->sent + in->now->spared + in->now->unresolved + in->now->excluded) /
	       (in->probes > 0 ? in->probes : 1);
}

double status_percent(const struct status_input *in)
{
	const double percent =
		in->now->targets_total > 0 ? 100 * targets_done(in) / (double)in->now->targets_total : 0;

	return percent > 100 ? 100 : percent;
}

double status_left(const struct status_input *in)
{
	const struct pipeline_stats *s = in->now;
	const double sending = send_seconds(s);
	const double after_send = elapsed(s) - sending - (double)s->paused_ns / 1e9;
	double left, other;

	if (s->state == PIPELINE_DONE || s->state == PIPELINE_DRAINING)
		return 0;
	if (s->send_end_ns != 0)
		return in->cooldown_s > after_send ? in->cooldown_s - after_send : 0;
	if (targets_done(in) == 0 || sending == 0)
		return -1;
	left = ((double)s->targets_total - targets_done(in)) / (targets_done(in) / sending);
	left = left > 0 ? left : 0;
	/* the last target of all has had none of its probes yet */
	if (s->progress < s->progress_total && left < in->spacing_s * (in->probes - 1))
		left = in->spacing_s * (in->probes - 1);
	if (in->max_runtime_s > 0 && in->max_runtime_s - sending < left)
		left = in->max_runtime_s > sending ? in->max_runtime_s - sending : 0;
	if (in->max_results != UINT64_MAX && s->results > 0 && s->results < in->max_results) {
		other = (double)(in->max_results - s->results) / ((double)s->results / sending);
		left = other < left ? other : left;
	}
	return left + in->cooldown_s;
}

static double hit_rate(const struct status_input *in) /* percent of the targets */
{
	const double targets = (double)(in->now->sent + in->now->spared) / (in->probes > 0 ? in->probes : 1);

	return targets > 0 ? 100 * (double)in->now->success / targets : 0;
}

int status_line(const struct status_input *in, char *buf, size_t size)
{
	char time[STATUS_TIME_MAX], left[STATUS_TIME_MAX], until[STATUS_TIME_MAX + 16] = "";
	char sent[STATUS_NUMBER_MAX], received[STATUS_NUMBER_MAX], drops[STATUS_NUMBER_MAX];
	char send_now[STATUS_RATE_MAX], send_mean[STATUS_RATE_MAX];
	char recv_now[STATUS_RATE_MAX], recv_mean[STATUS_RATE_MAX];
	const struct pipeline_stats *s = in->now;
	const double rest = status_left(in);

	if (rest >= 0)
		snprintf(until, sizeof(until), " (%s left)", left_text(rest, left));
	/* 100% is shown when the last target is sent, not when it rounds to it */
	return snprintf(
		buf, size,
		"%s %u%%%s; send: %s %s (%s avg); recv: %s %s (%s avg); drops: %s; hitrate: %.2f%%; limit: %s",
		status_time(elapsed(s), time), (unsigned int)status_percent(in), until,
		status_number((double)s->sent, sent), status_rate(RECENT(in, sent), send_now),
		status_rate(per_second((double)s->sent, send_seconds(s)), send_mean),
		status_number((double)s->success, received), status_rate(RECENT(in, success), recv_now),
		status_rate(per_second((double)s->success, elapsed(s)), recv_mean),
		status_number((double)s->drops, drops), hit_rate(in), s->limit != NULL ? s->limit : "none");
}
