/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int note_typed(const char *name, const char *value, struct config *c)
{
	struct typed_option *more = realloc(c->typed, (c->ntyped + 1) * sizeof(*more));
	char *copy = value != NULL ? strdup(value) : NULL;

	if (more != NULL)
		c->typed = more;
	if (more == NULL || (value != NULL && copy == NULL)) {
		free(copy);
		return -ENOMEM;
	}
	c->typed[c->ntyped++] = (struct typed_option){ .name = name, .value = copy };
	return 0;
}

static int add_target(const char *text, struct config *c, struct error *e)
{
	static const struct option_spec targets = { .name = "target",
						    .offset = offsetof(struct config, targets) };

	if (*text == '\0')
		return error_set(e, -EINVAL,
				 "\"\" is not a target; write an address, prefix, range or host name");
	if (note_typed("", text, c) < 0)
		return error_set(e, -ENOMEM, "out of memory");
	return option_list(&targets, text, c, e);
}

static int take_foreign(const struct foreign_option *, const char *, struct config *, bool *, struct error *);

static const struct command_line command_line = {
	.options = option_table,
	.foreign = foreign_options,
	.operand = add_target,
	.take_foreign = take_foreign,
	.typed = note_typed,
};

static int take_foreign(const struct foreign_option *f, const char *value, struct config *c, bool *given,
			struct error *e)
{
	const size_t notes = sizeof(c->notes) / sizeof(c->notes[0]);
	char stage[32];

	if (f->kind == FOREIGN_TARGET)
		return add_target(value, c, e);
	if (f->kind == FOREIGN_STAGE) {
		if (snprintf(stage, sizeof(stage), "%s=%s", f->means, value) >= (int)sizeof(stage))
			return error_set(e, -EINVAL, "\"%s\" is not a number of threads; write 1 to 1024",
					 value);
		return command_line_set(&command_line, "stages", stage, c, given, e);
	}
	if (c->nnotes < notes) /* FOREIGN_IGNORED */
		c->notes[c->nnotes++] = f->means;
	return 0;
}

const struct option_spec *option_find(const char *name)
{
	return option_named(option_table, name);
}

bool option_given(const struct config *c, const char *name)
{
	const struct option_spec *o = option_find(name);

	return o != NULL && c->given[o - option_table];
}

static bool names(const char *element, const char *option)
{
	const size_t len = strlen(option);

	return strncmp(element, option, len) == 0 && (element[len] == '\0' || element[len] == '=');
}

/*
 * A value that may be left out must be joined to its option, or it is taken for a target. For --resume FILE it may stand
 * apart where it cannot be left out: where no --checkpoint-file names the file. Returns argv, or a copy in own[].
 */
static char *const *join_resume(int *argc, char *const *argv, char **own, struct config *c)
{
	int at = 0, n = 0;

	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		if (names(argv[i], "--checkpoint-file"))
			return argv;
		if (strcmp(argv[i], "--resume") == 0 && at == 0)
			at = i;
	}
	if (at == 0 || at + 1 >= *argc || (argv[at + 1][0] == '-' && argv[at + 1][1] != '\0') ||
	    asprintf(&c->joined, "--resume=%s", argv[at + 1]) < 0)
		return argv;
	for (int i = 0; i < *argc; i++)
		if (i != at + 1)
			own[n++] = i == at ? c->joined : argv[i];
	own[n] = NULL;
	*argc = n;
	return own;
}

int options_parse(int argc, char *const *argv, struct config *c, struct error *e)
{
	char **own = calloc((size_t)argc + 1, sizeof(*own));
	int rc;

	memset(c, 0, sizeof(*c));
	c->max_targets = UINT64_MAX;
	c->max_results = UINT64_MAX;
	c->max_send_failures = UINT64_MAX;
	if (own == NULL)
		return error_set(e, -ENOMEM, "out of memory");
	argv = join_resume(&argc, argv, own, c);
	rc = command_line_parse(&command_line, argc, argv, c, c->given, e);
	free(own);
	if (rc != 0)
		options_free(c);
	return rc;
}

void options_free(struct config *c)
{
	struct text_list *const lists[] = { &c->targets,    &c->allowlists,    &c->blocklists,
					    &c->excludes,   &c->address_lists, &c->interfaces,
					    &c->source_ips, &c->gateway_ips,   &c->gateway_macs,
					    &c->source_macs };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		free(lists[i]->item);
		*lists[i] = (struct text_list){ .item = NULL };
	}
	for (size_t i = 0; i < c->ntyped; i++)
		free(c->typed[i].value);
	free(c->typed);
	free(c->joined);
	c->typed = NULL;
	c->ntyped = 0;
	c->joined = NULL;
}
