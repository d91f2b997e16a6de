/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "anyscan/clock.h"

static struct {
	struct side_file file;
	enum level most;
} log_file = { .file.fd = -1 };

enum exit_code log_file_open(const char *path, enum level most, struct error *e)
{
	if (strcmp(path, "-") == 0) {
		error_set(e, -EINVAL,
			  "--log-file -: only results go to standard output; write a file, or leave it out: "
			  "notices go to standard error");
		return EXIT_COMMAND;
	}
	log_file.most = most;
	return side_file_open(&log_file.file, "log-file", path, O_APPEND, e);
}

static const char *word(enum level level)
{
	return level < LEVEL_WARNING ? "error" :
	       level < LEVEL_NOTICE  ? "warning" :
	       level < LEVEL_DETAIL  ? "notice" :
				       "detail";
}

static int line(char **out, enum level level, const char *text)
{
	const uint64_t now = clock_real_ns();
	const time_t seconds = (time_t)(now / NS_PER_S);
	char time[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
	return asprintf(out, "%s.%03uZ %s: %s\n", time, (unsigned int)(now % NS_PER_S / 1000000), word(level),
			text);
}

void log_file_write(enum level level, const char *format, va_list args)
{
	char *text, *whole;
	int n;

	if (log_file.file.fd < 0 || level > log_file.most || vasprintf(&text, format, args) < 0)
		return;
	n = line(&whole, level, text);
	if (n >= 0) {
		side_file_write(&log_file.file, whole, (size_t)n);
		free(whole);
	}
	free(text);
}

const struct side_file *log_file_state(void)
{
	return log_file.file.path != NULL ? &log_file.file : NULL;
}

void log_file_reopen(void)
{
	side_file_reopen(&log_file.file);
}

void log_file_close(void)
{
	side_file_close(&log_file.file);
}
