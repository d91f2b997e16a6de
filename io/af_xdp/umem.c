/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a socket's frames. TX frames lie two cache lines apart, many to a chunk: the kernel checks only that a
 * frame does not cross one, and 3072 frames then take 384 KiB instead of 6 MiB. RX frames are whole chunks, as the
 * kernel fills them.
 */
#include "io/af_xdp/port.h"

int xdp_umem_map(struct xdp_umem *u, size_t tx_bytes, uint32_t rx_frames, uint32_t chunk)
{
	u->chunk = chunk;
	u->rx_frames = rx_frames;
	u->tx_bytes = (tx_bytes + chunk - 1) / chunk * chunk;
	u->bytes = u->tx_bytes + (size_t)rx_frames * chunk;
	return pages_get(&u->pages, u->bytes);
}

void xdp_umem_unmap(struct xdp_umem *u)
{
	pages_put(&u->pages);
}
