/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where DPDK's log goes: by itself to standard output, where results are. Here its end is kept for messages about what
 * failed, and all of it goes to standard error if the user asked for it.
 */
#include "io/dpdk/eal_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "io/dpdk/eal.h"
#include "io/dpdk/rte.h"

static struct { /* one per process, as DPDK's own */
	pthread_mutex_t lock;
	int copy; /* of standard error at the start, or -1: nobody asked for the log */
	size_t len;
	char text[480];
	FILE *stream;
} log_ = { .lock = PTHREAD_MUTEX_INITIALIZER, .copy = -1 };

/* The newest bytes, as many as there is room for. */
static void keep(const char *bytes, size_t n)
{
	const size_t room = sizeof(log_.text) - 1;

	if (n > room) {
		bytes += n - room;
		n = room;
	}
	if (log_.len + n > room) {
		const size_t gone = log_.len + n - room;

		memmove(log_.text, log_.text + gone, log_.len - gone);
		log_.len -= gone;
	}
	memcpy(log_.text + log_.len, bytes, n);
	log_.len += n;
}

static ssize_t take(void *cookie, const char *bytes, size_t n)
{
	(void)cookie;
	pthread_mutex_lock(&log_.lock);
	keep(bytes, n);
	if (log_.copy >= 0 && write(log_.copy, bytes, n) < 0 && errno == EPIPE) {
		close(log_.copy);
		log_.copy = -1;
	}
	pthread_mutex_unlock(&log_.lock);
	return (ssize_t)n;
}

int dpdk_log_open(bool verbose)
{
	log_.copy = verbose ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
	log_.stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = take });
	return log_.stream != NULL ? rte_openlog_stream(log_.stream) : -1;
}

void dpdk_log_close(void)
{
	if (log_.stream == NULL)
		return;
	rte_openlog_stream(NULL);
	fclose(log_.stream);
	log_.stream = NULL;
	if (log_.copy >= 0)
		close(log_.copy);
	log_.copy = -1;
}

void dpdk_log_forget(void)
{
	pthread_mutex_lock(&log_.lock);
	log_.len = 0;
	pthread_mutex_unlock(&log_.lock);
}

void dpdk_log_last(char *text, size_t size)
{
	size_t from = 0, len;

	pthread_mutex_lock(&log_.lock);
	len = log_.len;
	while (len > 0 && log_.text[len - 1] == '\n')
		len--;
	/* whole lines only */
	if (len >= size || log_.len == sizeof(log_.text) - 1) {
		from = len >= size ? len - size + 1 : 0;
		while (from < len && log_.text[from] != '\n')
			from++;
		from += from < len;
	}
	memcpy(text, log_.text + from, len - from);
	text[len - from] = '\0';
	pthread_mutex_unlock(&log_.lock);
}
