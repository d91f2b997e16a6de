/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names are those of the EAL's eal_filesystem.h: PREFIXmap_N in every mount of hugetlbfs, and RUNTIME/dpdk/PREFIX/ with
 * files of known names. What is called otherwise is somebody else's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools/anyscan-nic/reclaim.h"

static const char *const runtimes[] = { "/var/run/dpdk", "/run/user/*/dpdk", "/tmp/dpdk" };
static const char *const known[] = { "config",	   "hugepage_info",	"hugepage_data", "fbarray_*",
				     "mp_socket*", "dpdk_telemetry.v*", "telemetry*",	 NULL };

static int no_memory(struct error *e)
{
	return error_set(e, -ENOMEM, "no memory for the names of files");
}

static int find_prefix(struct reclaim *r, const char *name, size_t len, size_t *out)
{
	struct reclaim_prefix *grown;

	for (*out = 0; *out < r->prefixes; ++*out)
		if (strlen(r->prefix[*out].name) == len && memcmp(r->prefix[*out].name, name, len) == 0)
			return 0;
	grown = realloc(r->prefix, (r->prefixes + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	r->prefix = grown;
	grown[r->prefixes] = (struct reclaim_prefix){ .held = "" };
	memcpy(grown[r->prefixes++].name, name, len);
	return 0;
}

static int add_file(struct reclaim *r, const char *dir, const char *name, size_t prefix,
		    const struct stat *st)
{
	struct reclaim_file *grown = r->file;

	if ((r->files & (r->files + 1)) == 0) /* 2^n - 1 are there */
		grown = realloc(r->file, 2 * (r->files + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	r->file = grown;
	grown[r->files] = (struct reclaim_file){
		.prefix = prefix, .folder = S_ISDIR(st->st_mode), .dev = st->st_dev, .ino = st->st_ino
	};
	if (asprintf(&grown[r->files].path, "%s%s%s", dir, *name != '\0' ? "/" : "", name) < 0)
		return -ENOMEM;
	r->files++;
	return 0;
}

/* PREFIXmap_N: the length of the prefix, or 0. */
static size_t prefix_of(const char *name)
{
	const char *number = strrchr(name, '_');
	const size_t len = number != NULL ? (size_t)(number - name) : 0;

	if (len <= 3 || len - 3 >= RECLAIM_PREFIX_MAX || memcmp(number - 3, "map", 3) != 0 ||
	    number[1] == '\0' || number[1 + strspn(number + 1, "0123456789")] != '\0')
		return 0;
	return len - 3;
}

static DIR *open_folder(const struct reclaim *r, const char *path)
{
	char at[PATH_MAX];

	if (snprintf(at, sizeof(at), "%s%s", r->root, path) >= (int)sizeof(at))
		return NULL;
	return opendir(at);
}

static int find_pages(struct reclaim *r, const char *mount)
{
	DIR *dir = open_folder(r, mount);
	const struct dirent *entry;
	int rc = 0;

	while (dir != NULL && rc == 0 && (entry = readdir(dir)) != NULL) {
		const size_t len = prefix_of(entry->d_name);
		struct stat st;
		size_t prefix;

		if (len == 0 || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		rc = find_prefix(r, entry->d_name, len, &prefix);
		if (rc == 0)
			rc = add_file(r, mount, entry->d_name, prefix, &st);
		if (rc == 0) {
			r->file[r->files - 1].huge = true;
			r->file[r->files - 1].bytes = (uint64_t)st.st_blocks * 512;
		}
	}
	if (dir != NULL)
		closedir(dir);
	return rc;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; known[i] != NULL; i++)
		if (fnmatch(known[i], name, 0) == 0)
			return true;
	return false;
}

/* One folder of a prefix, with what is in it. */
static int find_folder(struct reclaim *r, const char *path, const char *name)
{
	DIR *dir = open_folder(r, path);
	const struct dirent *entry;
	bool config = false;
	struct stat st;
	size_t prefix;
	int rc = find_prefix(r, name, strlen(name), &prefix);

	if (dir == NULL)
		return rc;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		config |= strcmp(entry->d_name, "config") == 0;
		if (!is_known(entry->d_name))
			snprintf(r->prefix[prefix].held, sizeof(r->prefix[prefix].held),
				 "%.60s in it is not of the EAL", entry->d_name);
		else if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			rc = add_file(r, path, entry->d_name, prefix, &st);
	}
	if (rc == 0 && fstat(dirfd(dir), &st) == 0) {
		rc = add_file(r, path, "", prefix, &st);
		if (!config && time(NULL) - st.st_mtime < RECLAIM_YOUNG_S)
			snprintf(r->prefix[prefix].held, sizeof(r->prefix[prefix].held),
				 "perhaps by an EAL that is starting; look again in a minute");
	}
	closedir(dir);
	return rc;
}

static int find_runtime(struct reclaim *r, const char *path)
{
	DIR *dir = open_folder(r, path);
	const struct dirent *entry;
	int rc = 0;

	while (dir != NULL && rc == 0 && (entry = readdir(dir)) != NULL) {
		char below[PATH_MAX];
		struct stat st;

		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= RECLAIM_PREFIX_MAX ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) < (int)sizeof(below))
			rc = find_folder(r, below, entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	return rc;
}

static int find_runtimes(struct reclaim *r)
{
	const size_t root = strlen(r->root);
	char pattern[PATH_MAX];
	int rc = 0;

	for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]) && rc == 0; i++) {
		glob_t found;

		snprintf(pattern, sizeof(pattern), "%s%s", r->root, runtimes[i]);
		if (glob(pattern, 0, NULL, &found) != 0)
			continue;
		for (size_t k = 0; k < found.gl_pathc && rc == 0; k++)
			rc = find_runtime(r, found.gl_pathv[k] + root);
		globfree(&found);
	}
	return rc;
}

int reclaim_find(struct reclaim *r, struct error *e)
{
	const struct mntent *m;
	char path[PATH_MAX];
	int rc = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/mounts", r->root);
	f = setmntent(path, "re");
	if (f == NULL)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	while (rc == 0 && (m = getmntent(f)) != NULL)
		if (strcmp(m->mnt_type, "hugetlbfs") == 0)
			rc = find_pages(r, m->mnt_dir);
	endmntent(f);
	if (rc == 0)
		rc = find_runtimes(r);
	return rc < 0 ? no_memory(e) : 0;
}

void reclaim_free(struct reclaim *r)
{
	for (size_t i = 0; i < r->files; i++)
		free(r->file[i].path);
	free(r->file);
	free(r->prefix);
}
