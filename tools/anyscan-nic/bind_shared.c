/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hugepages, the module and its parameter. DPDK takes them with --in-memory, which needs no hugetlbfs to be mounted and
 * leaves no file behind.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/anyscan-nic/bind.h"

#define DRIVER_DIR "/sys/bus/pci/drivers/" VFIO_DRIVER
#define NO_IOMMU "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

int bind_shared_put(struct binding *b, const char *path, const char *value, struct error *e)
{
	char now[64];
	int rc = 0;

	bind_read(b, path, now, sizeof(now));
	if (strcmp(now, value) == 0)
		return 0;
	if (!b->nic->config->dry_run &&
	    json_object_object_get(json_object_object_get(b->shared, "files"), path) == NULL) {
		if (b->shared == NULL)
			rc = bind_shared_write(b, e);
		if (rc == 0) {
			json_object_object_add(json_object_object_get(b->shared, "files"), path,
					       json_object_new_string(now));
			rc = bind_shared_write(b, e);
		}
	}
	return rc < 0 ? rc : bind_put(b, path, value, e);
}

static uint64_t read_count(const struct binding *b, const char *dir, const char *file)
{
	char path[PATH_MAX], text[32];

	snprintf(path, sizeof(path), "%s/%s_hugepages", dir, file);
	bind_read(b, path, text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/* 1: they are free now; 0: this host cannot, and the pool is as it was. */
static int reserve(struct binding *b, const char *base, unsigned int page_kb, struct error *e)
{
	const uint64_t page = (uint64_t)page_kb << 10;
	const uint64_t wanted = (b->nic->config->hugepages + page - 1) / page;
	char dir[128], path[192], count[32], before[32];
	uint64_t total, spare;
	int rc;

	snprintf(dir, sizeof(dir), "%s/hugepages-%ukB", base, page_kb);
	if (!bind_exists(b, dir))
		return 0;
	total = read_count(b, dir, "nr");
	spare = read_count(b, dir, "free");
	if (spare < wanted) {
		snprintf(path, sizeof(path), "%s/nr_hugepages", dir);
		snprintf(before, sizeof(before), "%" PRIu64, total);
		snprintf(count, sizeof(count), "%" PRIu64, total + wanted - spare);
		rc = bind_shared_put(b, path, count, e);
		if (rc < 0)
			return rc;
		if (!b->nic->config->dry_run && read_count(b, dir, "free") < wanted) {
			rc = bind_put(b, path, before, e);
			return rc < 0 ? rc : 0;
		}
	}
	printf("hugepages: %" PRIu64 " of %u kB on node %d; --in-memory takes them, no mount is needed\n",
	       wanted, page_kb, b->node < 0 ? 0 : b->node);
	return 1;
}

int bind_hugepages(struct binding *b, struct error *e)
{
	static const unsigned int sizes_kb[] = { 1048576, 2048 };
	char base[64];
	int rc = 0;

	if (b->nic->config->hugepages == 0)
		return 0;
	snprintf(base, sizeof(base), "/sys/devices/system/node/node%d/hugepages", b->node < 0 ? 0 : b->node);
	if (!bind_exists(b, base)) /* a kernel without NUMA */
		snprintf(base, sizeof(base), "/sys/kernel/mm/hugepages");
	for (size_t i = 0; i < sizeof(sizes_kb) / sizeof(sizes_kb[0]) && rc == 0; i++)
		if (sizes_kb[i] == 2048 || b->nic->config->hugepages >= (uint64_t)sizes_kb[i] << 10)
			rc = reserve(b, base, sizes_kb[i], e);
	if (rc == 0)
		return error_set(
			e, -ENOMEM,
			"--hugepages %" PRIu64
			"M: node %d has not so much free memory in one piece, of neither 1 GiB "
			"nor 2 MiB pages; ask for less, or set hugepagesz=1G hugepages=N on the kernel's command line",
			b->nic->config->hugepages >> 20, b->node < 0 ? 0 : b->node);
	return rc < 0 ? rc : 0;
}

static int load_module(struct binding *b, struct error *e)
{
	struct error own = { .code = 0 };
	int rc = 0;

	if (bind_exists(b, DRIVER_DIR))
		return 0;
	if (!b->nic->config->dry_run) {
		if (b->shared == NULL)
			rc = bind_shared_write(b, e);
		if (rc < 0)
			return rc;
		json_object_object_add(b->shared, "module", json_object_new_string(VFIO_DRIVER));
		rc = bind_shared_write(b, e);
		if (rc < 0)
			return rc;
	}
	rc = bind_module(b, VFIO_DRIVER, true, &own);
	if (rc < 0 || (!b->nic->config->dry_run && !bind_exists(b, DRIVER_DIR)))
		return error_set(
			e, rc < 0 ? rc : -ENOENT,
			"%s: this kernel has no driver " VFIO_DRIVER " (modprobe " VFIO_DRIVER
			"); install the package of its modules "
			"(linux-modules-extra-$(uname -r), or linux-image-amd64 in place of a cloud kernel)",
			b->pci);
	return 0;
}

int bind_shared_set(struct binding *b, struct error *e)
{
	int rc = load_module(b, e);

	if (rc == 0 && !b->iommu)
		rc = bind_shared_put(b, NO_IOMMU, "Y", e);
	if (rc == 0)
		rc = bind_hugepages(b, e);
	return rc;
}

/* A file that is gone went with the module that had it. */
int bind_shared_back(struct binding *b, struct error *e)
{
	char now[64];
	int rc = 0;

	json_object_object_foreach(json_object_object_get(b->shared, "files"), path, value)
	{
		const char *was = json_object_get_string(value);

		if (rc == 0 && bind_read(b, path, now, sizeof(now)) && strcmp(now, was) != 0)
			rc = bind_put(b, path, was, e);
	}
	if (rc == 0 && json_object_object_get(b->shared, "module") != NULL && bind_exists(b, DRIVER_DIR) &&
	    bind_module(b, VFIO_DRIVER, false, NULL) < 0)
		printf(VFIO_DRIVER " stays loaded: somebody else uses it\n");
	return rc;
}
