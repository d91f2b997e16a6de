/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An EAL has a lock of flock(2) on each file of huge pages and each array, and one of fcntl(2) on its config; a socket
 * that it listens to can be connected to. These are seen across namespaces. Whoever has a file open or mapped without, as
 * a process that takes part as a secondary one does, is found among the processes that we see.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/anyscan-nic/reclaim.h"

bool reclaim_unlocked(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		return false;
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

__attribute__((format(printf, 3, 4))) static void held(struct reclaim *r, size_t prefix, const char *format,
						       ...)
{
	struct reclaim_prefix *p = &r->prefix[prefix];
	va_list args;

	if (p->held[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(p->held, sizeof(p->held), format, args);
	va_end(args);
}

/* Only of nobody's socket a connection is refused; one of another kind is somebody's. */
static bool answers(const char *path)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	bool gone;

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	strcpy(address.sun_path, path);
	gone = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 && errno == ECONNREFUSED;
	close(fd);
	return !gone;
}

static void look_at_file(struct reclaim *r, const struct reclaim_file *f)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	if (snprintf(path, sizeof(path), "%s%s", r->root, f->path) >= (int)sizeof(path) ||
	    lstat(path, &st) < 0)
		return;
	if (S_ISSOCK(st.st_mode)) {
		if (answers(path))
			held(r, f->prefix, "somebody listens to %.100s", f->path);
		return;
	}
	if (!S_ISREG(st.st_mode))
		return;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		held(r, f->prefix, "%.80s: %s", f->path, strerror(errno));
	else if (fd >= 0 && !reclaim_unlocked(fd))
		held(r, f->prefix, "there is a lock on %.100s", f->path);
	if (fd >= 0)
		close(fd);
}

struct sought { /* by device and inode */
	dev_t dev;
	ino_t ino;
	size_t prefix;
};

static int compare(const void *a, const void *b)
{
	const struct sought *x = a, *y = b;

	return x->dev != y->dev ? (x->dev > y->dev) - (x->dev < y->dev) :
				  (x->ino > y->ino) - (x->ino < y->ino);
}

struct search {
	struct reclaim *r;
	struct sought *sought;
	const char *pid;
};

static void seen(const struct search *s, dev_t dev, ino_t ino)
{
	const struct sought key = { .dev = dev, .ino = ino },
			    *found = bsearch(&key, s->sought, s->r->files, sizeof(key), compare);

	if (found != NULL)
		held(s->r, found->prefix, "process %.12s has a file of it", s->pid);
}

static int look_at_maps(const struct search *s)
{
	unsigned int high, low;
	unsigned long long ino;
	char path[PATH_MAX], line[PATH_MAX + 128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/%.12s/maps", s->r->root, s->pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -errno;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%*s %*s %*s %x:%x %llu", &high, &low, &ino) == 3 && ino != 0)
			seen(s, makedev(high, low), (ino_t)ino);
	fclose(f);
	return 0;
}

static int look_at_open(const struct search *s)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	struct stat st;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc/%.12s/fd", s->r->root, s->pid);
	dir = opendir(path);
	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0)
			seen(s, st.st_dev, st.st_ino);
	closedir(dir);
	return 0;
}

static int look_at_processes(struct search *s, struct error *e)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	int rc = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc", s->r->root);
	dir = opendir(path);
	if (dir == NULL)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		s->pid = entry->d_name;
		rc = look_at_maps(s);
		if (rc == 0)
			rc = look_at_open(s);
		if (rc == -ENOENT || rc == -ESRCH) /* it has ended */
			rc = 0;
		if ((rc == -EACCES || rc == -EPERM) &&
		    geteuid() == 0) { /* of a namespace above ours; locks are seen */
			s->r->unseen++;
			rc = 0;
		}
		if (rc < 0)
			error_set(e, rc, "what process %.12s has open cannot be seen: %s%s", s->pid,
				  strerror(-rc), rc == -EACCES || rc == -EPERM ? "; run as root" : "");
	}
	closedir(dir);
	return rc;
}

int reclaim_find_holders(struct reclaim *r, struct error *e)
{
	struct search s = { .r = r };
	int rc;

	for (size_t i = 0; i < r->files; i++)
		look_at_file(r, &r->file[i]);
	if (r->files == 0)
		return 0;
	s.sought = calloc(r->files, sizeof(*s.sought));
	if (s.sought == NULL)
		return error_set(e, -ENOMEM, "no memory for the names of files");
	for (size_t i = 0; i < r->files; i++)
		s.sought[i] = (struct sought){ r->file[i].dev, r->file[i].ino, r->file[i].prefix };
	qsort(s.sought, r->files, sizeof(*s.sought), compare);
	rc = look_at_processes(&s, e);
	free(s.sought);
	return rc;
}
