/* SPDX-License-Identifier: Apache-2.0 */
#include "io/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int stream_open(struct stream *s, const char *name, struct error *error)
{
	struct stat st;

	*s = (struct stream){ .fd = STDOUT_FILENO };
	if (strcmp(name, "-") == 0)
		return 0;
	s->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (s->fd < 0) {
		const int e = errno;
		return error_set(error, -e, "cannot write %s: %s", name, strerror(e));
	}
	s->owned = true;
	s->regular = fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode);
	return 0;
}

static void stream_fail(struct stream *s, int error)
{
	s->error = -error;
	counter_add(&s->errors, 1);
}

size_t stream_write(struct stream *s, const void *data, size_t size)
{
	size_t done = 0;

	while (done < size && s->error == 0) {
		const ssize_t n = write(s->fd, (const char *)data + done, size - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			/* standard output may be a pipe that someone else made non-blocking */
			struct pollfd pfd = { .fd = s->fd, .events = POLLOUT };
			poll(&pfd, 1, -1);
		} else if (errno != EINTR) {
			stream_fail(s, errno);
		}
	}
	s->dirty |= done > 0;
	return done;
}

void stream_cut(struct stream *s, size_t bytes)
{
	off_t end;

	if (!s->regular || bytes == 0)
		return;
	end = lseek(s->fd, -(off_t)bytes, SEEK_CUR);
	if (end < 0 || ftruncate(s->fd, end) != 0)
		counter_add(&s->errors, 1); /* the file ends in a broken record */
}

void stream_sync(struct stream *s)
{
	if (!s->regular || !s->dirty)
		return;
	s->dirty = false;
	if (fdatasync(s->fd) != 0)
		stream_fail(s, errno);
}

void stream_close(struct stream *s)
{
	if (s->owned)
		close(s->fd);
	s->fd = -1;
	s->owned = false;
}

uint64_t stream_errors(const struct stream *s)
{
	return counter_read(&s->errors);
}
