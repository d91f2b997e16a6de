/* SPDX-License-Identifier: Apache-2.0 */
/* Where results go and what they look like. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

static enum exit_code add_field(struct scan *s, const char *name, size_t len, struct error *e)
{
	const struct field *f = field_find(name, len);
	const char *names[OUTPUT_FIELDS_MAX + 1] = { NULL }, *near;
	char copy[48];

	if (f != NULL && s->options.output.nfields < OUTPUT_FIELDS_MAX) {
		s->fields[s->options.output.nfields++] = f;
		return EXIT_DONE;
	}
	if (f != NULL) {
		error_set(e, -EINVAL, "--output-fields: more than %d fields", OUTPUT_FIELDS_MAX);
		return EXIT_COMMAND;
	}
	for (size_t i = 0; i < OUTPUT_FIELDS_MAX && record_fields[i].name != NULL; i++)
		names[i] = record_fields[i].name;
	snprintf(copy, sizeof(copy), "%.*s", (int)len, name);
	near = nearest_name(copy, names);
	if (near != NULL)
		error_set(e, -EINVAL, "--output-fields: there is no field \"%s\"; did you mean %s?", copy,
			  near);
	else
		error_set(e, -EINVAL,
			  "--output-fields: there is no field \"%s\"; --list-output-fields names them", copy);
	return EXIT_COMMAND;
}

static enum exit_code choose_fields(struct scan *s, uint32_t ports, struct error *e)
{
	const char *text = s->config->fields;
	enum exit_code code = EXIT_DONE;

	if (text == NULL)
		text = ports > 1 ? "saddr,sport" : "saddr";
	if (strcmp(text, "*") == 0) {
		for (const struct field *f = record_fields; f->name != NULL && code == EXIT_DONE; f++)
			code = add_field(s, f->name, strlen(f->name), e);
		return code;
	}
	while (code == EXIT_DONE) {
		size_t len;

		text += strspn(text, " ");
		len = strcspn(text, ", ");
		code = add_field(s, text, len, e);
		text += len;
		text += strspn(text, " ");
		if (*text == '\0')
			break;
		text += *text == ',';
	}
	return code;
}

/* list shows an address and, with it, a port; anything more needs columns with names. */
static const struct output_module *choose_module(const struct scan *s)
{
	const struct sink_options *o = &s->options.output;
	bool list;

	if (s->config->output_module != NULL)
		return output_find(s->config->output_module);
	list = strcmp(s->fields[0]->name, "saddr") == 0 &&
	       (o->nfields == 1 || (o->nfields == 2 && strcmp(s->fields[1]->name, "sport") == 0));
	return output_find(s->config->fields == NULL || list ? "list" : "csv");
}

/* Not every module can write every list of fields. */
static enum exit_code check_fields(const struct sink_options *o, const char *text, struct error *e)
{
	if (o->module == &output_endpoint && text != NULL && strcmp(text, "saddr") != 0 &&
	    strcmp(text, "saddr,sport") != 0) {
		error_set(
			e, -EINVAL,
			"--output-module endpoint writes address:port and no other fields; for --output-fields "
			"%s write csv or json",
			text);
		return EXIT_COMMAND;
	}
	for (size_t i = 0; o->module == &output_json && i < o->nfields; i++) {
		for (size_t k = 0; k < i; k++) {
			if (o->fields[i] != o->fields[k])
				continue;
			error_set(e, -EINVAL,
				  "--output-fields: %s is named twice; in a JSON object a name is unique",
				  o->fields[i]->name);
			return EXIT_COMMAND;
		}
	}
	return EXIT_DONE;
}

enum exit_code scan_fields(struct scan *s, struct error *e)
{
	struct sink_options *o = &s->options.output;
	const enum exit_code code =
		choose_fields(s, domain_pairs(s->domain) > 0 ? 2 : domain_ports(s->domain), e);

