/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A target is refused rather than guessed at: "010.0.0.1" is 8.0.0.1 to
 * inet_aton(3) and 10.0.0.1 to people, and a probe cannot be taken back.
 */
#include "stages/gen/targets.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "stages/gen/quote.h"
#include "stages/gen/target_text.h"

#define FORMS "write a.b.c.d, a.b.c.d/n or a.b.c.d-e.f.g.h"
#define NOT_PREFIXES "is not a range: a range joins two addresses, not prefixes; write a.b.c.d-e.f.g.h"
#define NAME_MAX_BYTES 253 /* RFC 1035 2.3.4, without the final dot */
#define LABEL_MAX_BYTES 63

struct scan {
	const char *at, *end;
	char why[256]; /* the predicate of the message */
};

__attribute__((format(printf, 2, 3))) static int refuse(struct scan *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->why, sizeof(s->why), format, args);
	va_end(args);
	return -EINVAL;
}

static bool next_is(const struct scan *s, char c)
{
	return s->at < s->end && *s->at == c;
}

static int refuse_next(struct scan *s, const char *what)
{
	if (s->at == s->end)
		return refuse(s, "is not %s: it ends too early; " FORMS, what);
	return refuse(s, "is not %s: unexpected %s; " FORMS, what, quote_byte(*s->at).text);
}

/* A decimal number up to max. *digits = 0: there is none. */
static int number(struct scan *s, const char *what, uint32_t max, uint32_t *value, int *digits)
{
	const char *first = s->at;
	uint64_t v = 0;

	for (; s->at < s->end && isdigit((unsigned char)*s->at); s->at++)
		v = v > max ? v : v * 10 + (uint64_t)(*s->at - '0');
	size_t n = (size_t)(s->at - first);
	*digits = n > 20 ? 20 : (int)n;
	if (v > max)
		return refuse(s, "is not %s: %.*s is above %u; " FORMS, what, *digits, first, max);
	if (n > 1 && *first == '0')
		return refuse(s, "is ambiguous: %.*s could be octal; write %u", *digits, first, (uint32_t)v);
	*value = (uint32_t)v;
	return 0;
}

static int address(struct scan *s, uint32_t *addr)
{
	int digits, err;

	*addr = 0;
	for (int i = 0; i < 4; i++) {
		uint32_t octet = 0;

		if (i > 0 && next_is(s, '.'))
			s->at++;
		else if (i > 0 && (s->at == s->end || *s->at == '/' || *s->at == '-'))
			return refuse(s, "is not an address: it has %d octet%s instead of 4; " FORMS, i,
				      i > 1 ? "s" : "");
		else if (i > 0)
			return refuse_next(s, "an address");
		err = number(s, "an address", 255, &octet, &digits);
		if (err)
			return err;
		if (digits == 0 && (i > 0 || next_is(s, '.')) &&
		    (s->at == s->end || ispunct((unsigned char)*s->at)))
			return refuse(s, "is not an address: octet %d is missing; " FORMS, i + 1);
		if (digits == 0)
			return refuse_next(s, "an address");
		*addr = *addr << 8 | octet;
	}
	if (next_is(s, '.'))
		return refuse(s, "is not an address: it has more than 4 octets; " FORMS);
	return 0;
}

static int prefix(struct scan *s, uint32_t addr, struct range *out)
{
	uint32_t len;
	int digits, err;

	s->at++;
	err = number(s, "a prefix", 32, &len, &digits);
	if (next_is(s, '.')) /* before the error: 255.255.255.0 is above 32 */
		return refuse(s, "has a netmask instead of a prefix length: write a.b.c.d/n, n from 0 to 32");
	if (err)
		return err;
	if (digits == 0)
		return refuse(s, "is not a prefix: a length from 0 to 32 must follow '/'");
	if (next_is(s, '-'))
		return refuse(s, NOT_PREFIXES);
	if (s->at < s->end)
		return refuse_next(s, "a prefix");
	uint32_t mask = len ? UINT32_MAX << (32 - len) : 0;
	*out = (struct range){ addr & mask, addr | ~mask };
	return 0;
}

#define DOTTED "%u.%u.%u.%u"
#define OCTETS(a) ((a) >> 24), ((a) >> 16 & 255), ((a) >> 8 & 255), ((a)&255)

