/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads --fast-dryrun records (4 bytes address, 2 bytes port, big-endian) and
 * checks against a bitmap that they are exactly the target set: each (address,
 * port) once, none missing, none that was not asked for.
 *
 * Shares no code with the scanner, not even its headers: it has its own parser of prefixes, ranges and ports.
 *
 *   coverage -t CIDR[,A-B...] [-T FILE] [-x LIST] [-X FILE] -p PORTS [-s N] < records
 *
 * -s N: the records are a sample: at most N may be missing (0 by default), still none twice and none foreign.
 * Exit 0 exact, 1 not, 2 usage. Prints one line either way.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t *allowed; /* one bit per address, 2^32 */
static int port_slot[65536]; /* -1: not asked for */
static unsigned int nports;

static uint32_t address(const char *text)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		errx(2, "bad address \"%s\"", text);
	return ntohl(a.s_addr);
}

/* /16s ever painted: the others are not even read, since reading would fault in half a gigabyte. */
static bool touched[65536];

static void paint(uint32_t first, uint32_t last, bool on)
{
	uint64_t a = first;

	for (uint32_t hi = first >> 16; on && hi <= last >> 16; hi++)
		touched[hi] = true;
	while (a <= last) {
		if (!touched[a >> 16]) {
			a = (a | 0xffff) + 1;
			continue;
		}
		if ((a & 7) == 0 && a + 7 <= last) {
			allowed[a >> 3] = on ? 0xff : 0;
			a += 8;
			continue;
		}
		if (on)
			allowed[a >> 3] |= (uint8_t)(1 << (a & 7));
		else
			allowed[a >> 3] &= (uint8_t) ~(1 << (a & 7));
		a++;
	}
}

static void paint_item(char *item, bool on)
{
	char *mark;

	if ((mark = strchr(item, '/')) != NULL) {
		unsigned long bits = strtoul(mark + 1, NULL, 10);
		uint32_t mask = bits == 0 ? 0 : ~(uint32_t)0 << (32 - bits), base;

		*mark = '\0';
		base = address(item) & mask;
		paint(base, base | ~mask, on);
	} else if ((mark = strchr(item, '-')) != NULL) {
		*mark = '\0';
		paint(address(item), address(mark + 1), on);
	} else {
		paint(address(item), address(item), on);
	}
}

static void paint_list(char *list, bool on)
{
	for (char *item = strtok(list, ",\n"); item != NULL; item = strtok(NULL, ",\n"))
		paint_item(item, on);
}

