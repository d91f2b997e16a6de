/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Huge pages, by NUMA node and size: where the node of a NIC has none, a scan's pools cannot be made or lie far from it.
 * That one can be had is found out by taking it, as a container may be refused what is free.
 */
#include <dirent.h>
#include <errno.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tools/anyscan-doctor/host.h"

#define NODES "/sys/devices/system/node"
#define POOLS "/sys/kernel/mm/hugepages"
#define SIZES_MAX 8
#define NODES_MAX 64
#define REMEDY "; only engine dpdk needs them, others do with ordinary pages"

static int64_t read_number(const char *pools, unsigned long kib, const char *file)
{
	char path[256];
	long long value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/hugepages-%lukB/%s", pools, kib, file);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%lld", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

static int by_number(const void *a, const void *b)
{
	const unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

/* The numbers behind a prefix among the names in a folder, ascending. */
static size_t numbered(const char *folder, const char *prefix, unsigned long *out, size_t max)
{
	const size_t len = strlen(prefix);
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while (n < max && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, prefix, len) == 0 && strspn(entry->d_name + len, "0123456789") > 0)
			out[n++] = strtoul(entry->d_name + len, NULL, 10);
	closedir(dir);
	qsort(out, n, sizeof(out[0]), by_number);
	return n;
}

/* 0, or a negative errno: no page of that size is to be had. */
static int take_one(unsigned long kib)
{
	const size_t bytes = (size_t)kib << 10;
	const int size = __builtin_ctzll(bytes) << MAP_HUGE_SHIFT;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | size, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	munmap(memory, bytes);
	return 0;
}

/* Where they are mounted; DPDK scans do without, unless they are told to share memory. */
static struct json_object *mounts(void)
{
	struct json_object *found = json_object_new_array();
	FILE *f = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;

	while (f != NULL && (m = getmntent(f)) != NULL)
		if (strcmp(m->mnt_type, "hugetlbfs") == 0)
			json_object_array_add(found, json_object_new_string(m->mnt_dir));
	if (f != NULL)
		endmntent(f);
	return found;
}

static void put_sizes(struct json_object *c, const char *pools, const unsigned long *kib, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char key[48];

		snprintf(key, sizeof(key), "pages_%lukB", kib[i]);
		put_number(c, key, read_number(pools, kib[i], "nr_hugepages"));
		snprintf(key, sizeof(key), "free_%lukB", kib[i]);
		put_number(c, key, read_number(pools, kib[i], "free_hugepages"));
	}
}

static void add_node(struct json_object *nodes, unsigned long node)
{
	char pools[64], name[32], remedy[192];
	unsigned long kib[SIZES_MAX];
	struct json_object *c;
	int64_t free_pages = 0;
	size_t n;

	snprintf(pools, sizeof(pools), NODES "/node%lu/hugepages", node);
	snprintf(name, sizeof(name), "node%lu", node);
	snprintf(remedy, sizeof(remedy), "dpdk-hugepages.py --node %lu --pagesize 2M --reserve 1G" REMEDY,
		 node);
	n = numbered(pools, "hugepages-", kib, SIZES_MAX);
	for (size_t i = 0; i < n; i++)
		free_pages += read_number(pools, kib[i], "free_hugepages");
	if (free_pages > 0)
		c = can(nodes, name);
	else
		c = cannot(nodes, name, remedy, "no huge page is free on this NUMA node");
	put_sizes(c, pools, kib, n);
}

static struct json_object *by_node(void)
{
	struct json_object *nodes = json_object_new_object();
	unsigned long node[NODES_MAX];
	const size_t n = numbered(NODES, "node", node, NODES_MAX);

	for (size_t i = 0; i < n; i++)
		add_node(nodes, node[i]);
	return nodes;
}

void probe_hugepages(struct json_object *kernel)
{
	unsigned long kib[SIZES_MAX];
	const size_t n = numbered(POOLS, "hugepages-", kib, SIZES_MAX);
	int rc = n == 0 ? -ENOENT : -ENOMEM;
	struct json_object *c;

	for (size_t i = 0; i < n && rc < 0; i++)
		rc = take_one(kib[i]);
	if (n == 0)
		c = cannot(kernel, "hugepages", "use a kernel with CONFIG_HUGETLBFS" REMEDY,
			   "this kernel has none");
	else if (rc < 0)
		c = cannot(kernel, "hugepages",
			   "echo 512 > " POOLS "/hugepages-2048kB/nr_hugepages, or `anyscan-nic bind`" REMEDY,
			   "none of any size is to be had: %s", because(rc));
	else
		c = can(kernel, "hugepages");
	put_sizes(c, POOLS, kib, n);
	json_object_object_add(c, "mounts", mounts());
	json_object_object_add(c, "nodes", by_node());
}
