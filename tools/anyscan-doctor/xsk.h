/* SPDX-License-Identifier: Apache-2.0 */
/* An AF_XDP socket with the least that bind() asks for: one fill, completion and TX ring and a UMEM of a few frames. */
#ifndef ANYSCAN_DOCTOR_XSK_H
#define ANYSCAN_DOCTOR_XSK_H

#include <stddef.h>
#include <stdint.h>

struct xsk {
	int fd;
	void *umem;
	size_t umem_bytes;
	const char *step; /* what was tried last, for a reason */
};

int xsk_open(struct xsk *); /* 0 or negative errno; xsk_close() in either case */
/* flags: XDP_ZEROCOPY or XDP_COPY. 0, or the negative errno of bind(). A pool that is freed late is waited for. */
int xsk_bind(struct xsk *, int ifindex, uint32_t queue, uint16_t flags);
int xsk_is_zerocopy(const struct xsk *); /* as the kernel says of the bound socket; or negative errno */
void xsk_close(struct xsk *);

#endif
