/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile csv|json   prints rows whose text fields hold what breaks naive readers, as -O csv and -O json do
 * hostile hex        the same values in hex, a row a line with commas between
 */
#include <stdio.h>
#include <string.h>

#include "stages/sink/output.h"

static const char *const rows[][3] = {
	{ "plain", "a,b", "say \"no\"" },
	{ "", "\"", "\"\"" },
	{ "two\nlines", "carriage\r\nreturn", "\r" },
	{ ",", ",,,", "\n" },
	{ "'single'", "back\\slash", "\ttab" },
	{ " leading", "trailing ", "#comment" },
	{ "=1+1", "\x01\x1f\x7f", "{\"json\":1}" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7", "\xff\xfe", "\xc0\xaf\xed\xa0\x80" },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* The record carries the row in sport, and nothing else. */
#define GETTER(n) \
	static void get_##n(const struct record *r, struct field_value *v) \
	{ \
		v->null = false; \
		snprintf(v->text, sizeof(v->text), "%s", rows[r->reply.sport][n]); \
	}
GETTER(0)
GETTER(1)
GETTER(2)

static const struct field columns[] = {
	{ .name = "first", .type = FIELD_STRING, .get = get_0 },
	{ .name = "second", .type = FIELD_STRING, .get = get_1 },
	{ .name = "third", .type = FIELD_STRING, .get = get_2 },
};

static void print_hex(const char *const row[3])
{
	for (unsigned int i = 0; i < 3; i++) {
		for (const char *c = row[i]; *c != '\0'; c++)
			printf("%02x", (unsigned char)*c);
		putchar(i < 2 ? ',' : '\n');
	}
}

int main(int argc, char **argv)
{
	const struct field *const fields[] = { &columns[0], &columns[1], &columns[2] };
	const struct output_module *module = argc == 2 ? output_find(argv[1]) : NULL;
	static char buf[OUTPUT_RECORD_MAX];

	if (module == NULL && (argc != 2 || strcmp(argv[1], "hex") != 0)) {
		fputs("hostile csv|json|hex\n", stderr);
		return 2;
	}
	if (module != NULL)
		fwrite(buf, 1, module->header(fields, 3, buf, sizeof(buf)), stdout);
	for (size_t i = 0; i < ROWS; i++) {
		const struct record r = { .reply.sport = (uint16_t)i };

		if (module == NULL)
			print_hex(rows[i]);
		else
			fwrite(buf, 1, module->format(fields, 3, &r, buf), stdout);
	}
	return ferror(stdout) != 0;
}
