/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "anyscan/clock.h"

static struct {
	int fd;
	enum level most;
} log_file = { .fd = -1 };

enum exit_code log_file_open(const char *path, enum level most, struct error *e)
{
	if (strcmp(path, "-") == 0) {
		error_set(e, -EINVAL,
			  "--log-file -: only results go to standard output; write a file, or leave it out: "
			  "notices go to standard error");
		return EXIT_COMMAND;
	}
	/* not blocking: a named pipe that nobody reads is an error, not a wait without end */
	log_file.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0644);
	if (log_file.fd < 0) {
		error_set(e, -errno, "--log-file %s: %s%s", path, strerror(errno),
			  errno == ENXIO ? "; nobody reads this pipe: start its reader first" :
					   "; name a file that can be written");
		return EXIT_INPUT;
	}
	log_file.most = most;
	return EXIT_DONE;
}

static const char *word(enum level level)
{
	return level < LEVEL_WARNING ? "error" :
	       level < LEVEL_NOTICE  ? "warning" :
	       level < LEVEL_DETAIL  ? "notice" :
				       "detail";
}

void log_file_write(enum level level, const char *format, va_list args)
{
	const uint64_t now = clock_real_ns();
	const time_t seconds = (time_t)(now / NS_PER_S);
	char time[32], *text;
	struct tm tm;

	if (log_file.fd < 0 || level > log_file.most || vasprintf(&text, format, args) < 0)
		return;
	gmtime_r(&seconds, &tm);
	strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
	/* one write(2) a line: several scans may share the file */
	dprintf(log_file.fd, "%s.%03uZ %s: %s\n", time, (unsigned int)(now % NS_PER_S / 1000000), word(level),
		text);
	free(text);
}

void log_file_close(void)
{
	if (log_file.fd >= 0)
		close(log_file.fd);
	log_file.fd = -1;
}