static void paint_file(const char *path, bool on)
{
	FILE *f = fopen(path, "r");
	char line[256];

	if (f == NULL)
		err(2, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		paint_list(line, on);
	fclose(f);
}

static void ask_ports(char *list)
{
	for (char *item = strtok(list, ","); item != NULL; item = strtok(NULL, ",")) {
		char *dash;
		long first = strtol(item, &dash, 10),
		     last = *dash == '-' ? strtol(dash + 1, NULL, 10) : first;

		if (*item == '*') {
			first = 0;
			last = 65535;
		}
		for (long p = first; p <= last; p++) {
			if (port_slot[p] < 0)
				port_slot[p] = (int)nports++;
		}
	}
}

static void *map(uint64_t bytes)
{
	void *m =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (m == MAP_FAILED)
		err(2, "%lu bytes for the map", (unsigned long)bytes);
	return m;
}

static bool is_allowed(uint32_t a)
{
	return (allowed[a >> 3] >> (a & 7) & 1) != 0;
}

/* Rank of each /16 and each /22 among the allowed addresses, so that the map of what was seen is dense. */
static uint64_t rank_of_16[65537];
static uint32_t *rank_of_22; /* 2^22; only those of touched /16s are filled */

static uint64_t popcount(const uint64_t *word, unsigned int n)
{
	uint64_t bits = 0;

	for (unsigned int w = 0; w < n; w++)
		bits += (uint64_t)__builtin_popcountll(word[w]);
	return bits;
}

static uint64_t rank(uint32_t a)
{
	const uint64_t *word = (const uint64_t *)&allowed[(a & 0xfffffc00) >> 3];
	const unsigned int bits = a & 1023;

	return rank_of_22[a >> 10] + popcount(word, bits / 64) +
	       (uint64_t)__builtin_popcountll(word[bits / 64] & ((1ULL << bits % 64) - 1));
}

static void rank_all(void)
{
	for (uint32_t hi = 0; hi < 65536; hi++) {
		uint64_t n = rank_of_16[hi];

		for (uint32_t mid = hi << 6; touched[hi] && mid < (hi + 1) << 6; mid++) {
			rank_of_22[mid] = (uint32_t)n;
			n += popcount((const uint64_t *)&allowed[(size_t)mid << 7], 16);
		}
		rank_of_16[hi + 1] = n;
	}
}

struct tally {
	uint64_t records, foreign, repeated;
};

static void check(const uint8_t *r, bool whole, uint8_t *seen, struct tally *t)
{
	const uint32_t a = (uint32_t)r[0] << 24 | (uint32_t)r[1] << 16 | (uint32_t)r[2] << 8 | r[3];
	const unsigned int port = (unsigned int)r[4] << 8 | r[5];
	const int slot = port_slot[port];
	uint64_t bit;

	t->records++;
	if (slot < 0 || !is_allowed(a)) {
		if (t->foreign++ < 5)
			fprintf(stderr, "not asked for: %u.%u.%u.%u port %u\n", r[0], r[1], r[2], r[3], port);
		return;
	}
	bit = (whole ? a : rank(a)) * nports + (unsigned int)slot;
	if ((seen[bit >> 3] >> (bit & 7) & 1) != 0 && t->repeated++ < 5)
		fprintf(stderr, "twice: %u.%u.%u.%u port %u\n", r[0], r[1], r[2], r[3], port);
	seen[bit >> 3] |= (uint8_t)(1 << (bit & 7));
}

int main(int argc, char **argv)
{
	static uint8_t buffer[6 * 65536];
	struct tally t = { 0 };
	uint64_t missing_allowed = 0, expected, missing;
	size_t have = 0, n;
	uint8_t *seen;
	int opt;
	bool whole, exact;

	allowed = map(1ULL << 29);
	memset(port_slot, 0xff, sizeof(port_slot));
	while ((opt = getopt(argc, argv, "t:T:x:X:p:s:")) != -1) {
		switch (opt) {
		case 't':
			paint_list(optarg, true);
			break;
		case 'T':
			paint_file(optarg, true);
			break;
		case 'x':
			paint_list(optarg, false);
			break;
		case 'X':
			paint_file(optarg, false);
			break;
		case 'p':
			ask_ports(optarg);
			break;
		case 's':
			missing_allowed = strtoull(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	}
	rank_of_22 = map(sizeof(*rank_of_22) << 22);
	rank_all();
	expected = rank_of_16[65536] * nports;
	if (expected == 0)
		errx(2, "an empty target set");
	whole = rank_of_16[65536] == 1ULL << 32;
	seen = map((expected + 7) / 8);
	while ((n = fread(buffer + have, 1, sizeof(buffer) - have, stdin)) > 0) {
		size_t at = 0;

		have += n;
		for (; at + 6 <= have; at += 6)
			check(buffer + at, whole, seen, &t);
		memmove(buffer, buffer + at, have - at);
		have -= at;
	}
	missing = expected - (t.records - t.foreign - t.repeated);
	exact = have == 0 && t.foreign == 0 && t.repeated == 0 && missing <= missing_allowed;
	printf("%s: %lu targets, %lu records, %lu missing, %lu twice, %lu not asked for%s\n",
	       exact ? "exact" : "WRONG", (unsigned long)expected, (unsigned long)t.records,
	       (unsigned long)missing, (unsigned long)t.repeated, (unsigned long)t.foreign,
	       have != 0 ? ", a torn record at the end" : "");
	return exact ? 0 : 1;
}
