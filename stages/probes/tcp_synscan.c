/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame and the block: whatever is the same for all probes of a port is
 * written and summed once, in prepare(). compose() is three passes over the
 * block, so that ports and cookies fill vector lanes; the last pass writes the
 * frames, template and fields in the same stores.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "stages/probes/checksum.h"
#include "stages/probes/cookie_batch.h"
#include "stages/probes/tcp_options.h"
#include "stages/probes/tcp_synscan.h"

enum offset { /* bytes from the start of the frame */
	AT_ETH_DST = 0,
	AT_ETH_SRC = 6,
	AT_ETH_TYPE = 12,
	AT_IP = 14,
	AT_IP_LEN = AT_IP + 2,
	AT_IP_ID = AT_IP + 4,
	AT_IP_TTL = AT_IP + 8,
	AT_IP_PROTO = AT_IP + 9,
	AT_IP_SUM = AT_IP + 10,
	AT_IP_SADDR = AT_IP + 12,
	AT_IP_DADDR = AT_IP + 16,
	AT_TCP = AT_IP + 20,
	AT_TCP_SPORT = AT_TCP,
	AT_TCP_DPORT = AT_TCP + 2,
	AT_TCP_SEQ = AT_TCP + 4,
	AT_TCP_OFFSET = AT_TCP + 12,
	AT_TCP_FLAGS = AT_TCP + 13,
	AT_TCP_WINDOW = AT_TCP + 14,
	AT_TCP_SUM = AT_TCP + 16,
	AT_TCP_OPTIONS = AT_TCP + 20,
};

/* Copied by whole 16 bytes, without a tail loop: a frame has room for them (IO_FRAME_STRIDE). */
#define COPY_SHORT 64
#define COPY_LONG 80

static_assert(AT_TCP_OPTIONS + TCP_OPTIONS_MAX <= PROBE_FRAME_MAX, "the longest options fit the template");
static_assert(COPY_LONG <= PROBE_FRAME_MAX, "the copy stays in the template");

static inline void put16(uint8_t *p, __be16 field)
{
	memcpy(p, &field, sizeof(field));
}

static inline void put32(uint8_t *p, __be32 field)
{
	memcpy(p, &field, sizeof(field));
}

/* Names the profiles of the table, "windows, smallest-probes, ...". */
static int unknown_profile(const char *args, struct error *e)
{
	char names[128] = "";
	size_t used = 0;

	for (const struct tcp_options *o = tcp_options; o->name != NULL && used < sizeof(names); o++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used != 0 ? ", " : "",
					 o->name);
	return error_set(e, -EINVAL,
			 "--probe-args \"%s\": tcp_synscan has no such TCP options; choose one of %s", args,
			 names);
}

static int prepare(const struct probe_identity *id, const char *args, struct probe_template *t,
		   struct error *e)
{
	const struct tcp_options *options = args == NULL ? tcp_options : tcp_options_find(args);
	/* ~k0: a key that no cookie uses, so that what shows on the wire tells nothing about cookies. */
	const uint64_t drawn = cookie_siphash(~id->key.k0, id->key.k1, 0);
	uint8_t *f = t->frame;
	uint16_t tcp_len;
	uint64_t sum;

	if (options == NULL)
		return unknown_profile(args, e);
	if (id->sport_first > id->sport_last)
		return error_set(e, -EINVAL,
				 "source ports %u-%u: the first is above the last; write -s %u-%u",
				 id->sport_first, id->sport_last, id->sport_last, id->sport_first);

	memset(t, 0, sizeof(*t));
	t->id = *id;
	t->module = options;
	t->len = (uint16_t)(AT_TCP_OPTIONS + options->len);
	t->port_hash[0] = (uint32_t)drawn | 1;
	t->port_hash[1] = (uint32_t)(drawn >> 32) | 1;
	tcp_len = (uint16_t)(t->len - AT_TCP);

	memcpy(f + AT_ETH_DST, id->dst_mac, 6);
	memcpy(f + AT_ETH_SRC, id->src_mac, 6);
	put16(f + AT_ETH_TYPE, htons(ETH_P_IP));

	f[AT_IP] = 0x45;
	put16(f + AT_IP_LEN, htons((uint16_t)(t->len - AT_IP)));
	f[AT_IP_TTL] = id->ttl;
	f[AT_IP_PROTO] = IPPROTO_TCP;
	put32(f + AT_IP_SADDR, htonl(id->saddr));
	t->ip_sum = checksum_fold(checksum_partial(f + AT_IP, AT_TCP - AT_IP, 0));

