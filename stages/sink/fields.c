/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field table: every name that -f, --output-filter and --list-output-fields know. Names, order and types
 * are those of ZMap's tcp_synscan, then icmp_echoscan.
 *
 * Address fields fill number (host order) beside text, so that the filter matches prefixes without parsing
 * text.
 *
 * Every field has two ways to its value from one expression: get_ for the filter and put_ for the output, which takes
 * most of its time here and writes each value straight to where it is sent from.
 */
#include "anyscan/record.h"

#include <arpa/inet.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "stages/sink/ipv4_text.h"
#include "stages/sink/time_text.h"

const char *const reply_class_names[REPLY_CLASSES] = {
	[REPLY_SYNACK] = "synack",
	[REPLY_RST] = "rst",
	[REPLY_ICMP] = "icmp",
	[REPLY_ECHO] = "echoreply",
};

static bool is_icmp(const struct record *r)
{
	return r->reply.class == REPLY_ICMP;
}

static bool is_tcp(const struct record *r)
{
	return r->reply.class == REPLY_SYNACK || r->reply.class == REPLY_RST;
}

/* A text that is there already, or NULL. */
static size_t put_text(const char *text, char *buf)
{
	const size_t n = text != NULL ? strlen(text) : 0;

	memcpy(buf, text != NULL ? text : "", n);
	return n;
}

/* A number that is there when `present` holds. */
#define NUMBER(name, value, present) \
	static void get_##name(const struct record *r, struct field_value *v) \
	{ \
		v->null = !(present); \
		v->number = (value); \
	} \
	static size_t put_##name(const struct record *r, char *buf) \
	{ \
		return (present) ? decimal_text((value), buf) : 0; \
	}
/* A text: `write` writes it to buf and returns its length, 0 for none. `host` is the number beside it. */
#define TEXT(name, write, host) \
	static size_t put_##name(const struct record *r, char *buf) \
	{ \
		return write; \
	} \
	static void get_##name(const struct record *r, struct field_value *v) \
	{ \
		const size_t n = put_##name(r, v->text); \
		v->text[n] = '\0'; \
		v->null = n == 0; \
		v->number = host; \
	}
#define HAS(option) ((r->reply.options & (option)) != 0)

/*
 * ZMap prints the integer as it lies in the packet, so 1.2.3.4 is 67305985 on a little-endian machine; so do
 * we.
 */
NUMBER(saddr_raw, htonl(r->reply.saddr), true)
NUMBER(daddr_raw, htonl(r->reply.daddr), true)
NUMBER(ipid, r->reply.ipid, true)
NUMBER(ttl, r->reply.ttl, true)
NUMBER(sport, r->reply.sport, true)
NUMBER(dport, r->reply.dport, true)
NUMBER(seqnum, r->reply.seqnum, true)
/* An ICMP error quotes 8 bytes of TCP (RFC 792): ports and sequence number, nothing after. */
NUMBER(acknum, r->reply.acknum, is_tcp(r))
NUMBER(window, r->reply.window, is_tcp(r))
NUMBER(tcpopt_mss, r->reply.mss, HAS(REPLY_OPT_MSS))
NUMBER(tcpopt_wscale, r->reply.wscale, HAS(REPLY_OPT_WSCALE))
NUMBER(tcpopt_sack_perm, HAS(REPLY_OPT_SACK_PERM), is_tcp(r))
NUMBER(tcpopt_ts_val, r->reply.ts_val, HAS(REPLY_OPT_TS))
NUMBER(tcpopt_ts_ecr, r->reply.ts_ecr, HAS(REPLY_OPT_TS))
NUMBER(success, r->success, true)
NUMBER(repeat, r->repeat, true)
NUMBER(cooldown, r->cooldown, true)
NUMBER(icmp_type, r->reply.icmp_type, !is_tcp(r))
NUMBER(icmp_code, r->reply.icmp_code, !is_tcp(r))
NUMBER(icmp_id, r->reply.seqnum >> 16, r->reply.echo)
NUMBER(icmp_seq, r->reply.seqnum & 0xffff, r->reply.echo)
NUMBER(timestamp_ts, r->reply.time_ns / 1000000000, true)
NUMBER(timestamp_us, r->reply.time_ns / 1000 % 1000000, true)

static const char *class_name(const struct record *r)
{
	return r->reply.class < REPLY_CLASSES ? reply_class_names[r->reply.class] : NULL;
}

/* Codes of destination unreachable: RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1. */
static const char *const unreachable_names[] = {
	"network unreachable",	     "host unreachable",
	"protocol unreachable",	     "port unreachable",
	"fragmentation needed",	     "source route failed",
	"network unknown",	     "host unknown",
	"source host isolated",	     "network prohibited",
	"host prohibited",	     "network unreachable for TOS",
	"host unreachable for TOS",  "administratively prohibited",
	"host precedence violation", "precedence cutoff",
};