static int range(struct scan *s, uint32_t first, struct range *out)
{
	const char *after = ++s->at;
	uint32_t last;
	int digits, err;

	if (s->at == s->end)
		return refuse(s,
			      "is not a range: an address or a last octet must follow '-', without blanks");
	err = number(s, "a range", 255, &last, &digits);
	if (!err && s->at == s->end) {
		last |= first & 0xffffff00;
		if (last < first)
			return refuse(s, "is a reversed range: write " DOTTED "-%u", OCTETS(last),
				      first & 255);
		*out = (struct range){ first, last };
		return 0;
	}
	if (err && s->at == s->end)
		return err;
	s->at = after;
	err = address(s, &last);
	if (err)
		return err;
	if (next_is(s, '/'))
		return refuse(s, NOT_PREFIXES);
	if (s->at < s->end)
		return refuse_next(s, "a range");
	if (last < first)
		return refuse(s, "is a reversed range: write " DOTTED "-" DOTTED, OCTETS(last),
			      OCTETS(first));
	*out = (struct range){ first, last };
	return 0;
}

/* An RFC 1123 name whose last label has a letter and is no number in hexadecimal (0x7f000001 is an address to
 * getaddrinfo(3)). */
static bool is_name(const char *text, size_t len)
{
	struct scan s = { .at = text, .end = text + len };
	bool letter = false, hex = false;
	size_t label = 0;
	uint32_t unused;

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
			letter = false;
			continue;
		}
		if (!isalnum(c) && c != '-' && c != '_')
			return false;
		if (label == 0)
			hex = c == '0' && i + 2 < len && tolower((unsigned char)text[i + 1]) == 'x';
		letter |= isalpha(c) != 0;
		hex &= isxdigit(c) || label == 1;
		if (++label > LABEL_MAX_BYTES)
			return false;
	}
	if (address(&s, &unused) == 0 && next_is(&s, '-')) /* a range with a slip of the finger */
		return false;
	return letter && !hex && label > 0;
}

static int colons(struct scan *s, size_t len)
{
	const char *first = memchr(s->at, ':', len);

	if (memchr(first + 1, ':', (size_t)(s->end - first - 1)) == NULL && memchr(s->at, '.', len) != NULL)
		return refuse(s, "is not a target: ports are given apart; remove ':' and what follows");
	return refuse(s, "is IPv6, which is not supported yet: write an IPv4 address");
}

static int parse(struct scan *s, struct range *out)
{
	const size_t len = (size_t)(s->end - s->at);
	const char *slash = memchr(s->at, '/', len);
	uint32_t addr;
	int err;

	if (len == 0)
		return refuse(s, "is not a target: " FORMS);
	if (memchr(s->at, '\0', len) != NULL)
		return refuse(
			s,
			"holds a NUL byte: this is not plain text (UTF-16, or a binary file?); write one target a line");
	if (memchr(s->at, ':', len) != NULL)
		return colons(s, len);
	if (is_name(s->at, len)) {
		refuse(s, "is a host name, not an address: resolve it first");
		return -ENOENT;
	}
	if (slash != NULL && is_name(s->at, (size_t)(slash - s->at)))
		return refuse(s, "is not a prefix: a host name takes no '/'; write its address as a.b.c.d/n");
	err = address(s, &addr);
	if (err)
		return err;
	if (s->at == s->end) {
		*out = (struct range){ addr, addr };
		return 0;
	}
	if (*s->at == '/')
		return prefix(s, addr, out);
	if (*s->at == '-')
		return range(s, addr, out);
	return refuse_next(s, "an address");
}

static int complain(const char *text, size_t len, const struct target_place *place, const struct scan *s,
		    int err, struct error *e)
{
	if (place->file != NULL)
		return error_set(e, err, "%s:%zu:%zu: %s %s", place->file, place->line, place->column,
				 quote_text(text, len).text, s->why);
	return error_set(e, err, "%s %s", quote_text(text, len).text, s->why);
}

int target_text(const char *text, size_t len, const struct target_place *place, struct range *out,
		struct error *e)
{
	struct scan s = { .at = text, .end = text + len };
	const int err = parse(&s, out);

	return err ? complain(text, len, place, &s, err, e) : 0;
}

#define PAIR_FORM "write a.b.c.d:port, port from 0 to 65535"

