/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/side_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/anyscan-pipe/screen.h"

enum exit_code side_file_open(struct side_file *f, const char *option, const char *path, int flags,
			      struct error *e)
{
	*f = (struct side_file){ .option = option, .path = path };
	f->fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | flags, 0644);
	if (f->fd >= 0)
		return EXIT_DONE;
	error_set(e, -errno, "--%s %s: %s%s", option, path, strerror(errno),
		  errno == ENXIO ? "; nobody reads this pipe: start its reader first" :
				   "; name a file that can be written");
	return EXIT_INPUT;
}

const char *side_file_why(const struct side_file *f)
{
	return f->error == -EAGAIN ? "its reader is too slow" : strerror(-f->error);
}

static void fail(struct side_file *f, int error)
{
	if (f->error != 0)
		return;
	f->error = error; /* first: what is said may come back here, to be written to the log file */
	screen_say(LEVEL_WARNING, "--%s %s: %s; the scan goes on without what it does not take", f->option,
		   f->path, side_file_why(f));
}

/* A line that a full disk has cut goes, so that the file ends with a whole one. */
static void take_back(const struct side_file *f, size_t cut)
{
	struct stat st;

	if (cut > 0 && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    ftruncate(f->fd, st.st_size - (off_t)cut) == 0)
		(void)lseek(f->fd, 0, SEEK_END);
}

void side_file_write(struct side_file *f, const char *text, size_t size)
{
	size_t done = 0;

	while (f->fd >= 0 && done < size) {
		const ssize_t n = write(f->fd, text + done, size - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			const int error = -errno;

			take_back(f, done);
			fail(f, error);
			return;
		}
	}
}

/* dup3() because other threads may be writing: for them the number stays good throughout. */
bool side_file_reopen(struct side_file *f)
{
	struct stat st;
	int fd;

	if (f->fd < 0 || fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	fd = open(f->path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_APPEND, 0644);
	if (fd < 0 || fstat(fd, &st) != 0 || dup3(fd, f->fd, O_CLOEXEC) < 0) {
		const int error = -errno;

		if (fd >= 0)
			close(fd);
		f->error = f->error != 0 ? f->error : error;
		screen_say(LEVEL_WARNING, "--%s %s: %s; the scan goes on with the file that it had",
			   f->option, f->path, strerror(-error));
		return false;
	}
	close(fd);
	return S_ISREG(st.st_mode) && st.st_size == 0;
}

void side_file_close(struct side_file *f)
{
	const int fd = f->fd;

	f->fd = -1;
	if (fd >= 0 && close(fd) != 0)
		fail(f, -errno);
}
