/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List files. Read line by line with one buffer that grows to the longest line,
 * so memory is that of the targets (4 bytes an address, 8 a range or pair), and standard input works too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stages/gen/target_set.h"
#include "stages/gen/target_text.h"
#include "stages/gen/targets.h"

static const char byte_order_mark[] = "\xef\xbb\xbf"; /* editors of CRLF systems put it first */

static int load_stream(FILE *file, const char *name, const struct target_lists *out, struct error *e)
{
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t len;
	int err = 0;

	while (!err && (errno = 0, len = getline(&line, &room, file)) >= 0) {
		const char *text = line;

		if (number++ == 0 && len >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
			text += 3;
			len -= 3;
		}
		const char *comment = memchr(text, '#', (size_t)len);
		if (comment != NULL)
			len = comment - text;
		while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
			len--;
		err = target_text_list(text, (size_t)len, name, number, out, e);
	}
	if (!err && !feof(file)) {
		int cause = errno ? errno : EIO;
		err = error_set(e, -cause, "%s: cannot be read after line %zu: %s", name, number,
				strerror(cause));
	}
	free(line);
	return err;
}

static int cannot_open(const char *path, int cause, struct error *e)
{
	const char *way_out = "";

	if (cause == ENOENT)
		way_out = "; check the path";
	else if (cause == EACCES)
		way_out = "; make it readable for this user";

	return error_set(e, -cause, "%s: cannot be opened: %s%s", path, strerror(cause), way_out);
}

/* Of the two that are long, as many as fit into a file of that size at least. */
static void expect(const struct target_lists *out, size_t bytes)
{
	if (out->addresses != NULL)
		addresses_expect(out->addresses, bytes / sizeof("1.1.1.1"));
	if (out->pairs != NULL)
		pairs_expect(out->pairs, bytes / sizeof("1.1.1.1:1"));
}

static int load(const char *path, const struct target_lists *out, struct error *e)
{
	struct stat st;
	int err;

	if (strcmp(path, "-") == 0) {
		err = load_stream(stdin, "standard input", out, e);
		return err;
	}
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return cannot_open(path, errno, e);
	if (fstat(fileno(file), &st) != 0)
		st.st_mode = 0;
	if (S_ISREG(st.st_mode))
		expect(out, (size_t)st.st_size);
	if (S_ISDIR(st.st_mode)) /* fopen() takes one, read() does not */
		err = error_set(e, -EISDIR, "%s: is a directory; name a file of targets", path);
	else
		err = load_stream(file, path, out, e);
	fclose(file);
	return err;
}

int target_set_load(const char *path, bool paired, struct target_set *t, struct error *e)
{
	const struct target_lists out = { &t->ranges, &t->addresses, paired ? &t->pairs : NULL };
	const struct target_set before = *t;
	const int err = load(path, &out, e);

	if (err) {
		t->ranges.count = before.ranges.count;
		t->addresses.count = before.addresses.count;
		t->pairs.count = before.pairs.count;
	}
	return err;
}

int targets_load(const char *path, struct ranges *out, struct error *e)
{
	const struct target_lists lists = { .ranges = out };
	const size_t before = out->count;
	const int err = load(path, &lists, e);

	if (err)
		out->count = before;
	return err;
}
