/* SPDX-License-Identifier: Apache-2.0 */
/* The frame: whatever is the same for all probes of a port is written and summed once, in prepare(). */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "stages/forms.h"
#include "stages/probes/checksum.h"
#include "stages/probes/tcp_options.h"
#include "stages/probes/tcp_synscan.h"
#include "stages/probes/tcp_synscan_frame.h"

static_assert(PROBE_TAG + AT_TCP_OPTIONS + TCP_OPTIONS_MAX <= PROBE_FRAME_MAX,
	      "the longest options fit the template");

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

	ipv4_frame_begin(t, id, IPPROTO_TCP, (uint16_t)(AT_TCP_OPTIONS + options->len));
	t->module = options;
	t->form = FORMS_BEST(tcp_synscan_forms);
	t->port_hash[0] = (uint32_t)drawn | 1;
	t->port_hash[1] = (uint32_t)(drawn >> 32) | 1;
	tcp_len = (uint16_t)(t->len - AT_TCP);

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

static void compose(const struct probe_template *t, const struct target_block *targets, unsigned int first,
		    unsigned int n, uint8_t *const frame[], uint16_t len[])
{
	const struct tcp_synscan_form *form = t->form;

	ipv4_frame_compose(t, targets, first, n, frame, len, form->fn);
}

const struct probe_module tcp_synscan = {
	.name = "tcp_synscan",
	.help = "sends a TCP SYN; a SYN-ACK is a success, a RST and an ICMP error are recorded",
	.args_help = "windows, smallest-probes, linux, bsd",
	.ip_proto = IPPROTO_TCP,
	.needs_ports = true,
	.success = REPLY_SYNACK,
	.prepare = prepare,
	.compose = compose,
	.accept = tcp_synscan_accept,
	.must_answer = tcp_synscan_must_answer,
	.answer = tcp_synscan_answer,
};
