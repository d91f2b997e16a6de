/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field table: every name that -f, --output-filter and --list-output-fields know. Names, order and types
 * are those of ZMap's tcp_synscan.
 *
 * Address fields fill number (host order) beside text, so that the filter matches prefixes without parsing
 * text.
 */
#include "anyscan/record.h"

#include <arpa/inet.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stages/sink/ipv4_text.h"

const char *const reply_class_names[REPLY_CLASSES] = {
	[REPLY_SYNACK] = "synack",
	[REPLY_RST] = "rst",
	[REPLY_ICMP] = "icmp",
};

static bool is_icmp(const struct record *r)
{
	return r->reply.class == REPLY_ICMP;
}

static void set_text(struct field_value *v, const char *text)
{
	snprintf(v->text, sizeof(v->text), "%s", text);
}

static void set_address(struct field_value *v, uint32_t addr)
{
	v->null = false;
	v->number = addr;
	v->text[ipv4_text(addr, v->text)] = '\0';
}

/* A getter of a number that is there when `present` holds. */
#define GET_NUMBER(name, value, present) \
	static void get_##name(const struct record *r, struct field_value *v) \
	{ \
		v->null = !(present); \
		v->number = (value); \
	}
#define HAS(option) ((r->reply.options & (option)) != 0)

/*
 * ZMap prints the integer as it lies in the packet, so 1.2.3.4 is 67305985 on a little-endian machine; so do
 * we.
 */
GET_NUMBER(saddr_raw, htonl(r->reply.saddr), true)
GET_NUMBER(daddr_raw, htonl(r->reply.daddr), true)
GET_NUMBER(ipid, r->reply.ipid, true)
GET_NUMBER(ttl, r->reply.ttl, true)
GET_NUMBER(sport, r->reply.sport, true)
GET_NUMBER(dport, r->reply.dport, true)
GET_NUMBER(seqnum, r->reply.seqnum, true)
/* An ICMP error quotes 8 bytes of TCP (RFC 792): ports and sequence number, nothing after. */
GET_NUMBER(acknum, r->reply.acknum, !is_icmp(r))
GET_NUMBER(window, r->reply.window, !is_icmp(r))
GET_NUMBER(tcpopt_mss, r->reply.mss, HAS(REPLY_OPT_MSS))
GET_NUMBER(tcpopt_wscale, r->reply.wscale, HAS(REPLY_OPT_WSCALE))
GET_NUMBER(tcpopt_sack_perm, HAS(REPLY_OPT_SACK_PERM), !is_icmp(r))
GET_NUMBER(tcpopt_ts_val, r->reply.ts_val, HAS(REPLY_OPT_TS))
GET_NUMBER(tcpopt_ts_ecr, r->reply.ts_ecr, HAS(REPLY_OPT_TS))
GET_NUMBER(success, r->success, true)
GET_NUMBER(repeat, r->repeat, true)
GET_NUMBER(cooldown, r->cooldown, true)
GET_NUMBER(icmp_type, r->reply.icmp_type, is_icmp(r))
GET_NUMBER(icmp_code, r->reply.icmp_code, is_icmp(r))
GET_NUMBER(timestamp_ts, r->reply.time_ns / 1000000000, true)
GET_NUMBER(timestamp_us, r->reply.time_ns / 1000 % 1000000, true)

static void get_saddr(const struct record *r, struct field_value *v)
{
	set_address(v, r->reply.saddr);
}

static void get_daddr(const struct record *r, struct field_value *v)
{
	set_address(v, r->reply.daddr);
}

static void get_icmp_responder(const struct record *r, struct field_value *v)
{
	set_address(v, r->reply.responder);
	v->null = !is_icmp(r);
}