	if (code != EXIT_DONE)
		return code;
	o->fields = s->fields;
	o->module = choose_module(s);
	o->header = !s->config->no_header;
	return check_fields(o, s->config->fields, e);
}

enum exit_code scan_schema(struct scan *s, struct error *e)
{
	struct sink_options *o = &s->options.output;
	struct error why = { .code = 0 };
	enum exit_code code;

	if (s->config->ports != NULL && ports_parse(s->config->ports, &s->ports, &why) != 0) {
		error_set(e, why.code, "--target-ports: %s", why.text);
		return EXIT_COMMAND;
	}
	code = choose_fields(s, s->ports.count, e);
	if (code != EXIT_DONE)
		return code;
	o->fields = s->fields;
	o->module = &output_json;
	code = check_fields(o, s->config->fields, e);
	if (code == EXIT_DONE)
		output_schema_print(o->fields, o->nfields);
	return code == EXIT_DONE && fflush(stdout) != 0 ? EXIT_RESULTS : code;
}

bool scan_rotates(const struct scan *s)
{
	return s->config->rotate_size > 0 || s->config->rotate_interval > 0;
}

static enum exit_code open_row(struct scan *s, struct error *e)
{
	const struct output_files_options row = {
		.path = s->config->output_file,
		.size = s->config->rotate_size,
		.interval_ns = (uint64_t)(s->config->rotate_interval * 1e9),
		.last = s->resume->from.row != NULL ? s->resume->from.row->last : 0,
		.held = s->config->checkpoint_file != NULL,
	};

	if (output_files_open(&row, &s->output_files, e) != 0)
		return EXIT_INPUT;
	s->options.output.files = s->output_files;
	s->options.output.own_file = true;
	return EXIT_DONE;
}

enum exit_code scan_open_output(struct scan *s, struct error *e)
{
	const char *path = s->config->output_file;
	struct sink_options *o = &s->options.output;

	struct stat st;

	if (scan_rotates(s))
		return open_row(s, e);
	o->fd = STDOUT_FILENO;
	/* a dry run has no results; its probes go to the file, which the engine opens */
	if (path != NULL && strcmp(path, "-") != 0 && s->config->task != TASK_DRYRUN) {
		/* a resumed scan reads what it has written */
		o->fd = open(path,
			     (s->config->checkpoint_file != NULL ? O_RDWR : O_WRONLY) | O_CREAT | O_CLOEXEC,
			     0644);
		if (o->fd < 0) {
			error_set(e, -errno, "--output-file %s: %s", path, strerror(errno));
			return EXIT_INPUT;
		}
		s->output = o->fd;
		o->own_file = fstat(o->fd, &st) == 0 && S_ISREG(st.st_mode);
		s->output_named = o->own_file && st.st_nlink > 0;
	}
	if (screen_shared(o->fd)) {
		o->before_write = screen_before_write;
		o->after_write = screen_after_write;
	}
	return EXIT_DONE;
}

enum exit_code scan_clear_output(const struct scan *s, struct error *e)
{
	struct stat st;

	if (s->output < 0 || fstat(s->output, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (ftruncate(s->output, (off_t)s->output_bytes) == 0 &&
	     lseek(s->output, (off_t)s->output_bytes, SEEK_SET) >= 0))
		return EXIT_DONE;
	error_set(e, -errno, "--output-file %s: %s", s->config->output_file, strerror(errno));
	return EXIT_INPUT;
}

bool scan_output_removed(const struct scan *s)
{
	struct stat st;

	return s->output >= 0 && s->output_named && fstat(s->output, &st) == 0 && st.st_nlink == 0;
}

int scan_close_output(struct scan *s)
{
	const int fd = s->output, removed = scan_output_removed(s) ? -ENOENT : 0;

	s->output = -1;
	return fd >= 0 && close(fd) != 0 ? -errno : removed;
}

const char *scan_output_name(const struct scan *s)
{
	const char *path = s->config->output_file;

	return path != NULL && strcmp(path, "-") != 0 ? path : "standard output";
}
