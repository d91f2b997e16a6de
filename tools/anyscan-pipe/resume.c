/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 256 /* bytes of a message */

/* What the digest is of, and what results look like. "": targets. */
static const char *const fixed[] = { "",
				     "target-ports",
				     "allowlist-file",
				     "blocklist-file",
				     "exclude",
				     "include-reserved",
				     "list-of-ips-file",
				     "probes",
				     "probe-spacing",
				     "seed",
				     "shards",
				     "shard",
				     "probe-module",
				     "icmp",
				     "output-file",
				     "output-module",
				     "output-fields",
				     "output-filter",
				     "no-header-row",
				     NULL };

/* Options that a given one takes the place of: they say the same in another way. */
static const char *const superseded[][2] = {
	{ "rate", "bandwidth" }, { "bandwidth", "rate" },	  { "stages", "fuse" },
	{ "fuse", "stages" },	 { "resume", "checkpoint-file" },
};

static const char *const of_engine[] = { "xdp-mode", "dpdk-eal", NULL }; /* another one does not know them */

static bool typed(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->ntyped; i++)
		if (strcmp(c->typed[i].name, name) == 0)
			return true;
	return false;
}

/* "10.0.0.0/8 11.0.0.0/8" or "--exclude A --exclude B"; "no --exclude". */
struct values {
	char text[VALUES_MAX];
	size_t used, count;
};

static void add_value(struct values *v, const char *name, const char *value)
{
	const size_t room = sizeof(v->text) - v->used;
	const int n = snprintf(v->text + v->used, room, "%s%s%s%s%s", v->count > 0 ? " " : "",
			       name[0] != '\0' ? "--" : "", name, name[0] != '\0' && value != NULL ? " " : "",
			       value != NULL ? value : "");

	v->used += n > 0 && (size_t)n < room ? (size_t)n : room - 1;
	v->count++;
}

static void end_values(struct values *v, const char *name)
{
	if (v->count > 0)
		return;
	if (name[0] == '\0')
		snprintf(v->text, sizeof(v->text), "no target but from files");
	else
		snprintf(v->text, sizeof(v->text), "no --%s", name);
}

static bool said_then(const struct checkpoint *from, const char *name)
{
	for (size_t i = 0; i < from->noptions; i++)
		if (strcmp(from->options[i].name, name) == 0)
			return true;
	return false;
}

/* What holds where nothing was typed, or where it was typed in another way or folder. */
static void take_known(const struct checkpoint *from, const struct option_spec *o, struct values *v)
{
	char seed[32];

	if (strcmp(o->name, "output-file") == 0) {
		*v = (struct values){ .used = 0 };
		add_value(v, o->name, from->output_file);
	}
	if (v->count > 0)
		return;
	if (strcmp(o->name, "seed") == 0) {
		snprintf(seed, sizeof(seed), "%llu", (unsigned long long)from->seed);
		add_value(v, o->name, seed);
	} else if (strcmp(o->name, "output-module") == 0) {
		add_value(v, o->name, from->output_module);
	} else if (strcmp(o->name, "probe-module") == 0 && said_then(from, "icmp")) {
		add_value(v, o->name, "icmp_echoscan");
	} else if (o->initial != NULL) {
		add_value(v, o->name, o->initial);
	}
}

/* The same option, said now and then. */
static enum exit_code check_fixed(const struct checkpoint *from, const struct config *c, const char *name,
				  const char *path, struct error *e)
{
	const struct option_spec *o = name[0] != '\0' ? option_find(name) : NULL;
	struct values now = { .used = 0 }, then = { .used = 0 };

	for (size_t i = 0; i < c->ntyped; i++) {
		char *real = NULL;

		if (strcmp(c->typed[i].name, name) != 0)
			continue;
		if (strcmp(name, "output-file") == 0)
			real = realpath(c->typed[i].value, NULL);
		add_value(&now, name, real != NULL ? real : c->typed[i].value);
		free(real);
	}
	for (size_t i = 0; i < from->noptions; i++)
		if (strcmp(from->options[i].name, name) == 0)
			add_value(&then, name, from->options[i].value);
	if (o != NULL)
		take_known(from, o, &then);
	end_values(&then, name);
	if (strcmp(now.text, then.text) == 0)
		return EXIT_DONE;
	error_set(
		e, -EINVAL,
		"%s: the scan of %s has %s, which stays as it is; leave yours out, or start another scan with "
		"a --checkpoint-file of its own",
		now.text, path, then.text);
	return EXIT_COMMAND;
}

static enum exit_code check_all_fixed(const struct checkpoint *from, const struct config *c, const char *path,
				      struct error *e)
{
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; fixed[i] != NULL && code == EXIT_DONE; i++)
		if (typed(c, fixed[i]))
			code = check_fixed(from, c, fixed[i], path, e);
	return code;
}

