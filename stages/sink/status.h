/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status line and the rows of --status-updates-file: pure functions of two looks at the pipeline.
 */
#ifndef SINK_STATUS_H
#define SINK_STATUS_H

#include <stddef.h>

#include "stages/pipeline.h"

struct status_input {
	const struct pipeline_stats *now;
	const struct pipeline_stats
		*before; /* the look before, for the rates of the last second; NULL: the first */
	uint32_t probes; /* per target */
	double spacing_s; /* between them */
	double cooldown_s;
	double max_runtime_s; /* 0: no limit */
	uint64_t max_results; /* UINT64_MAX: no limit */
	unsigned int send_threads;
	uint64_t real_time_ns; /* CLOCK_REALTIME, for rows */
};

/* The line without its end. Returns bytes as snprintf. */
int status_line(const struct status_input *, char *buf, size_t size);

/* Rows of the file, with newline; the header has as many columns as each row. Return bytes as snprintf. */
int status_csv_header(char *buf, size_t size);
int status_csv_row(const struct status_input *, char *buf, size_t size);
int status_json_row(const struct status_input *, char *buf, size_t size);

/* Three significant digits and K, M, G or T: 4.98M, 996. Returns buf. */
#define STATUS_NUMBER_MAX 16
char *status_number(double value, char buf[STATUS_NUMBER_MAX]);
/* A rate: "996 Kp/s", "12 p/s". */
#define STATUS_RATE_MAX 24
char *status_rate(double per_second, char buf[STATUS_RATE_MAX]);
/* m:ss or h:mm:ss. */
#define STATUS_TIME_MAX 32
char *status_time(double seconds, char buf[STATUS_TIME_MAX]);

/* Seconds until the scan ends, cooldown included; negative: nothing to estimate from yet. */
double status_left(const struct status_input *);
/* 0..100, of the targets. */
double status_percent(const struct status_input *);

#endif
