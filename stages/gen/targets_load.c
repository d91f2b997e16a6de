/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List files. Read line by line with one buffer that grows to the longest line,
 * so memory is that of the ranges (8 bytes a line), and standard input works too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stages/gen/target_text.h"
#include "stages/gen/targets.h"

static const char byte_order_mark[] = "\xef\xbb\xbf"; /* editors of CRLF systems put it first */

static int load_stream(FILE *file, const char *name, struct ranges *out, struct pairs *pairs, struct error *e)
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
		err = target_text_list(text, (size_t)len, name, number, out, pairs, e);
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

static int load(const char *path, struct ranges *out, struct pairs *pairs, struct error *e)
{
	struct stat st;
	int err;

	if (strcmp(path, "-") == 0) {
		err = load_stream(stdin, "standard input", out, pairs, e);
		return err;
	}
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return cannot_open(path, errno, e);
	if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode)) /* fopen() takes one, read() does not */
		err = error_set(e, -EISDIR, "%s: is a directory; name a file of targets", path);
	else
		err = load_stream(file, path, out, pairs, e);
	fclose(file);
	return err;
}

int targets_load_paired(const char *path, struct ranges *out, struct pairs *pairs, struct error *e)
{
	const size_t before = out->count, pairs_before = pairs != NULL ? pairs->count : 0;
	const int err = load(path, out, pairs, e);

	if (err) {
		out->count = before;
		if (pairs != NULL)
			pairs->count = pairs_before;
	}
	return err;
}

int targets_load(const char *path, struct ranges *out, struct error *e)
{
	return targets_load_paired(path, out, NULL, e);
}
