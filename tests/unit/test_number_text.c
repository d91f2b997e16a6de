/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, addresses and times as text, against printf and the C library's calendar. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "stages/sink/ipv4_text.h"
#include "stages/sink/time_text.h"

static uint64_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state ^ *state >> 29;
}

static void expect_decimal(uint64_t value)
{
	char expected[32], got[32];
	size_t n = decimal_text(value, got);

	got[n] = '\0';
	snprintf(expected, sizeof(expected), "%" PRIu64, value);
	cr_assert_str_eq(got, expected);
}

Test(number_text, decimals_of_every_length)
{
	uint64_t state = 1, power = 1;

	for (uint64_t v = 0; v < 70000; v++)
		expect_decimal(v);
	for (int digits = 1; digits <= 19; digits++, power *= 10) {
		expect_decimal(power - 1);
		expect_decimal(power);
		expect_decimal(power + 1);
	}
	expect_decimal(power);
	expect_decimal(UINT64_MAX);
	for (int i = 0; i < 100000; i++)
		expect_decimal(draw(&state) >> i % 64);
}

static void expect_address(uint32_t addr)
{
	const struct in_addr in = { .s_addr = htonl(addr) };
	char expected[INET_ADDRSTRLEN], got[IPV4_TEXT_ROOM + 1];
	size_t n;

	got[IPV4_TEXT_ROOM] = 'x';
	n = ipv4_text(addr, got);
	cr_assert_eq(got[IPV4_TEXT_ROOM], 'x', "%08x", addr);
	got[n] = '\0';
	inet_ntop(AF_INET, &in, expected, sizeof(expected));
	cr_assert_str_eq(got, expected);
}

Test(number_text, addresses_with_every_octet_in_every_place)
{
	uint64_t state = 2;

	for (uint32_t octet = 0; octet < 256; octet++) {
		expect_address(octet * 0x01010101u);
		for (int shift = 0; shift < 32; shift += 8) {
			expect_address(octet << shift);
			expect_address(~(octet << shift));
		}
	}
	for (int i = 0; i < 100000; i++)
		expect_address((uint32_t)draw(&state));
}

static void expect_time(uint64_t ns)
{
	const time_t seconds = (time_t)(ns / 1000000000);
	char expected[64], got[TIME_TEXT_LEN + 1];
	struct tm tm;
	size_t n;

	cr_assert_eq(time_text(ns, got), TIME_TEXT_LEN);
	got[TIME_TEXT_LEN] = '\0';
	gmtime_r(&seconds, &tm);
	n = strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(expected + n, sizeof(expected) - n, ".%03uZ", (unsigned int)(ns / 1000000 % 1000));
	cr_assert_str_eq(got, expected);
}

Test(number_text, every_day_of_the_range)
{
	const uint64_t day = 86400ULL * 1000000000;

	for (uint64_t ns = 0; ns < UINT64_MAX - day; ns += day) {
		expect_time(ns);
		expect_time(ns + day - 1);
	}
	expect_time(UINT64_MAX);
}

Test(number_text, every_second_of_a_day_and_every_millisecond)
{
	uint64_t state = 3;

	for (uint64_t s = 0; s < 86400; s++)
		expect_time((1709164800 + s) * 1000000000 + s % 1000 * 1000000); /* a leap day */
	for (int i = 0; i < 100000; i++)
		expect_time(draw(&state));
}