static const char *unreachable_name(const struct record *r)
{
	const size_t codes = sizeof(unreachable_names) / sizeof(unreachable_names[0]);

	if (!is_icmp(r) || r->reply.icmp_type != ICMP_DEST_UNREACH)
		return NULL;
	return r->reply.icmp_code < codes ? unreachable_names[r->reply.icmp_code] : "unknown code";
}

TEXT(saddr, ipv4_text(r->reply.saddr, buf), r->reply.saddr)
TEXT(daddr, ipv4_text(r->reply.daddr, buf), r->reply.daddr)
TEXT(icmp_responder, is_icmp(r) ? ipv4_text(r->reply.responder, buf) : 0, r->reply.responder)
TEXT(classification, put_text(class_name(r), buf), 0)
TEXT(icmp_unreach_str, put_text(unreachable_name(r), buf), 0)
TEXT(timestamp_str, time_text(r->reply.time_ns, buf), 0)

#define FIELD(field, kind, text) \
	{ \
		.name = #field, .type = kind, .help = text, .get = get_##field, .put = put_##field \
	}
#define NULLABLE(field, kind, text) \
	{ \
		.name = #field, .type = kind, .nullable = true, .help = text, .get = get_##field, \
		.put = put_##field \
	}

const struct field record_fields[] = {
	FIELD(saddr, FIELD_STRING, "probed address"),
	FIELD(saddr_raw, FIELD_INT, "saddr as an integer, network byte order (as ZMap prints it)"),
	FIELD(daddr, FIELD_STRING, "our address"),
	FIELD(daddr_raw, FIELD_INT, "daddr as an integer, network byte order (as ZMap prints it)"),
	FIELD(ipid, FIELD_INT, "IP identification of the reply"),
	FIELD(ttl, FIELD_INT, "time to live of the reply"),
	FIELD(sport, FIELD_INT, "probed port; 0 for a probe without ports"),
	FIELD(dport, FIELD_INT, "our port, likewise"),
	FIELD(seqnum, FIELD_INT,
	      "TCP sequence number; of the quoted probe in an ICMP error; of an echo: icmp_id * 65536 + icmp_seq"),
	NULLABLE(acknum, FIELD_INT, "TCP acknowledgement number"),
	NULLABLE(window, FIELD_INT, "TCP window"),
	NULLABLE(tcpopt_mss, FIELD_INT, "TCP option: maximum segment size"),
	NULLABLE(tcpopt_wscale, FIELD_INT, "TCP option: window scale"),
	NULLABLE(tcpopt_sack_perm, FIELD_BOOL, "TCP option: SACK permitted"),
	NULLABLE(tcpopt_ts_val, FIELD_INT, "TCP option: timestamp value"),
	NULLABLE(tcpopt_ts_ecr, FIELD_INT, "TCP option: timestamp echo"),
	FIELD(classification, FIELD_STRING, "synack, rst, icmp (an error) or echoreply"),
	FIELD(success, FIELD_BOOL, "a SYN-ACK: the port is open; an echo reply: the host is there"),
	NULLABLE(icmp_responder, FIELD_STRING, "who sent the ICMP error"),
	NULLABLE(icmp_type, FIELD_INT, "ICMP type"),
	NULLABLE(icmp_code, FIELD_INT, "ICMP code"),
	NULLABLE(icmp_unreach_str, FIELD_STRING, "destination unreachable: the code in words"),
	NULLABLE(icmp_id, FIELD_INT, "ICMP echo: identifier"),
	NULLABLE(icmp_seq, FIELD_INT, "ICMP echo: sequence number"),
	FIELD(repeat, FIELD_BOOL, "this target has answered before"),
	FIELD(cooldown, FIELD_BOOL, "arrived after the last probe was sent"),
	FIELD(timestamp_str, FIELD_STRING, "time of arrival, ISO 8601, milliseconds, UTC"),
	FIELD(timestamp_ts, FIELD_INT, "time of arrival, seconds since 1970"),
	FIELD(timestamp_us, FIELD_INT, "time of arrival, microseconds within the second"),
	{ .name = NULL },
};

/* What ZMap's icmp_echoscan calls them. */
static const struct {
	const char *name, *ours;
} other_names[] = { { "type", "icmp_type" }, { "code", "icmp_code" }, { "seq", "icmp_seq" } };

static bool is_name(const char *name, const char *text, size_t len)
{
	return strncmp(name, text, len) == 0 && name[len] == '\0';
}

const struct field *field_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++)
		if (is_name(other_names[i].name, name, len))
			return field_find(other_names[i].ours, strlen(other_names[i].ours));
	for (const struct field *f = record_fields; f->name != NULL; f++)
		if (is_name(f->name, name, len))
			return f;
	return NULL;
}
