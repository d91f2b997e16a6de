/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"

#define LOCKED_BYTES (32UL << 20) /* UMEM of four queues of 2048 frames */
#define HUGE_BYTES (2UL << 20)
#define HUGE_SHIFT 21

static void probe_memlock(struct json_object *kernel)
{
	void *memory = mmap(NULL, LOCKED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit = { .rlim_cur = 0 };
	struct json_object *c;

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (memory != MAP_FAILED && mlock(memory, LOCKED_BYTES) == 0)
		c = can(kernel, "memlock");
	else
		c = cannot(kernel, "memlock",
			   "ulimit -l unlimited, or `* - memlock unlimited` in /etc/security/limits.conf, or "
			   "LimitMEMLOCK=infinity in the service",
			   "%lu MiB could not be locked: %s", LOCKED_BYTES >> 20, because(-errno));
	if (limit.rlim_cur == RLIM_INFINITY)
		json_object_object_add(c, "limit_bytes", NULL);
	else
		put_number(c, "limit_bytes", (int64_t)limit.rlim_cur);
	if (memory != MAP_FAILED)
		munmap(memory, LOCKED_BYTES);
}

static int64_t read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long long value = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lld", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

static void probe_hugepages(struct json_object *kernel)
{
	void *memory = mmap(NULL, HUGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | HUGE_SHIFT << MAP_HUGE_SHIFT, -1, 0);
	const char dir[] = "/sys/kernel/mm/hugepages/hugepages-2048kB";
	struct json_object *c;
	char path[128];

	if (memory != MAP_FAILED) {
		c = can(kernel, "hugepages");
		munmap(memory, HUGE_BYTES);
	} else {
		c = cannot(
			kernel, "hugepages",
			"echo 512 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages; only engine dpdk needs "
			"them, others do with ordinary pages",
			"a huge page of 2 MiB: %s", because(-errno));
	}
	snprintf(path, sizeof(path), "%s/nr_hugepages", dir);
	put_number(c, "pages", read_number(path));
	snprintf(path, sizeof(path), "%s/free_hugepages", dir);
	put_number(c, "free", read_number(path));
}

void probe_memory(struct json_object *kernel)
{
	probe_memlock(kernel);
	probe_hugepages(kernel);
}
