/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/target_text.h"

#define PLAIN_MAX 21 /* 255.255.255.255:65535 */

/* A number up to max without leading zeros, behind which *at is left. -1: there is none. */
static inline int32_t plain_number(const char **at, const char *end, uint32_t max)
{
	const char *first = *at;
	uint32_t value = 0;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at)
		value = value * 10 + (uint32_t)(**at - '0'); /* may wrap: it is too long then */
	if (*at == first || *at - first > 5 || value > max || (*first == '0' && *at - first > 1))
		return -1;
	return (int32_t)value;
}

bool target_text_plain(const char *text, size_t len, uint32_t *addr, int32_t *port)
{
	const char *at = text, *end = text + len;

	if (len > PLAIN_MAX)
		return false;
	*addr = 0;
	for (int i = 0; i < 4; i++) {
		int32_t octet;

		if (i > 0 && (at == end || *at++ != '.'))
			return false;
		octet = plain_number(&at, end, 255);
		if (octet < 0)
			return false;
		*addr = *addr << 8 | (uint32_t)octet;
	}
	*port = -1;
	if (at == end)
		return true;
	if (*at++ != ':')
		return false;
	*port = plain_number(&at, end, 65535);
	return *port >= 0 && at == end;
}
