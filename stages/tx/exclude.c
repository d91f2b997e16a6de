/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/exclude.h"

#include "io/wire.h"

#define DADDR 16 /* in the IPv4 header, RFC 791 */

uint32_t exclude_frames(struct frame_block *b, uint32_t sent, const struct range *range, uint32_t n)
{
	const uint32_t count = b->hdr.count;
	uint32_t kept = sent;

	for (uint32_t i = sent; i < count; i++) {
		uint8_t *frame = b->frame[i];
		const uint16_t len = b->len[i];

		if (exclusion_holds(range, n, wire_get32(frame + wire_tag(frame, len) + WIRE_ETH + DADDR)))
			continue;
		b->frame[i] = b->frame[kept];
		b->frame[kept] = frame;
		b->len[kept++] = len;
	}
	b->hdr.count = kept;
	return count - kept;
}
