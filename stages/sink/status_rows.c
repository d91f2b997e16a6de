/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --status-updates-file: one table of columns makes the header and the rows, so they cannot differ in width.
 * The names up to sendto-fail-avg-per-sec are ZMap's; json has them with underscores.
 */
#include <stdarg.h>
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
#define LAST(what) rate(NOW(what) - (m->in->before != NULL ? (double)m->in->before->what : 0), m->interval)
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
COLUMN(col_sent, NOW(sent))
COLUMN(col_sent_last, LAST(sent))
COLUMN(col_sent_mean, rate(NOW(sent), m->sending))
COLUMN(col_success, NOW(success))
COLUMN(col_success_last, LAST(success))
COLUMN(col_success_mean, rate(NOW(success), m->elapsed))
COLUMN(col_valid, NOW(valid))
COLUMN(col_valid_last, LAST(valid))
COLUMN(col_valid_mean, rate(NOW(valid), m->elapsed))
COLUMN(col_drops, NOW(drops))
COLUMN(col_drops_last, LAST(drops))
COLUMN(col_drops_mean, rate(NOW(drops), m->elapsed))
COLUMN(col_refused, NOW(refused))
COLUMN(col_refused_last, LAST(refused))
COLUMN(col_refused_mean, rate(NOW(refused), m->sending))
COLUMN(col_results, NOW(results))
COLUMN(col_duplicates, NOW(duplicates))
COLUMN(col_excluded, NOW(excluded))

static const struct {
	const char *name;
	int decimals;
	double (*get)(const struct moment *);
} columns[] = {
	/* real-time comes before, state, rate and limit after these: they are text, or may be */
	{ "time-elapsed", 3, col_elapsed },
	{ "time-remaining", 0, col_left },
	{ "percent-complete", 3, col_percent },
	{ "hit-rate", 6, col_hit_rate },
	{ "active-send-threads", 0, col_threads },
	{ "sent-total", 0, col_sent },
	{ "sent-last-one-sec", 0, col_sent_last },
	{ "sent-avg-per-sec", 0, col_sent_mean },
	{ "recv-success-total", 0, col_success },
	{ "recv-success-last-one-sec", 0, col_success_last },
	{ "recv-success-avg-per-sec", 0, col_success_mean },
	{ "recv-total", 0, col_valid },
	{ "recv-total-last-one-sec", 0, col_valid_last },
	{ "recv-total-avg-per-sec", 0, col_valid_mean },
	{ "pcap-drop-total", 0, col_drops },
	{ "drop-last-one-sec", 0, col_drops_last },
	{ "drop-avg-per-sec", 0, col_drops_mean },
	{ "sendto-fail-total", 0, col_refused },
	{ "sendto-fail-last-one-sec", 0, col_refused_last },
	{ "sendto-fail-avg-per-sec", 0, col_refused_mean },
	{ "results-total", 0, col_results },
	{ "duplicates-total", 0, col_duplicates },
	{ "excluded-live-total", 0, col_excluded },
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
	for (size_t i = 0; i < COLUMNS; i++)
		append(&t, ",%.*f", columns[i].decimals, columns[i].get(&m));
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
		append(&t, ",\"%s\":%.*f", name, columns[i].decimals, columns[i].get(&m));
	}
	append(&t, ",\"state\":\"%s\"", state_name(in->now));
	if (in->now->rate > RATE_MAX)
		append(&t, ",\"rate\":%.3f", in->now->rate);
	else
		append(&t, ",\"rate\":null");
	append(&t, ",\"limit\":\"%s\"}\n", in->now->limit != NULL ? in->now->limit : "none");
	return (int)t.used;
}
