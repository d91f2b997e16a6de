/* SPDX-License-Identifier: Apache-2.0 */
/* An AF_XDP socket up to what needs an interface: memory registered as its frames, and its rings. */
#include <errno.h>
#include <linux/if_xdp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"

#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL 69 /* include/uapi/asm-generic/socket.h, Linux 5.11 */
#endif

#define FRAMES 2048
#define CHUNK 4096

static const char *remedy(int rc)
{
	switch (rc) {
	case -EAFNOSUPPORT:
		return "use a kernel with CONFIG_XDP_SOCKETS";
	case -ENOBUFS:
	case -ENOMEM:
		return "ulimit -l unlimited, or run as root: frames are locked memory";
	default:
		return GRANT_BPF;
	}
}

static void probe_busy_poll(struct json_object *kernel, int fd)
{
	const int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &one, sizeof(one)) == 0)
		can(kernel, "busy_poll");
	else
		cannot(kernel, "busy_poll",
		       errno == EPERM ? GRANT_BPF : "use Linux 5.11 or later; a scan does without, too",
		       "SO_PREFER_BUSY_POLL: %s", because(-errno));
}

/* 0 or a negative errno, and what was tried last. */
static int set_up(int fd, void *frames, const char **step)
{
	struct xdp_umem_reg umem = { .addr = (uintptr_t)frames,
				     .len = (uint64_t)FRAMES * CHUNK,
				     .chunk_size = CHUNK };
	static const struct {
		int name;
		const char *step;
	} rings[] = { { XDP_UMEM_FILL_RING, "the fill ring" },
		      { XDP_UMEM_COMPLETION_RING, "the completion ring" },
		      { XDP_RX_RING, "the RX ring" },
		      { XDP_TX_RING, "the TX ring" } };
	const uint32_t entries = FRAMES;

	*step = "registering 8 MiB of frames";
	if (setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		*step = rings[i].step;
		if (setsockopt(fd, SOL_XDP, rings[i].name, &entries, sizeof(entries)) < 0)
			return -errno;
	}
	return 0;
}

void probe_af_xdp(struct json_object *kernel)
{
	const int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -errno : 0;
	const char *step = "socket(AF_XDP)";
	void *frames = MAP_FAILED;

	if (fd >= 0) {
		step = "8 MiB for frames";
		frames = mmap(NULL, (size_t)FRAMES * CHUNK, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		rc = frames == MAP_FAILED ? -errno : set_up(fd, frames, &step);
	}
	if (rc == 0)
		can(kernel, "af_xdp");
	else
		cannot(kernel, "af_xdp", remedy(rc), "%s: %s", step, because(rc));
	if (fd >= 0)
		probe_busy_poll(kernel, fd);
	else
		cannot(kernel, "busy_poll", remedy(rc), "there is no AF_XDP socket to set it on: %s",
		       because(rc));
	if (fd >= 0)
		close(fd);
	if (frames != MAP_FAILED)
		munmap(frames, (size_t)FRAMES * CHUNK);
}