/* The first run's option is still wanted: not said anew, nor made pointless by another one. */
static bool still_wanted(const struct checkpoint *from, const struct config *c, const char *name)
{
	if (strcmp(name, "resume") == 0 || strcmp(name, "output-file") == 0)
		return false;
	for (size_t i = 0; of_engine[i] != NULL; i++)
		if (strcmp(of_engine[i], name) == 0 && typed(c, "io-engine") &&
		    resume_changes_engine(from, c))
			return false;
	for (size_t i = 0; i < sizeof(superseded) / sizeof(superseded[0]); i++)
		if (strcmp(superseded[i][1], name) == 0 && typed(c, superseded[i][0]))
			return false;
	return !typed(c, name);
}

static char *as_argument(const char *name, const char *value)
{
	char *text;

	/* an alias of ours for a target that may begin with a dash, as "-" does */
	if (asprintf(&text, "--%s%s%s", name[0] != '\0' ? name : "target-range", value != NULL ? "=" : "",
		     value != NULL ? value : "") < 0)
		return NULL;
	return text;
}

/* The options of then that are still wanted, and those of now. Returns how many, or -ENOMEM. */
static int compose(struct resume *r, const char *program_name, const struct config *c)
{
	const struct checkpoint *from = &r->from;
	int n = 0;

	r->argv = calloc(from->noptions + c->ntyped + 4, sizeof(*r->argv));
	if (r->argv == NULL)
		return -ENOMEM;
	r->argv[n++] = strdup(program_name);
	for (size_t i = 0; i < from->noptions; i++)
		if (still_wanted(from, c, from->options[i].name))
			r->argv[n++] = as_argument(from->options[i].name, from->options[i].value);
	for (size_t i = 0; i < c->ntyped; i++)
		if (strcmp(c->typed[i].name, "resume") != 0 && strcmp(c->typed[i].name, "output-file") != 0 &&
		    strcmp(c->typed[i].name, "checkpoint-file") != 0)
			r->argv[n++] = as_argument(c->typed[i].name, c->typed[i].value);
	r->argv[n++] = as_argument("output-file", from->output_file); /* wherever we stand now */
	r->argv[n++] = as_argument("checkpoint-file", r->path);
	for (int i = 0; i < n; i++)
		if (r->argv[i] == NULL)
			return -ENOMEM;
	return n;
}

/* The command line once more, with what the checkpoint adds. */
static enum exit_code parse_again(struct resume *r, const char *program_name, struct config *c,
				  struct error *e)
{
	const int argc = compose(r, program_name, c);
	struct config whole;

	if (argc < 0) {
		error_set(e, argc, "out of memory");
		return EXIT_HOST;
	}
	if (options_parse(argc, r->argv, &whole, e) != 0)
		return EXIT_COMMAND;
	options_free(c);
	*c = whole;
	return EXIT_DONE;
}

static enum exit_code choose_path(const struct config *c, const char **path, struct error *e)
{
	*path = c->checkpoint_file;
	if (c->checkpoint_file == NULL && c->resume[0] == '\0') {
		error_set(e, -EINVAL, "--resume: of which scan? write --resume FILE, its checkpoint");
		return EXIT_COMMAND;
	}
	if (c->checkpoint_file == NULL)
		*path = c->resume;
	if (c->checkpoint_file == NULL || c->resume[0] == '\0' || strcmp(c->checkpoint_file, c->resume) == 0)
		return EXIT_DONE;
	error_set(
		e, -EINVAL,
		"--resume=%s and --checkpoint-file %s: the scan that is resumed goes on in its own checkpoint; "
		"write --resume %s alone",
		c->resume, c->checkpoint_file, c->resume);
	return EXIT_COMMAND;
}

/* A scan that goes on from the checkpoint before the last one writes to where the last one is. */
static char *path_to_write(const char *path)
{
	const size_t len = strlen(path), tail = strlen(CHECKPOINT_PREVIOUS);

	if (len > tail && strcmp(path + len - tail, CHECKPOINT_PREVIOUS) == 0)
		return strndup(path, len - tail);
	return strdup(path);
}

enum exit_code resume_load(struct resume *r, int argc, char *const *argv, struct config *c, struct error *e)
{
	enum exit_code code;
	const char *path;
	int rc;

	*r = (struct resume){ .path = NULL };
	if (c->resume == NULL)
		return EXIT_DONE;
	code = choose_path(c, &path, e);
	if (code != EXIT_DONE)
		return code;
	rc = checkpoint_read(path, &r->from, e);
	if (rc == -ENOENT && c->checkpoint_file != NULL) {
		e->text[0] = '\0';
		return EXIT_DONE;
	}
	if (rc < 0)
		return EXIT_INPUT;
	code = check_all_fixed(&r->from, c, path, e);
	r->over = r->from.finished;
	if (code == EXIT_DONE && !r->over)
		code = resume_check_engine(&r->from, c, path, e);
	if (code != EXIT_DONE || r->over)
		return code;
	r->path = path_to_write(path);
	if (r->path == NULL) {
		error_set(e, -ENOMEM, "out of memory");
		return EXIT_HOST;
	}
	return parse_again(r, argc > 0 ? argv[0] : program.name, c, e);
}

void resume_free(struct resume *r)
{
	checkpoint_free(&r->from);
	free(r->path);
	for (size_t i = 0; r->argv != NULL && r->argv[i] != NULL; i++)
		free(r->argv[i]);
	free(r->argv);
	*r = (struct resume){ .path = NULL };
}
