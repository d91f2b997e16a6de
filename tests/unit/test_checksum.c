/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <criterion/criterion.h>

#include "stages/probes/checksum.h"

/* As RFC 1071 1 says it: big-endian words, end-around carry after every addition. */
static uint16_t by_the_book(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2) {
		sum += (uint32_t)data[i] << 8 | (i + 1 < len ? data[i + 1] : 0);
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)~sum;
}

static uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 32);
}

Test(checksum, rfc1071_example)
{
	const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	cr_assert_eq(ntohs(checksum_fold(checksum_partial(data, sizeof(data), 0))), 0xddf2);
	cr_assert_eq(ntohs(checksum_finish(checksum_partial(data, sizeof(data), 0))), 0x220d);
}

Test(checksum, every_length_as_by_the_book)
{
	uint8_t data[129];
	uint64_t state = 1;

	for (int round = 0; round < 200; round++)
		for (size_t len = 0; len <= sizeof(data); len++) {
			for (size_t i = 0; i < len; i++)
				data[i] = (uint8_t)draw(&state);
			cr_assert_eq(ntohs(checksum_finish(checksum_partial(data, len, 0))),
				     by_the_book(data, len));
		}
}

/* The two zeros of one's complement: only a sum of nothing but zeros is +0. */
/* history 8 */
Test(checksum, zeros)
{
	const uint8_t nothing[4] = { 0 }, ones[2] = { 0xff, 0xff }, rfc1624[4] = { 0x55, 0x55, 0xaa, 0xaa };

	cr_assert_eq(checksum_finish(checksum_partial(nothing, 4, 0)), 0xffff);
	cr_assert_eq(checksum_finish(checksum_partial(ones, 2, 0)), 0);
	cr_assert_eq(checksum_finish(checksum_partial(rfc1624, 4, 0)), 0);
	cr_assert_eq(checksum_fold(0), 0);
	cr_assert_eq(checksum_fold(0xffff), 0xffff);
	cr_assert_eq(checksum_fold(0x10000), 1);
	cr_assert_eq(checksum_fold(0xffffffff), 0xffff);
	cr_assert_eq(checksum_fold(0x100000000), 1);
	cr_assert_eq(checksum_fold(UINT64_MAX), 0xffff);
}

/* RFC 1624 4: 0x5555 becomes 0x3285 in a header whose checksum is 0xdd2f; the new one is 0. */
/* history 8 */
Test(checksum, rfc1624_example)
{
	const uint16_t rest = 0xcd7a; /* what else the header sums to */

	cr_assert_eq(checksum_finish((uint64_t)rest + 0x5555), 0xdd2f);
	cr_assert_eq(checksum_finish((uint64_t)rest + 0x3285), 0x0000);
}

/* A constant part summed once plus a varying word is the sum of all, for every value of the word. */
/* history 8 */
Test(checksum, constant_and_varying_parts_add_up)
{
	uint8_t header[20];
	uint64_t state = 3;

	for (size_t i = 0; i < sizeof(header); i++)
		header[i] = (uint8_t)draw(&state);
	for (size_t at = 0; at < sizeof(header); at += 2) {
		uint8_t whole[20], blank[20];

		memcpy(whole, header, sizeof(header));
		memcpy(blank, header, sizeof(header));
		blank[at] = blank[at + 1] = 0;
		const uint64_t constant = checksum_fold(checksum_partial(blank, sizeof(blank), 0));

		for (uint32_t word = 0; word <= 0xffff; word++) {
			whole[at] = (uint8_t)(word >> 8);
			whole[at + 1] = (uint8_t)word;
			cr_assert_eq(ntohs(checksum_finish(constant + htons((uint16_t)word))),
				     by_the_book(whole, sizeof(whole)));
		}
	}
}

/* 32-bit fields may be added whole, also when every carry is taken. */
Test(checksum, wide_fields)
{
	const uint32_t field[] = { 0, 1, 0xffff, 0x10000, 0xffff0000, 0xffffffff, 0x80000000, 0x12345678 };
	const size_t n = sizeof(field) / sizeof(field[0]);

	for (size_t i = 0; i < n * n * n; i++) {
		const uint32_t f[3] = { field[i % n], field[i / n % n], field[i / n / n] };
		const uint16_t sum = checksum_finish((uint64_t)0xffff + f[0] + f[1] + f[2]);
		const uint8_t ones[2] = { 0xff, 0xff };
		uint8_t data[14];

		memcpy(data, ones, 2);
		memcpy(data + 2, f, 12);
		cr_assert_eq(ntohs(sum), by_the_book(data, sizeof(data)));
	}
}
