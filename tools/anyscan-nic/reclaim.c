/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/reclaim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct freed {
	uint64_t bytes;
	size_t files, folders;
};

/* An EAL locks the mount of huge pages while it looks for its own: then is no time to remove any. */
static int lock_mount(const struct reclaim *r, const struct reclaim_file *f, struct error *e)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s%.*s", r->root, (int)(strrchr(f->path, '/') - f->path), f->path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return error_set(e, -EBUSY, "%s: an EAL is starting there; try again", path);
}

/* The last look is at the lock, which we then have ourselves: who opens it now must wait, and finds it gone. */
static int remove_pages(const struct reclaim *r, const struct reclaim_file *f, const char *path,
			struct error *e)
{
	const int mount = lock_mount(r, f, e);
	int fd, rc = 0;

	if (mount < 0)
		return mount;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !reclaim_unlocked(fd))
		rc = error_set(e, -EBUSY, "%s: somebody has taken it meanwhile", f->path);
	else if (unlink(path) < 0 && errno != ENOENT)
		rc = error_set(e, -errno, "%s cannot be removed: %s", f->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	close(mount);
	return rc;
}

static int remove_one(const struct reclaim *r, const struct reclaim_file *f, struct error *e)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s%s", r->root, f->path) >= (int)sizeof(path))
		return error_set(e, -ENAMETOOLONG, "%s: the name is too long", f->path);
	if (f->huge)
		return remove_pages(r, f, path, e);
	if ((f->folder ? rmdir(path) : unlink(path)) == 0 || errno == ENOENT)
		return 0;
	return error_set(e, -errno, "%s cannot be removed: %s", f->path, strerror(errno));
}

static int free_file(const struct config *c, const struct reclaim *r, const struct reclaim_file *f,
		     struct freed *freed, struct error *e)
{
	const int rc = c->dry_run ? 0 : remove_one(r, f, e);

	if (rc < 0)
		return rc;
	freed->bytes += f->bytes;
	freed->files += f->huge;
	freed->folders += f->folder;
	if (f->huge)
		printf("%s %s: %llu kB of huge pages\n", c->dry_run ? "would remove" : "removed", f->path,
		       (unsigned long long)f->bytes / 1024);
	else if (f->folder)
		printf("%s %s\n", c->dry_run ? "would remove" : "removed", f->path);
	return 0;
}

int reclaim(const struct config *c, struct error *e)
{
	struct reclaim r = { .root = c->host_root != NULL ? c->host_root : "" };
	struct freed freed = { .bytes = 0 };
	int rc = reclaim_find(&r, e);

	if (rc == 0)
		rc = reclaim_find_holders(&r, e);
	for (size_t i = 0; i < r.prefixes && rc == 0; i++)
		if (r.prefix[i].held[0] != '\0')
			printf("kept what --file-prefix %s has: %s\n", r.prefix[i].name, r.prefix[i].held);
	for (size_t i = 0; i < r.files && rc == 0; i++)
		if (r.prefix[r.file[i].prefix].held[0] == '\0')
			rc = free_file(c, &r, &r.file[i], &freed, e);
	if (rc == 0 && r.unseen > 0)
		printf("%zu processes cannot be looked into from here: of them, only locks and sockets are known\n",
		       r.unseen);
	if (rc == 0 || freed.files + freed.folders > 0)
		printf("%s %llu kB: %zu files of huge pages and %zu folders of processes that have ended\n",
		       c->dry_run ? "would free" : "freed", (unsigned long long)freed.bytes / 1024,
		       freed.files, freed.folders);
	reclaim_free(&r);
	return rc < 0 ? EXIT_HOST : EXIT_DONE;
}
