/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port lists. A bitmap of all 65536 sorts and removes duplicates at once.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stages/gen/quote.h"
#include "stages/gen/targets.h"

#define PORTS 65536
#define FORMS "write ports from 0 to 65535 as 80,443,8000-8100 or *"

struct entry {
	const char *text;
	size_t len;
};

static int refuse(struct error *e, const struct entry *entry, const char *why)
{
	return error_set(e, -EINVAL, "%s %s", quote_text(entry->text, entry->len).text, why);
}

static const char *number(const char *at, const char *end, uint32_t *value)
{
	*value = 0;
	for (; at < end && isdigit((unsigned char)*at); at++)
		*value = *value >= PORTS ? PORTS : *value * 10 + (uint32_t)(*at - '0');
	return at;
}

/* The entry's ports, first <= last < PORTS. */
static int entry_parse(const struct entry *entry, uint32_t *first, uint32_t *last, struct error *e)
{
	const char *end = entry->text + entry->len, *at, *second;

	if (entry->len == 1 && *entry->text == '*') {
		*first = 0;
		*last = PORTS - 1;
		return 0;
	}
	if (entry->len > 1 && isalpha((unsigned char)entry->text[0]) && entry->text[1] == ':')
		return refuse(e, entry,
			      "names a protocol, which is the probe module's: write the port alone");
	at = number(entry->text, end, first);
	*last = *first;
	if (at < end && *at == '-') {
		second = at + 1;
		if (at == entry->text || second == end)
			return refuse(e, entry,
				      "is an open range: write both ends, such as 0-1023 or 1024-65535");
		at = number(second, end, last);
	}
	if (at < end || at == entry->text)
		return refuse(e, entry, "is not a port: " FORMS);
	if (*first >= PORTS || *last >= PORTS)
		return refuse(e, entry, "is not a port: " FORMS);
	if (*last < *first)
		return error_set(e, -EINVAL, "%s is a reversed range: write %u-%u",
				 quote_text(entry->text, entry->len).text, *last, *first);
	return 0;
}

static void trim(struct entry *entry)
{
	while (entry->len && isspace((unsigned char)entry->text[0])) {
		entry->text++;
		entry->len--;
	}
	while (entry->len && isspace((unsigned char)entry->text[entry->len - 1]))
		entry->len--;
}

int ports_parse(const char *text, struct ports *out, struct error *e)
{
	uint64_t set[PORTS / 64] = { 0 };
	uint32_t first = 0, last = 0, count = 0;
	uint16_t *port;

	if (*text == '\0')
		return error_set(e, -EINVAL, "the list of ports is empty: " FORMS);
	for (const char *at = text;; at++) {
		struct entry entry = { at, strcspn(at, ",") };

		at += entry.len;
		trim(&entry);
		if (entry.len == 0)
			return error_set(e, -EINVAL, "%s has an empty entry: remove the extra comma",
					 quote_text(text, strlen(text)).text);
		int err = entry_parse(&entry, &first, &last, e);
		if (err)
			return err;
		for (uint32_t p = first; p <= last; p++)
			set[p / 64] |= 1ULL << p % 64;
		if (*at == '\0')
			break;
	}
	for (size_t i = 0; i < PORTS / 64; i++)
		count += (uint32_t)__builtin_popcountll(set[i]);
	port = malloc(count * sizeof(*port));
	if (port == NULL)
		return error_set(e, -ENOMEM, "out of memory for %u ports", count);
	out->port = port;
	out->count = count;
	for (uint32_t p = 0; p < PORTS; p++)
		if (set[p / 64] >> p % 64 & 1)
			*port++ = (uint16_t)p;
	return 0;
}

void ports_free(struct ports *p)
{
	free(p->port);
	*p = (struct ports){ 0 };
}
