/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/probes/ipv4_frame.h"

#include "stages/probes/checksum.h"

void ipv4_frame_begin(struct probe_template *t, const struct probe_identity *id, uint8_t protocol,
		      uint16_t len)
{
	uint8_t *f = t->frame;

	memset(t, 0, sizeof(*t));
	t->id = *id;
	t->len = len;
	memcpy(f + AT_ETH_DST, id->dst_mac, 6);
	memcpy(f + AT_ETH_SRC, id->src_mac, 6);
	put16(f + AT_ETH_TYPE, htons(ETH_P_IP));

	f[AT_IP] = 0x45;
	put16(f + AT_IP_LEN, htons((uint16_t)(len - AT_IP)));
	f[AT_IP_TTL] = id->ttl;
	f[AT_IP_PROTO] = protocol;
	put32(f + AT_IP_SADDR, htonl(id->saddr));
	t->ip_sum = checksum_fold(checksum_partial(f + AT_IP, AT_L4 - AT_IP, 0));
}

void ipv4_frame_compose(const struct probe_template *t, const struct target_block *targets,
			unsigned int first, unsigned int n, uint8_t *const frame[], uint16_t len[],
			ipv4_compose_fn *untagged)
{
	uint8_t *behind[BLOCK_ITEMS];

	if (t->id.vlan == 0 || n == 0) {
		untagged(t, targets, first, n, frame, len);
		return;
	}
	/* the same frame a tag further on; then the addresses go to the front, and the tag behind them */
	for (unsigned int i = 0; i < n; i++)
		behind[i] = frame[i] + PROBE_TAG;
	untagged(t, targets, first, n, behind, len);
	for (unsigned int i = 0; i < n; i++) {
		ipv4_frame_tag(t, frame[i]);
		len[i] += PROBE_TAG;
	}
}