static void get_classification(const struct record *r, struct field_value *v)
{
	v->null = r->reply.class >= REPLY_CLASSES;
	set_text(v, v->null ? "" : reply_class_names[r->reply.class]);
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

static void get_icmp_unreach_str(const struct record *r, struct field_value *v)
{
	const size_t codes = sizeof(unreachable_names) / sizeof(unreachable_names[0]);

	v->null = !is_icmp(r) || r->reply.icmp_type != ICMP_DEST_UNREACH;
	set_text(v, v->null		       ? "" :
		    r->reply.icmp_code < codes ? unreachable_names[r->reply.icmp_code] :
						 "unknown code");
}

static void get_timestamp_str(const struct record *r, struct field_value *v)
{
	const time_t seconds = (time_t)(r->reply.time_ns / 1000000000);
	struct tm tm;
	size_t n;

	v->null = false;
	gmtime_r(&seconds, &tm);
	n = strftime(v->text, sizeof(v->text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(v->text + n, sizeof(v->text) - n, ".%03uZ",
		 (unsigned int)(r->reply.time_ns / 1000000 % 1000));
}

#define FIELD(field, kind, text) \
	{ \
		.name = #field, .type = kind, .help = text, .get = get_##field \
	}
#define NULLABLE(field, kind, text) \
	{ \
		.name = #field, .type = kind, .nullable = true, .help = text, .get = get_##field \
	}

const struct field record_fields[] = {
	FIELD(saddr, FIELD_STRING, "probed address"),
	FIELD(saddr_raw, FIELD_INT, "saddr as an integer, network byte order (as ZMap prints it)"),
	FIELD(daddr, FIELD_STRING, "our address"),
	FIELD(daddr_raw, FIELD_INT, "daddr as an integer, network byte order (as ZMap prints it)"),
	FIELD(ipid, FIELD_INT, "IP identification of the reply"),
	FIELD(ttl, FIELD_INT, "time to live of the reply"),
	FIELD(sport, FIELD_INT, "probed port"),
	FIELD(dport, FIELD_INT, "our port"),
	FIELD(seqnum, FIELD_INT, "TCP sequence number; of the quoted probe in an ICMP error"),
	NULLABLE(acknum, FIELD_INT, "TCP acknowledgement number"),
	NULLABLE(window, FIELD_INT, "TCP window"),
	NULLABLE(tcpopt_mss, FIELD_INT, "TCP option: maximum segment size"),
	NULLABLE(tcpopt_wscale, FIELD_INT, "TCP option: window scale"),
	NULLABLE(tcpopt_sack_perm, FIELD_BOOL, "TCP option: SACK permitted"),
	NULLABLE(tcpopt_ts_val, FIELD_INT, "TCP option: timestamp value"),
	NULLABLE(tcpopt_ts_ecr, FIELD_INT, "TCP option: timestamp echo"),
	FIELD(classification, FIELD_STRING, "synack, rst or icmp"),
	FIELD(success, FIELD_BOOL, "a SYN-ACK: the port is open"),
	NULLABLE(icmp_responder, FIELD_STRING, "who sent the ICMP error"),
	NULLABLE(icmp_type, FIELD_INT, "ICMP type"),
	NULLABLE(icmp_code, FIELD_INT, "ICMP code"),
	NULLABLE(icmp_unreach_str, FIELD_STRING, "destination unreachable: the code in words"),
	FIELD(repeat, FIELD_BOOL, "this target has answered before"),
	FIELD(cooldown, FIELD_BOOL, "arrived after the last probe was sent"),
	FIELD(timestamp_str, FIELD_STRING, "time of arrival, ISO 8601, milliseconds, UTC"),
	FIELD(timestamp_ts, FIELD_INT, "time of arrival, seconds since 1970"),
	FIELD(timestamp_us, FIELD_INT, "time of arrival, microseconds within the second"),
	{ .name = NULL },
};

const struct field *field_find(const char *name, size_t len)
{
	for (const struct field *f = record_fields; f->name != NULL; f++)
		if (strncmp(f->name, name, len) == 0 && f->name[len] == '\0')
			return f;
	return NULL;
}
