/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "tools/anyscan-nic/nic.h"

bool parse_number(const char *text, unsigned int *out)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	*out = (unsigned int)value;
	return errno == 0 && *end == '\0' && value <= UINT32_MAX;
}

/* An indirection table: hundreds of entries that mostly follow one rule. */
static void print_table(FILE *out, struct json_object *a)
{
	const size_t size = json_object_array_length(a);
	int64_t most = 0;
	bool equal = true;

	for (size_t i = 0; i < size; i++) {
		const int64_t queue = json_object_get_int64(json_object_array_get_idx(a, i));

		most = queue > most ? queue : most;
	}
	for (size_t i = 0; i < size; i++)
		equal &= json_object_get_int64(json_object_array_get_idx(a, i)) ==
			 (int64_t)(i % (size_t)(most + 1));
	if (equal)
		fprintf(out, "%zu entries equal over %lld queues", size, (long long)most + 1);
	else
		fprintf(out, "%zu entries, up to queue %lld", size, (long long)most);
}

void value_print(FILE *out, struct json_object *value)
{
	const char *comma = "";

	if (json_object_is_type(value, json_type_array)) {
		print_table(out, value);
		return;
	}
	if (!json_object_is_type(value, json_type_object)) {
		fputs(json_object_get_string(value), out);
		return;
	}
	json_object_object_foreach(value, key, member)
	{
		if (json_object_get_int64(member) ==
		    0) /* kinds of channels and rings that the driver has not */
			continue;
		fprintf(out, "%s%s %s", comma, key, json_object_get_string(member));
		comma = ", ";
	}
}
