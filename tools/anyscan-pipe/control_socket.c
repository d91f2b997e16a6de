/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the look whether anybody listens and bind() the folder is locked: of two scans that start at once, the second
 * would else take the socket of the first for a stale one.
 */
#include "tools/anyscan-pipe/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 100 /* 10 ms apart: whoever holds the folder's lock for other ends must not hold us up */
#define BACKLOG 16

int control_address(const char *path, struct sockaddr_un *a, struct error *e)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(a->sun_path))
		return error_set(e, -ENAMETOOLONG,
				 "%s: a socket's path has %zu bytes at most; name a shorter one", path,
				 sizeof(a->sun_path) - 1);
	memcpy(a->sun_path, path, strlen(path));
	return 0;
}

/* The folder's descriptor, or -1: a folder that may not be read, or stays locked, is not locked. */
static int lock_folder(const char *path)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	char copy[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;

	memcpy(copy, path, strlen(path) + 1);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0;
	     fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK && i < LOCK_TRIES; i++)
		nanosleep(&pause, NULL);
	return fd;
}

/* What stands in the way goes if it is a socket that nobody listens to. 0 or negative errno. */
static int remove_stale(const char *path, const struct sockaddr_un *a, struct error *e)
{
	struct stat st;
	int fd, r;

	if (lstat(path, &st) != 0)
		return 0; /* gone since */
	if (!S_ISSOCK(st.st_mode))
		return error_set(e, -EEXIST,
				 "--control-socket %s: there is a file that is no socket; name another",
				 path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 ? 0 : -errno;
	if (fd >= 0)
		close(fd);
	if (r == 0 || r == -EAGAIN) /* EAGAIN: a listener whose backlog is full */
		return error_set(e, -EADDRINUSE,
				 "--control-socket %s: another scan listens there; name another", path);
	if (r != -ECONNREFUSED || unlink(path) != 0)
		return error_set(e, r == -ECONNREFUSED ? -errno : r,
				 "--control-socket %s: the socket that is there cannot be replaced: %s", path,
				 strerror(r == -ECONNREFUSED ? errno : -r));
	return 0;
}

/*
 * Linux gives the file the mode that the socket has, less the umask (unix_bind() in net/unix/af_unix.c): set on the
 * socket it is there from the first moment, and other threads that make files see nothing of it.
 */
static int try_bind(int fd, const struct sockaddr_un *a)
{
	return fchmod(fd, 0600) == 0 && bind(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 ? 0 : -errno;
}

static int new_socket(void)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 ? fd : -errno;
}

/* From here on who connects is heard. */
static int begin_to_listen(int fd, const char *path, struct stat *made)
{
	return listen(fd, BACKLOG) == 0 && lstat(path, made) == 0 ? 0 : -errno;
}

int control_socket_open(struct control_socket *s, const char *path, struct error *e)
{
	struct sockaddr_un a;
	int folder, r;

	*s = (struct control_socket){ .fd = -1, .path = path };
	r = control_address(path, &a, e);
	if (r < 0)
		return r;
	folder = lock_folder(path);
	s->fd = new_socket();
	r = s->fd >= 0 ? try_bind(s->fd, &a) : s->fd;
	if (r == -EADDRINUSE) {
		r = remove_stale(path, &a, e);
		if (r < 0)
			goto close;
		r = try_bind(s->fd, &a);
	}
	if (r == 0)
		r = begin_to_listen(s->fd, path, &s->made);
	if (r == 0)
		goto unlock;
	error_set(e, r, "--control-socket %s: %s", path, strerror(-r));
close:
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
unlock:
	if (folder >= 0)
		close(folder); /* and the lock with it */
	return r;
}

static bool ours(const struct control_socket *s, const struct stat *st)
{
	return st->st_ino == s->made.st_ino && st->st_dev == s->made.st_dev;
}

/* No lock and no look who listens, which a confined scan may not: a file that stands there stays. */
int control_socket_keep(struct control_socket *s, struct error *e)
{
	struct control_socket next = { .path = s->path };
	struct sockaddr_un a;
	struct stat st;
	int r;

	if (lstat(s->path, &st) == 0)
		return ours(s, &st) ?
			       0 :
			       error_set(
				       e, -EADDRINUSE,
				       "--control-socket %s: another file has taken its place, and nobody reaches "
				       "this scan by it; it is made again once that one is gone",
				       s->path);
	next.fd = new_socket();
	r = next.fd < 0 ? next.fd : control_address(s->path, &a, e);
	if (r >= 0)
		r = try_bind(next.fd, &a);
	if (r == 0)
		r = begin_to_listen(next.fd, next.path, &next.made);
	if (r < 0) {
		if (next.fd >= 0)
			close(next.fd);
		return error_set(e, r, "--control-socket %s: its file is gone, and cannot be made again: %s",
				 s->path, strerror(-r));
	}
	close(s->fd);
	*s = next;
	return 1;
}

void control_socket_close(struct control_socket *s)
{
	struct stat st;

	if (s->fd < 0)
		return;
	/* the file first: who finds it finds somebody who listens */
	if (lstat(s->path, &st) == 0 && ours(s, &st))
		unlink(s->path);
	close(s->fd);
	s->fd = -1;
}

bool control_socket_trusts(int client)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	return getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}
