/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sink/exclusion_text.h"

#include <stdio.h>

char *exclusion_text(const struct exclusion *x, char text[EXCLUSION_TEXT_MAX])
{
	const uint32_t differ = x->first ^
				x->last; /* a prefix: the low bits, all of them, and clear in the first */
	char first[IPV4_TEXT_ROOM + 1], last[IPV4_TEXT_ROOM + 1];

	first[ipv4_text(x->first, first)] = '\0';
	last[ipv4_text(x->last, last)] = '\0';
	if (differ == 0)
		snprintf(text, EXCLUSION_TEXT_MAX, "%s", first);
	else if ((differ & (differ + 1)) == 0 && (x->first & differ) == 0)
		snprintf(text, EXCLUSION_TEXT_MAX, "%s/%d", first, __builtin_clz(differ));
	else
		snprintf(text, EXCLUSION_TEXT_MAX, "%s-%s", first, last);
	return text;
}
