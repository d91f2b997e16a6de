/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsers of what users write: addresses, CIDR, ranges, list files, ports.
 *
 * Messages name the value, the place (file:line:column, or the argument) and the way out, e.g.
 *   list.txt:17:4: "10.0.0.300" is not an address: 300 is above 255
 */
#ifndef GEN_TARGETS_H
#define GEN_TARGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/gen/ranges.h"

/*
 * "a.b.c.d", "a.b.c.d/n" (host bits may be set: they are cleared, as ZMap does),
 * "a.b.c.d-e.f.g.h" or "a.b.c.d-e" (last octet). -EINVAL fills *e; -ENOENT: it has a letter in its
 * last label, so it is a host name, for the caller to resolve.
 */
int targets_parse(const char *text, struct ranges *out, struct error *e);

/* Comma or blank separated list of the above, e.g. --exclude. */
int targets_parse_list(const char *text, struct ranges *out, struct error *e);

/* One target per line, # comments, blank lines, CRLF; '-' reads standard input. -ENOENT etc. when it cannot be read. */
int targets_load(const char *path, struct ranges *out, struct error *e);

/* IANA IPv4 special-purpose registry (RFC 6890 and updates). */
enum reserved {
	RESERVED_NONE = 0, /* subtract nothing */
	RESERVED_UNROUTABLE = 1, /* 0/8, 127/8, 169.254/16, multicast, 240/4, broadcast */
	RESERVED_SPECIAL = 2, /* private, shared, benchmark, documentation, ... */
};
int targets_reserved(unsigned int which, struct ranges *out); /* normalised; 0 or -ENOMEM */
/* Name of the special-purpose block that holds addr ("private-use, RFC 1918"), or NULL. */
const char *targets_reserved_name(uint32_t addr);

/* Ports: "80,443,8000-8100", "*" = 0-65535; duplicates removed, ascending. */
struct ports {
	uint16_t *port; /* sorted, distinct */
	uint32_t count; /* 0..65536 */
};
int ports_parse(const char *text, struct ports *out, struct error *e);
void ports_free(struct ports *);

#endif
