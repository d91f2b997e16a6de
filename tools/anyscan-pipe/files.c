/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file under two options: standard input is empty when it is read again, and an exclusion list that reads as
 * empty excludes nothing; what is written over a list, or over the results, is lost. Files are compared by inode,
 * since one file has many names. Opens nothing.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/anyscan-pipe/scan.h"

struct named_file {
	const char *option, *path;
	struct stat st;
};

static unsigned int stdin_count(const struct text_list *list)
{
	unsigned int n = 0;

	for (size_t i = 0; i < list->count; i++)
		n += strcmp(list->item[i], "-") == 0;
	return n;
}

static unsigned int stdin_lists(const struct config *c)
{
	return stdin_count(&c->targets) + stdin_count(&c->allowlists) + stdin_count(&c->blocklists) +
	       stdin_count(&c->address_lists);
}

bool scan_reads_stdin(const struct config *c)
{
	return stdin_lists(c) > 0;
}

/* Devices and pipes may take several: /dev/null, /dev/stderr. */
static bool named(struct named_file *f)
{
	return f->path != NULL && strcmp(f->path, "-") != 0 && stat(f->path, &f->st) == 0 &&
	       S_ISREG(f->st.st_mode);
}

static bool same_file(const struct named_file *a, const struct named_file *b)
{
	return a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino;
}

static enum exit_code clash(const struct named_file *a, const struct named_file *b, struct error *e)
{
	error_set(e, -EINVAL, "%s %s and %s %s are the same file; write another name for one of them",
		  a->option, a->path, b->option, b->path);
	return EXIT_COMMAND;
}

static enum exit_code check_list(const struct named_file *output, const char *option,
				 const struct text_list *list, struct error *e)
{
	for (size_t i = 0; i < list->count; i++) {
		struct named_file input = { .option = option, .path = list->item[i] };

		if (named(&input) && same_file(output, &input))
			return clash(output, &input, e);
	}
	return EXIT_DONE;
}

static enum exit_code check_inputs(const struct config *c, const struct named_file *output, struct error *e)
{
	enum exit_code code = check_list(output, "--allowlist-file", &c->allowlists, e);

	if (code == EXIT_DONE)
		code = check_list(output, "--blocklist-file", &c->blocklists, e);
	if (code == EXIT_DONE)
		code = check_list(output, "--list-of-ips-file", &c->address_lists, e);
	return code;
}

enum exit_code scan_check_files(const struct config *c, struct error *e)
{
	struct named_file output[] = {
		{ .option = "--output-file", .path = c->output_file },
		{ .option = "--metadata-file", .path = c->metadata_file },
		{ .option = "--status-updates-file", .path = c->status_file },
		{ .option = "--log-file", .path = c->log_file },
		{ .option = "--checkpoint-file", .path = c->checkpoint_file },
	};
	const size_t n = sizeof(output) / sizeof(output[0]);

	if (stdin_lists(c) > 1) {
		error_set(
			e, -EINVAL,
			"-: standard input is named twice, and can be read once; write a file for one of them");
		return EXIT_COMMAND;
	}
	for (size_t i = 0; i < n; i++) {
		const char *path = output[i].path;
		enum exit_code code;

		/* by name too: neither may be there yet */
		for (size_t k = 0; k < i && path != NULL; k++)
			if (output[k].path != NULL && strcmp(path, output[k].path) == 0 &&
			    strcmp(path, "-") != 0 && strncmp(path, "/dev/", 5) != 0)
				return clash(&output[k], &output[i], e);
		if (!named(&output[i]))
			continue;
		for (size_t k = 0; k < i; k++)
			if (named(&output[k]) && same_file(&output[k], &output[i]))
				return clash(&output[k], &output[i], e);
		code = check_inputs(c, &output[i], e);
		if (code != EXIT_DONE)
			return code;
	}
	return EXIT_DONE;
}