	f[AT_TCP_OFFSET] = (uint8_t)(tcp_len / 4 << 4);
	f[AT_TCP_FLAGS] = TH_SYN;
	put16(f + AT_TCP_WINDOW, htons(options->window));
	memcpy(f + AT_TCP_OPTIONS, options->bytes, options->len);
	/* One clock for all probes of a run, as a host has; its lower half varies per probe. */
	if (options->ts_val != 0)
		put16(f + AT_TCP_OPTIONS + options->ts_val, (uint16_t)(drawn >> 16));
	/* The pseudo-header (RFC 9293 3.1), but for the destination */
	sum = (uint64_t)htonl(id->saddr) + htons(IPPROTO_TCP) + htons(tcp_len);
	t->l4_sum = checksum_fold(checksum_partial(f + AT_TCP, tcp_len, sum));
	return 0;
}

/* first + (hash + probe) mod range, without the division: hash < range by multiply-shift, probe < range. */
static void source_ports(const struct probe_template *t, const uint32_t *daddr, const uint16_t *dport,
			 uint32_t probe, uint16_t *sport, unsigned int n)
{
	const uint32_t a = t->port_hash[0], b = t->port_hash[1];
	const uint32_t first = t->id.sport_first, range = (uint32_t)t->id.sport_last - first + 1;

	while (probe >= range) /* more probes than ports: start again */
		probe -= range;
	for (unsigned int i = 0; i < n; i++) {
		uint32_t port = ((daddr[i] * a + dport[i] * b) >> 16) * range >> 16;

		port += probe;
		port -= port >= range ? range : 0;
		sport[i] = (uint16_t)(first + port);
	}
}

/* copy and ts_val are constants at every call: each kind of profile has a loop of its own. */
static inline __attribute__((always_inline)) void
frames(const struct probe_template *t, const uint32_t *daddr, const uint16_t *dport, const uint16_t *sport,
       const uint64_t *hash, unsigned int n, uint8_t *const *frame, uint16_t *len, size_t copy, size_t ts_val)
{
	const uint64_t ip_sum = t->ip_sum, l4_sum = t->l4_sum;

	for (unsigned int i = 0; i < n; i++)
		len[i] = t->len;
	for (unsigned int i = 0; i < n; i++) {
		const __be32 addr = htonl(daddr[i]), seq = htonl((uint32_t)hash[i]);
		const __be32 ports = htonl((uint32_t)sport[i] << 16 | dport[i]);
		/* random, so any byte order will do */
		const uint16_t id = (uint16_t)(hash[i] >> 48), ts = (uint16_t)(hash[i] >> 32);
		uint64_t sum = l4_sum + addr + ports + seq;
		uint8_t *f = frame[i];

		memcpy(f, t->frame, copy);
		put16(f + AT_IP_ID, id);
		put16(f + AT_IP_SUM, checksum_finish(ip_sum + addr + id));
		put32(f + AT_IP_DADDR, addr);
		put32(f + AT_TCP_SPORT, ports);
		put32(f + AT_TCP_SEQ, seq);
		if (ts_val != 0) {
			put16(f + AT_TCP_OPTIONS + ts_val + 2, ts);
			sum += ts;
		}
		put16(f + AT_TCP_SUM, checksum_finish(sum));
	}
}

static void compose(const struct probe_template *t, const struct target_block *targets, unsigned int first,
		    unsigned int n, uint8_t *const frame[], uint16_t len[])
{
	const struct tcp_options *options = t->module;
	const uint32_t *daddr = targets->daddr + first;
	const uint16_t *dport = targets->dport + first;
	uint16_t sport[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));
	uint64_t hash[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));

	if (n == 0)
		return;
	source_ports(t, daddr, dport, targets->probe, sport, n);
	cookie_batch(&t->id.key, t->id.saddr, daddr, dport, sport, hash, n);
	if (t->len <= COPY_SHORT)
		frames(t, daddr, dport, sport, hash, n, frame, len, COPY_SHORT, 0);
	else if (options->ts_val == 0)
		frames(t, daddr, dport, sport, hash, n, frame, len, COPY_LONG, 0);
	else
		frames(t, daddr, dport, sport, hash, n, frame, len, COPY_LONG, options->ts_val);
}

const struct probe_module tcp_synscan = {
	.name = "tcp_synscan",
	.help = "sends a TCP SYN; a SYN-ACK is a success, a RST and an ICMP error are recorded",
	.args_help = "windows, smallest-probes, linux, bsd",
	.ip_proto = IPPROTO_TCP,
	.needs_ports = true,
	.prepare = prepare,
	.compose = compose,
	.accept = tcp_synscan_accept,
};
