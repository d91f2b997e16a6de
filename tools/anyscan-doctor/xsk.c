/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-doctor/xsk.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "anyscan/clock.h"

#define FRAMES 64
#define CHUNK 4096 /* ENA takes no other in zero-copy mode, and all others take it */
#define PATIENCE_NS 200000000ULL /* a queue is EBUSY for some 17 to 44 ms after its last socket was closed */
#define NAP_NS 5000000L

static int try(struct xsk *x, const char *step, int name, const void *value, socklen_t len)
{
	x->step = step;
	return setsockopt(x->fd, SOL_XDP, name, value, len) < 0 ? -errno : 0;
}

int xsk_open(struct xsk *x)
{
	const size_t bytes = (size_t)FRAMES * CHUNK;
	struct xdp_umem_reg umem = { .len = bytes, .chunk_size = CHUNK };
	const uint32_t entries = FRAMES;
	int rc;

	*x = (struct xsk){ .fd = -1, .umem = MAP_FAILED, .step = "socket(AF_XDP)" };
	x->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (x->fd < 0)
		return -errno;
	x->step = "memory for frames";
	x->umem =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (x->umem == MAP_FAILED)
		return -errno;
	x->umem_bytes = bytes;
	umem.addr = (uintptr_t)x->umem;
	rc = try(x, "XDP_UMEM_REG", XDP_UMEM_REG, &umem, sizeof(umem));
	if (rc == 0)
		rc = try(x, "the fill ring", XDP_UMEM_FILL_RING, &entries, sizeof(entries));
	if (rc == 0)
		rc = try(x, "the completion ring", XDP_UMEM_COMPLETION_RING, &entries, sizeof(entries));
	if (rc == 0)
		rc = try(x, "the RX ring", XDP_RX_RING, &entries, sizeof(entries));
	if (rc == 0)
		rc = try(x, "the TX ring", XDP_TX_RING, &entries, sizeof(entries));
	return rc;
}

int xsk_bind(struct xsk *x, int ifindex, uint32_t queue, uint16_t flags)
{
	const struct sockaddr_xdp address = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = flags | XDP_USE_NEED_WAKEUP,
		.sxdp_ifindex = (uint32_t)ifindex,
		.sxdp_queue_id = queue,
	};
	const struct timespec nap = { .tv_nsec = NAP_NS };
	const uint64_t until = clock_mono_ns() + PATIENCE_NS;

	x->step = "bind()";
	while (bind(x->fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno != EBUSY || clock_mono_ns() > until)
			return -errno;
		nanosleep(&nap, NULL);
	}
	return 0;
}

int xsk_is_zerocopy(const struct xsk *x)
{
	struct xdp_options options = { .flags = 0 };
	socklen_t len = sizeof(options);

	if (getsockopt(x->fd, SOL_XDP, XDP_OPTIONS, &options, &len) < 0)
		return -errno;
	return (options.flags & XDP_OPTIONS_ZEROCOPY) != 0;
}

void xsk_close(struct xsk *x)
{
	if (x->fd >= 0)
		close(x->fd);
	if (x->umem != MAP_FAILED)
		munmap(x->umem, x->umem_bytes);
}
