/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"

#define LOCKED_BYTES (32UL << 20) /* UMEM of four queues of 2048 frames */

void probe_memlock(struct json_object *kernel)
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
