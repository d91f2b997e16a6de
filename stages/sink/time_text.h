/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISO 8601 in UTC by arithmetic: gmtime_r(), strftime() and snprintf() cost about 130 ns, and keeping the last second's
 * text would need a place to keep it.
 */
#ifndef SINK_TIME_TEXT_H
#define SINK_TIME_TEXT_H

#include "stages/sink/ipv4_text.h"

#define TIME_TEXT_LEN 24 /* 2023-11-14T22:13:20.123Z */

/*
 * ns since 1970, which ends in 2554. No NUL. Returns TIME_TEXT_LEN.
 *
 * Days to a date: eras of 400 years that begin on 1 March, so that the leap day is the last of its year (H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
 */
static inline size_t time_text(uint64_t ns, char *buf)
{
	static const char shape[TIME_TEXT_LEN] = "0000-00-00T00:00:00.000Z";
	const uint64_t seconds = ns / 1000000000;
	const uint32_t ms = (uint32_t)(ns / 1000000 % 1000), second = (uint32_t)(seconds % 86400);
	const uint32_t day = (uint32_t)(seconds / 86400) + 719468; /* since 1 March of the year 0 */
	const uint32_t era = day / 146097, of_era = day % 146097;
	const uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
	const uint32_t march = (5 * of_year + 2) / 153; /* months since March */
	const uint32_t month = march < 10 ? march + 3 : march - 9;
	const uint32_t ad = era * 400 + year + (month <= 2);

	memcpy(buf, shape, TIME_TEXT_LEN);
	two_digits(ad / 100, buf);
	two_digits(ad % 100, buf + 2);
	two_digits(month, buf + 5);
	two_digits(of_year - (153 * march + 2) / 5 + 1, buf + 8);
	two_digits(second / 3600, buf + 11);
	two_digits(second / 60 % 60, buf + 14);
	two_digits(second % 60, buf + 17);
	two_digits(ms / 10, buf + 20);
	buf[22] = (char)('0' + ms % 10);
	return TIME_TEXT_LEN;
}

#endif
