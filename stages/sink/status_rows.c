/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --status-updates-file: one table of columns makes the header and the rows, so they cannot differ in width.
 * The names up to sendto-fail-avg-per-sec are ZMap's; json has them with underscores.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "anyscan/policy.h"
#include "stages/sink/status.h"

struct moment { /* what the columns need, worked out once a row */
	const struct status_input *in;
	double elapsed, sending, interval;
};

static double rate(double count, double seconds)
{
	return seconds > 0 ? count / seconds : 0;
}

#define NOW(what) ((double)m->in->now->what)
/* the difference of counters, not of doubles, which forget single probes beyond 2^53 */
#define LAST(what) \
	rate((double)(int64_t)(m->in->now->what - (m->in->before != NULL ? m->in->before->what : 0)), \
	     m->interval)
#define COLUMN(function, value) \
	static double function(const struct moment *m) \
	{ \
		return (value); \
	}

COLUMN(col_elapsed, m->elapsed)
COLUMN(col_left, status_left(m->in))
COLUMN(col_percent, status_percent(m->in))
COLUMN(col_hit_rate, 100 * rate(NOW(success) * m->in->probes, NOW(sent) + NOW(spared)))
COLUMN(col_threads, m->in->now->send_end_ns == 0 ? m->in->send_threads : 0)
COLUMN(col_sent_last, LAST(sent))
COLUMN(col_sent_mean, rate(NOW(sent), m->sending))
COLUMN(col_success_last, LAST(success))
COLUMN(col_success_mean, rate(NOW(success), m->elapsed))
COLUMN(col_valid_last, LAST(valid))
COLUMN(col_valid_mean, rate(NOW(valid), m->elapsed))
COLUMN(col_drops_last, LAST(drops))
COLUMN(col_drops_mean, rate(NOW(drops), m->elapsed))
COLUMN(col_refused_last, LAST(refused))
COLUMN(col_refused_mean, rate(NOW(refused), m->sending))

#define TOTAL(what) offsetof(struct pipeline_stats, what)

static const struct {
	const char *name;
	int decimals;
	double (*get)(const struct moment *); /* NULL: a counter, as it is */
	size_t total;
} columns[] = {
	/* real-time comes before, state, rate and limit after these: they are text, or may be */
	{ "time-elapsed", 3, .get = col_elapsed },
	{ "time-remaining", 0, .get = col_left },
	{ "percent-complete", 3, .get = col_percent },
	{ "hit-rate", 6, .get = col_hit_rate },
	{ "active-send-threads", 0, .get = col_threads },
	{ "sent-total", .total = TOTAL(sent) },
	{ "sent-last-one-sec", 0, .get = col_sent_last },
	{ "sent-avg-per-sec", 0, .get = col_sent_mean },
	{ "recv-success-total", .total = TOTAL(success) },
	{ "recv-success-last-one-sec", 0, .get = col_success_last },
	{ "recv-success-avg-per-sec", 0, .get = col_success_mean },
	{ "recv-total", .total = TOTAL(valid) },
	{ "recv-total-last-one-sec", 0, .get = col_valid_last },
	{ "recv-total-avg-per-sec", 0, .get = col_valid_mean },
	{ "pcap-drop-total", .total = TOTAL(drops) },
	{ "drop-last-one-sec", 0, .get = col_drops_last },
	{ "drop-avg-per-sec", 0, .get = col_drops_mean },
	{ "sendto-fail-total", .total = TOTAL(refused) },
	{ "sendto-fail-last-one-sec", 0, .get = col_refused_last },
	{ "sendto-fail-avg-per-sec", 0, .get = col_refused_mean },
	{ "results-total", .total = TOTAL(results) },
	{ "duplicates-total", .total = TOTAL(duplicates) },
	{ "excluded-live-total", .total = TOTAL(excluded) },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct text {
	char *buf;
	size_t size, used; /* used grows beyond size as snprintf's count does */
};

__attribute__((format(printf, 2, 3))) static void append(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->used < t->size ? t->buf + t->used : NULL, t->used < t->size ? t->size - t->used : 0,
		      format, args);
	va_end(args);
	t->used += n > 0 ? (size_t)n : 0;
}

static void append_value(struct text *t, size_t column, const struct moment *m)
{
	const char *stats = (const char *)m->in->now;

	if (columns[column].get != NULL)
		append(t, "%.*f", columns[column].decimals, columns[column].get(m));
	else
		append(t, "%llu", (unsigned long long)*(const uint64_t *)(stats + columns[column].total));
}

static struct moment moment_of(const struct status_input *in)
{
	const struct pipeline_stats *s = in->now;
	const uint64_t since = in->before != NULL ? in->before->now_ns : s->start_ns;

	return (struct moment){
		.in = in,
		.elapsed = s->now_ns > s->start_ns ? (double)(s->now_ns - s->start_ns) / 1e9 : 0,
		.sending = (double)pipeline_sending_ns(s) / 1e9,
		.interval = s->now_ns > since ? (double)(s->now_ns - since) / 1e9 : 0,
	};
}

static void real_time(uint64_t ns, char *buf, size_t size)
{
	const time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static const char *state_name(const struct pipeline_stats *s)
{
	static const char *const names[] = { [PIPELINE_SENDING] = "sending",
					     [PIPELINE_COOLDOWN] = "cooldown",
					     [PIPELINE_DRAINING] = "draining",
					     [PIPELINE_DONE] = "done" };

	return s->state == PIPELINE_SENDING && s->paused ? "paused" : names[s->state];
}

int status_csv_header(char *buf, size_t size)
{
	struct text t = { buf, size, 0 };

	append(&t, "real-time");
	for (size_t i = 0; i < COLUMNS; i++)
		append(&t, ",%s", columns[i].name);
	append(&t, ",state,rate,limit\n");
	return (int)t.used;
}

int status_csv_row(const struct status_input *in, char *buf, size_t size)
{
	const struct moment m = moment_of(in);
	struct text t = { buf, size, 0 };
	char when[32];

	real_time(in->real_time_ns, when, sizeof(when));
	append(&t, "%s", when);
	for (size_t i = 0; i < COLUMNS; i++) {
		append(&t, ",");
		append_value(&t, i, &m);
	}
	append(&t, ",%s", state_name(in->now));
	if (in->now->rate > RATE_MAX)
		append(&t, ",%.3f", in->now->rate);
	else
		append(&t, ",max");
	append(&t, ",%s\n", in->now->limit != NULL ? in->now->limit : "none");
	return (int)t.used;
}

int status_json_row(const struct status_input *in, char *buf, size_t size)
{
	const struct moment m = moment_of(in);
	struct text t = { buf, size, 0 };
	char when[32], name[40];

	real_time(in->real_time_ns, when, sizeof(when));
	append(&t, "{\"real_time\":\"%s\"", when);
	for (size_t i = 0; i < COLUMNS; i++) {
		snprintf(name, sizeof(name), "%s", columns[i].name);
		for (char *c = name; *c != '\0'; c++)
			*c = *c == '-' ? '_' : *c;
		append(&t, ",\"%s\":", name);
		append_value(&t, i, &m);
	}
	append(&t, ",\"state\":\"%s\"", state_name(in->now));
	if (in->now->rate > RATE_MAX)
		append(&t, ",\"rate\":%.3f", in->now->rate);
	else
		append(&t, ",\"rate\":null");
	append(&t, ",\"limit\":\"%s\"}\n", in->now->limit != NULL ? in->now->limit : "none");
	return (int)t.used;
}
