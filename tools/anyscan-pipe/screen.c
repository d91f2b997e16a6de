/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/screen.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/anyscan-pipe/log_file.h"

static struct {
	pthread_mutex_t lock;
	enum level most;
	bool status, terminal, hurry;
	char line[512]; /* the status line that stands on the terminal, or "" */
} screen = { .lock = PTHREAD_MUTEX_INITIALIZER, .most = LEVEL_NOTICE };

void screen_init(enum level most, bool status)
{
	screen.most = most;
	screen.status = status;
	screen.terminal = isatty(STDERR_FILENO) == 1;
}

/* Blank the line, so that what comes next begins on a clean one. */
static void erase(void)
{
	if (screen.line[0] != '\0')
		fputs("\r\033[K", stderr);
}

/* What fits: a line that goes over two rows can only be blanked in the second, and would pile up. */
static int columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

static void redraw(void)
{
	if (screen.line[0] != '\0')
		fprintf(stderr, "%.*s", columns(), screen.line);
	fflush(stderr);
}

/* False: whoever reads standard error does not; to write would be to wait. */
static bool writable(void)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&fd, 1, 0) != 0;
}

void screen_hurry(void)
{
	screen.hurry = true;
}

void screen_say(enum level level, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	log_file_write(level, format, again);
	if (level <= screen.most && (!screen.hurry || writable())) {
		pthread_mutex_lock(&screen.lock);
		erase();
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
		redraw();
		pthread_mutex_unlock(&screen.lock);
	}
	va_end(again);
	va_end(args);
}

void screen_status(const char *line)
{
	if (!screen.status || !writable())
		return;
	pthread_mutex_lock(&screen.lock);
	if (screen.terminal) {
		erase();
		snprintf(screen.line, sizeof(screen.line), "%s", line);
		redraw();
	} else {
		fprintf(stderr, "%s\n", line);
		fflush(stderr);
	}
	pthread_mutex_unlock(&screen.lock);
}

void screen_end(void)
{
	pthread_mutex_lock(&screen.lock);
	if (screen.line[0] != '\0' && (!screen.hurry || writable()))
		fputc('\n', stderr);
	screen.line[0] = '\0';
	screen.status = false;
	fflush(stderr);
	pthread_mutex_unlock(&screen.lock);
}

bool screen_shared(int fd)
{
	struct stat a, b;

	return isatty(fd) == 1 && isatty(STDERR_FILENO) == 1 && fstat(fd, &a) == 0 &&
	       fstat(STDERR_FILENO, &b) == 0 && a.st_rdev == b.st_rdev;
}

void screen_before_write(void *hook)
{
	(void)hook;
	pthread_mutex_lock(&screen.lock);
	erase();
	fflush(stderr);
}

void screen_after_write(void *hook)
{
	(void)hook;
	redraw();
	pthread_mutex_unlock(&screen.lock);
}
