/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/probes/icmp_echoscan.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "io/wire.h"
#include "stages/forms.h"
#include "stages/probes/checksum.h"
#include "stages/probes/cookie_batch.h"
#include "stages/probes/ipv4_frame.h"
#include "stages/probes/lengths.h"

enum echo_frame_offset { /* bytes from the start of the frame */
	AT_ICMP = AT_L4,
	AT_ICMP_SUM = AT_ICMP + 2,
	AT_ICMP_ECHO = AT_ICMP + 4, /* identifier and sequence number */
	AT_ICMP_DATA = AT_ICMP + 8,
};

#define DATA 20 /* zeros, as many bytes as ZMap sends: some filters take a ping without data for an attack */
#define ECHO_FRAME (AT_ICMP_DATA + DATA)
#define COPY 64 /* whole cache line: a frame has room for more (IO_FRAME_STRIDE) */

static_assert(ECHO_FRAME <= COPY && PROBE_TAG + COPY <= PROBE_FRAME_MAX,
	      "one copy of fixed size makes a frame");

static int prepare(const struct probe_identity *id, const char *args, struct probe_template *t,
		   struct error *e)
{
	if (args != NULL)
		return error_set(e, -EINVAL, "--probe-args \"%s\": icmp_echoscan has none; leave it out",
				 args);
	ipv4_frame_begin(t, id, IPPROTO_ICMP, ECHO_FRAME);
	t->form = FORMS_BEST(cookie_batch_forms);
	t->frame[AT_ICMP] = ICMP_ECHO;
	t->l4_sum = checksum_fold(checksum_partial(t->frame + AT_ICMP, ECHO_FRAME - AT_ICMP, 0));
	return 0;
}

static void untagged(const struct probe_template *t, const struct target_block *targets, unsigned int first,
		     unsigned int n, uint8_t *const frame[], uint16_t len[])
{
	static const uint16_t no_port[BLOCK_ITEMS];
	const struct cookie_batch_form *cookies = t->form;
	const uint32_t *daddr = targets->daddr + first;
	uint64_t hash[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));

	cookies->fn(&t->id.key, t->id.saddr, daddr, no_port, no_port, hash, n);
	for (unsigned int i = 0; i < n; i++) {
		const __be32 to = htonl(daddr[i]), echo = htonl((uint32_t)hash[i] ^ targets->probe);
		const uint16_t ip_id = (uint16_t)(hash[i] >> 48); /* random, in any byte order */
		uint8_t *f = frame[i];

		memcpy(f, t->frame, COPY);
		put16(f + AT_IP_ID, ip_id);
		put16(f + AT_IP_SUM, checksum_finish((uint64_t)t->ip_sum + ip_id + to));
		put32(f + AT_IP_DADDR, to);
		put16(f + AT_ICMP_SUM, checksum_finish((uint64_t)t->l4_sum + echo));
		put32(f + AT_ICMP_ECHO, echo);
	}
	lengths_set(len, n, ECHO_FRAME);
}

static void compose(const struct probe_template *t, const struct target_block *targets, unsigned int first,
		    unsigned int n, uint8_t *const frame[], uint16_t len[])
{
	ipv4_frame_compose(t, targets, first, n, frame, len, untagged);
}

/* A reply is about who sent it, and an error about whom the request was sent to: the same 8 bytes tell in both. */
static enum reject accept_echo(const struct io_match *m, const struct packet *p, struct reply *r)
{
	const uint32_t target = p->quoted ? p->quoted_daddr : p->saddr;
	uint32_t echo;

	if (p->ip_proto != IPPROTO_ICMP)
		return REJECT_PROTOCOL;
	if (p->l4_len < AT_ICMP_DATA - AT_ICMP)
		return REJECT_SHORT;
	if (p->daddr != m->local_addr || (p->quoted && p->quoted_saddr != m->local_addr))
		return REJECT_ADDRESS;
	if (p->l4[0] != (p->quoted ? ICMP_ECHO : ICMP_ECHOREPLY))
		return REJECT_ICMP_TYPE;
	echo = wire_get32(p->l4 + AT_ICMP_ECHO - AT_ICMP);
	if ((echo ^ cookie(&m->key, m->local_addr, target, 0, 0)) > m->last_probe)
		return REJECT_COOKIE;

	memset(r, 0, sizeof(*r));
	r->class = p->quoted ? REPLY_ICMP : REPLY_ECHO;
	r->echo = 1;
	r->time_ns = p->time_ns;
	r->saddr = target;
	r->daddr = p->daddr;
	r->responder = p->saddr;
	r->seqnum = echo;
	r->ipid = p->ipid;
	r->ttl = p->ttl;
	r->icmp_type = p->icmp_type;
	r->icmp_code = p->icmp_code;
	return REJECT_NONE;
}

const struct probe_module icmp_echoscan = {
	.name = "icmp_echoscan",
	.help = "sends an ICMP echo request to each host, no ports; an echo reply is a success, an ICMP error is recorded",
	.args_help = "none",
	.ip_proto = IPPROTO_ICMP,
	.needs_ports = false,
	.success = REPLY_ECHO,
	.prepare = prepare,
	.compose = compose,
	.accept = accept_echo,
};