/* a.b.c.d:port; colon points into text. */
static int pair(struct scan *s, const char *colon, uint32_t *addr, uint16_t *port)
{
	struct scan tail = { .at = colon + 1, .end = s->end };
	uint32_t value = 0;
	int digits, err;

	s->end = colon;
	err = address(s, addr);
	if (err)
		return err;
	if (s->at < s->end)
		return refuse(s, "is not a target: a port follows a single address; " PAIR_FORM);
	if (number(&tail, "a port", 65535, &value, &digits) != 0 || digits == 0 || tail.at < tail.end)
		return refuse(s, "is not a target: what follows ':' is not a port; " PAIR_FORM);
	*port = (uint16_t)value;
	return 0;
}

/* One colon, and no more as IPv6 has. */
static const char *only_colon(const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);

	return colon != NULL && memchr(colon + 1, ':', len - (size_t)(colon + 1 - text)) == NULL ? colon :
												   NULL;
}

static int add_ported(struct pairs *pairs, uint32_t addr, uint16_t port, struct error *e)
{
	if (pairs_add(pairs, addr, port) != 0)
		return error_set(e, -ENOMEM, "out of memory for %zu pairs of address and port", pairs->count);
	return 0;
}

static int add_address(struct addresses *addresses, uint32_t addr, struct error *e)
{
	if (addresses_add(addresses, addr) != 0)
		return error_set(e, -ENOMEM, "out of memory for %zu addresses", addresses->count);
	return 0;
}

static int add_pair(const char *text, size_t len, const char *colon, const struct target_place *place,
		    struct pairs *pairs, struct error *e)
{
	struct scan s = { .at = text, .end = text + len };
	uint16_t port = 0;
	uint32_t addr = 0;
	const int err = pair(&s, colon, &addr, &port);

	if (err)
		return complain(text, len, place, &s, err, e);
	return add_ported(pairs, addr, port, e);
}

static int add_range(const char *text, size_t len, const struct target_place *place,
		     const struct target_lists *out, struct error *e)
{
	struct range r = { 0, 0 };
	const int err = target_text(text, len, place, &r, e);

	if (err) { /* not -ENOENT: nobody resolves the names of a list */
		if (e != NULL)
			e->code = -EINVAL;
		return -EINVAL;
	}
	if (r.first == r.last && out->addresses != NULL)
		return add_address(out->addresses, r.first, e);
	if (ranges_add(out->ranges, r.first, r.last) != 0)
		return error_set(e, -ENOMEM, "out of memory for %zu ranges of targets", out->ranges->count);
	return 0;
}

/* True: it was one of the two that make up long lists. */
static bool add_plain(const char *text, size_t len, const struct target_lists *out, struct error *e, int *rc)
{
	uint32_t addr;
	int32_t port;

	if (out->addresses == NULL || !target_text_plain(text, len, &addr, &port) ||
	    (port >= 0 && out->pairs == NULL))
		return false;
	*rc = port >= 0 ? add_ported(out->pairs, addr, (uint16_t)port, e) :
			  add_address(out->addresses, addr, e);
	return true;
}

int target_text_list(const char *text, size_t len, const char *file, size_t line,
		     const struct target_lists *out, struct error *e)
{
	int rc;

	if (add_plain(text, len, out, e, &rc))
		return rc;
	for (size_t i = 0; i < len;) {
		struct target_place place = { file, line, i + 1 };
		size_t n = 0;

		if (text[i] == ',' || isspace((unsigned char)text[i])) {
			i++;
			continue;
		}
		while (i + n < len && text[i + n] != ',' && !isspace((unsigned char)text[i + n]))
			n++;
		const char *colon = out->pairs != NULL ? only_colon(text + i, n) : NULL;
		const int err = colon != NULL ? add_pair(text + i, n, colon, &place, out->pairs, e) :
						add_range(text + i, n, &place, out, e);
		if (err)
			return err;
		i += n;
	}
	return 0;
}

int targets_parse(const char *text, struct ranges *out, struct error *e)
{
	struct target_place place = { 0 };
	struct range r = { 0, 0 };
	int err = target_text(text, strlen(text), &place, &r, e);

	if (err)
		return err;
	if (ranges_add(out, r.first, r.last) != 0)
		return error_set(e, -ENOMEM, "out of memory for %zu ranges of targets", out->count);
	return 0;
}

int targets_parse_list(const char *text, struct ranges *out, struct error *e)
{
	const struct target_lists lists = { .ranges = out };
	const size_t before = out->count;
	int err = target_text_list(text, strlen(text), NULL, 1, &lists, e);

	if (!err && out->count == before)
		err = error_set(e, -EINVAL, "%s names no target: " FORMS,
				quote_text(text, strlen(text)).text);
	if (err)
		out->count = before;
	return err;
}
