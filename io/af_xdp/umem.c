/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a socket's frames. TX frames lie two cache lines apart, many to a chunk: the kernel checks only that a
 * frame does not cross one, and 3072 frames then take 384 KiB instead of 6 MiB. RX frames are whole chunks, as the
 * kernel fills them.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/af_xdp/port.h"

#define HUGE_PAGE (2UL << 20)

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

int xdp_umem_map(struct xdp_umem *u, size_t tx_bytes, uint32_t rx_frames, uint32_t chunk)
{
	u->chunk = chunk;
	u->rx_frames = rx_frames;
	u->tx_bytes = round_up(tx_bytes, chunk);
	u->bytes = u->tx_bytes + (size_t)rx_frames * chunk;
	if (u->bytes == 0)
		u->bytes = chunk;
	u->mapped = round_up(u->bytes, HUGE_PAGE);
	u->base = mmap(NULL, u->mapped, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
	if (u->base != MAP_FAILED)
		return 0;
	u->mapped = round_up(u->bytes, (size_t)sysconf(_SC_PAGESIZE));
	u->base = mmap(NULL, u->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (u->base == MAP_FAILED) {
		u->base = NULL;
		return -ENOMEM;
	}
	madvise(u->base, u->mapped, MADV_HUGEPAGE);
	madvise(u->base, u->mapped,
		MADV_DONTFORK); /* pinned: a copy would be made of what the kernel writes to */
	memset(u->base, 0, u->mapped);
	return 0;
}

void xdp_umem_unmap(struct xdp_umem *u)
{
	if (u->base != NULL)
		munmap(u->base, u->mapped);
	u->base = NULL;
}
