/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe-module contract. build uses one face (template, compose), rx the
 * other (accept), and tx answers what rx says must be. A new probe is one file in stages/probes/ and one row in its
 * table (stages/probes/registry.c).
 */
#ifndef ANYSCAN_PROBE_H
#define ANYSCAN_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "anyscan/cookie.h"
#include "anyscan/error.h"
#include "anyscan/io.h"

#define PROBE_FRAME_MAX 128 /* longest template, bytes */

/* Why a frame was not taken as a reply. Counted by cause, named by reject_names[]. */
enum reject {
	REJECT_NONE,
	REJECT_SHORT, /* truncated before the fields that decide */
	REJECT_NOT_IP,
	REJECT_FRAGMENT, /* fragment other than the first: no ports */
	REJECT_PROTOCOL, /* neither the probe's protocol nor an ICMP error */
	REJECT_ADDRESS, /* not to our address, or the quoted probe is not from it */
	REJECT_PORT, /* not to one of our source ports */
	REJECT_FLAGS, /* TCP, but neither SYN-ACK nor RST */
	REJECT_COOKIE, /* the ack, or the quoted seq, is not this probe's cookie */
	REJECT_ICMP_TYPE, /* ICMP, but not an error */
	REJECT_UNASKED, /* validates, but the target is not in the domain */
	REJECT_CAUSES,
};

extern const char *const reject_names[REJECT_CAUSES];

/* Identity of a port of ours as it stands in a frame. Host order where it is a number. */
struct probe_identity {
	uint8_t src_mac[6], dst_mac[6];
	uint32_t saddr;
	uint16_t sport_first, sport_last; /* inclusive */
	uint8_t ttl;
	uint16_t vlan; /* 802.1Q ID, 1-4094; 0: no tag */
	struct cookie_key key;
};

/* Const after prepare(): shared by every builder of the port. */
struct probe_template {
	struct probe_identity id;
	uint8_t frame[PROBE_FRAME_MAX] __attribute__((aligned(64)));
	uint16_t len; /* bytes, Ethernet header to the last option, no FCS, no VLAN tag */
	uint32_t ip_sum, l4_sum; /* partial one's-complement sums of what does not vary */
	const void *module; /* the module's own, e.g. the option profile */
	const void *
		form; /* the module's own: which of its forms composes, the best for this CPU (stages/forms.h) */
	uint32_t port_hash[2]; /* odd multipliers, drawn from the key: which source port a target gets */
};

#define PROBE_TAG 4 /* bytes, IEEE 802.1Q: between the addresses and the EtherType */

/* Bytes of a probe on the wire, no FCS. */
static inline uint16_t probe_frame_len(const struct probe_template *t)
{
	return (uint16_t)(t->len + (t->id.vlan != 0 ? PROBE_TAG : 0));
}

/* A received packet, parsed with every bound checked (stages/rx/parse.h). Host order. */
struct packet {
	uint64_t time_ns;
	uint32_t saddr, daddr;
	uint16_t ipid;
	uint8_t ttl, ip_proto;
	const uint8_t *l4; /* transport header; inside an ICMP error: of the quoted packet */
	uint32_t l4_len; /* bytes of it that were captured and belong to the IP packet */
	bool quoted; /* an ICMP error: the fields below are of the quoted probe, saddr is who sent the error */
	uint8_t icmp_type, icmp_code;
	uint32_t quoted_saddr, quoted_daddr;
};

struct probe_module {
	const char *name; /* as in -M */
	const char *help; /* what it sends and what counts as success */
	const char *args_help; /* the values of --probe-args, the first is the default */
	uint8_t ip_proto;
	bool needs_ports;
	enum reply_class success; /* of a reply that found what the probe looks for */

	/* Set-up: fills *t for one port. args NULL = the default. */
	int (*prepare)(const struct probe_identity *, const char *args, struct probe_template *t,
		       struct error *);

	/*
	 * Composes the probes of targets[first..first+n) into n blank frames: every
	 * byte of frame[i][0..len[i]) is written. Called by build, per block.
	 */
	void (*compose)(const struct probe_template *, const struct target_block *targets, unsigned int first,
			unsigned int n, uint8_t *const frame[], uint16_t len[]);

	/* Decides from the packet alone; fills *r. REJECT_NONE = it answers this scan. Called by rx. */
	enum reject (*accept)(const struct io_match *, const struct packet *, struct reply *r);

	/*
	 * What a reply leaves open at its target, where no kernel of ours sees it and closes it; both NULL: nothing ever.
	 * must_answer(), by rx, of a reply that accept() took: true fills *c. answer(), by tx: composes what *c asks for,
	 * every byte of frame[0..len), and returns len, at most the template's. It goes where the probe went.
	 */
	bool (*must_answer)(const struct reply *, struct control *c);
	uint16_t (*answer)(const struct probe_template *, const struct control *c, uint8_t *frame);
};

extern const struct probe_module *const probe_modules[]; /* NULL-terminated, the first is the default */

const struct probe_module *probe_find(const char *name); /* or NULL */

#endif
