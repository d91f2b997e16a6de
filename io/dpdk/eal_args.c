/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why each is added: without -l the EAL starts a thread on every core, and knows 128 of them; without a file prefix of
 * its own a second process fails; with files a crash leaves huge pages behind; without a list of PCI devices it takes
 * every one that is bound to vfio.
 */
#include "io/dpdk/eal_args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EAL_CORES_MAX 128 /* RTE_MAX_LCORE of distributions: the highest core that -l can name, plus one */
#define NO_HUGE_MB "1024" /* reserved, and touched only as far as it is used */
#define ADDED_MAX 12

enum quote {
	QUOTE_NONE = 0,
	QUOTE_SINGLE = '\'',
	QUOTE_DOUBLE = '"',
};

/* Takes the next word out of *text into *out, which has room for all of it. False: there is none. */
static bool next_word(const char **text, char **out, enum quote *quote)
{
	const char *s = *text + strspn(*text, " \t\n");
	char *to = *out;

	*quote = QUOTE_NONE;
	if (*s == '\0')
		return false;
	for (; *s != '\0' && (*quote != QUOTE_NONE || strchr(" \t\n", *s) == NULL); s++) {
		if (*quote == QUOTE_NONE && (*s == QUOTE_SINGLE || *s == QUOTE_DOUBLE)) {
			*quote = *s == QUOTE_SINGLE ? QUOTE_SINGLE : QUOTE_DOUBLE;
		} else if (*quote != QUOTE_NONE && *s == (char)*quote) {
			*quote = QUOTE_NONE;
		} else {
			if (*s == '\\' && *quote != QUOTE_SINGLE && s[1] != '\0')
				s++;
			*to++ = *s;
		}
	}
	*to++ = '\0';
	*out = to;
	*text = s;
	return true;
}

/* getopt_long() takes any beginning of a name that is long enough to be of one option only. */
static bool is_long(const char *word, const char *name)
{
	const size_t len = strcspn(word, "=");

	return len > 5 && strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, len - 2) == 0;
}

static bool is_short(const char *word, char letter)
{
	return letter != '\0' && word[0] == '-' && word[1] == letter;
}

static bool given(const struct dpdk_argv *a, char letter, const char *name)
{
	for (int i = 0; i < a->argc && strcmp(a->argv[i], "--") != 0; i++)
		if (is_short(a->argv[i], letter) || is_long(a->argv[i], name))
			return true;
	return false;
}

struct additions {
	const char *word[ADDED_MAX];
	int count;
	char core[24], prefix[32];
};

static void add(struct additions *more, const char *word)
{
	more->word[more->count++] = word;
}

static void add_cores(struct additions *more, const struct dpdk_argv *a, const struct dpdk_host *host)
{
	if (given(a, 'l', "lcores") || given(a, 'c', "lcores"))
		return;
	if (host->cpu < EAL_CORES_MAX) {
		snprintf(more->core, sizeof(more->core), "%d", host->cpu);
		add(more, "-l");
	} else {
		snprintf(more->core, sizeof(more->core), "0@%d", host->cpu);
		add(more, "--lcores");
	}
	add(more, more->core);
}

/* --in-memory beside --no-huge is fatal; a process that others share files with must have files. */
static void add_memory(struct additions *more, struct dpdk_argv *a, const struct dpdk_host *host)
{
	const bool no_huge = given(a, '\0', "no-huge"), in_memory = given(a, '\0', "in-memory"),
		   no_shconf = given(a, '\0', "no-shconf"),
		   files = given(a, '\0', "proc-type") || given(a, '\0', "huge-dir") ||
			   given(a, '\0', "huge-unlink") || given(a, '\0', "legacy-mem"),
		   huge = in_memory || files || given(a, '\0', "single-file-segments");

	if (no_huge || (!host->hugepages && !huge)) {
		if (!no_huge) {
			add(more, "--no-huge");
			snprintf(
				a->remark, sizeof(a->remark),
				"no %d MB of huge pages are free, so the EAL starts with --no-huge: slower, and not for "
				"PCI devices; to reserve 1 GiB: "
				"echo 512 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
				DPDK_HUGE_MB);
		}
		if (!given(a, 'm', "socket-mem")) {
			add(more, "-m");
			add(more, NO_HUGE_MB);
		}
		if (!files && !no_shconf)
			add(more, "--no-shconf");
	} else if (!in_memory && !files) {
		add(more, "--in-memory");
	}
	a->files = files && !in_memory && !no_shconf;
}

static void add_rest(struct additions *more, const struct dpdk_argv *a, const struct dpdk_host *host)
{
	if (!given(a, '\0', "file-prefix") && !given(a, '\0', "proc-type")) {
		snprintf(more->prefix, sizeof(more->prefix), "anyscan-%d", host->pid);
		add(more, "--file-prefix");
		add(more, more->prefix);
	}
	if (!given(a, '\0', "no-telemetry") && !given(a, '\0', "telemetry"))
		add(more, "--no-telemetry");
	/* A bridge, which no driver takes: what is named by -i is added to this list when it is probed. */
	if (!given(a, 'a', "allow") && !given(a, 'b', "block") && !given(a, '\0', "no-pci")) {
		add(more, "-a");
		add(more, "0000:00:00.0");
	}
}

/* Array and strings of argc words that have bytes in all, and of what is added. */
static int make(struct dpdk_argv *a, char **word, int words, const struct additions *more)
{
	size_t bytes = sizeof("anyscan");
	char *text;

	for (int i = 0; i < words; i++)
		bytes += strlen(word[i]) + 1;
	for (int i = 0; i < more->count; i++)
		bytes += strlen(more->word[i]) + 1;
	a->argc = 1 + more->count + words;
	a->argv = malloc(((size_t)a->argc + 1) * sizeof(*a->argv) + bytes);
	if (a->argv == NULL)
		return -ENOMEM;
	text = (char *)(a->argv + a->argc + 1);
	for (int i = 0; i < a->argc; i++) {
		a->argv[i] = text;
		text = stpcpy(text, i == 0	     ? "anyscan" :
				    i <= more->count ? more->word[i - 1] :
						       word[i - 1 - more->count]) +
		       1;
	}
	a->argv[a->argc] = NULL;
	return 0;
}

int dpdk_argv_make(const char *args, const struct dpdk_host *host, struct dpdk_argv *a, struct error *e)
{
	const char *text = args != NULL ? args : "";
	const size_t len = strlen(text);
	struct additions more = { .count = 0 };
	char *bytes = malloc(len + 2), *to = bytes;
	char **word = calloc(len / 2 + 2, sizeof(*word));
	enum quote quote = QUOTE_NONE;
	int words = 0, rc;

	*a = (struct dpdk_argv){ .argc = 0 };
	if (bytes == NULL || word == NULL) {
		rc = error_set(e, -ENOMEM, "no memory for the arguments of the EAL");
		goto fail;
	}
	for (char *at = to; quote == QUOTE_NONE && next_word(&text, &to, &quote); at = to)
		word[words++] = at;
	*a = (struct dpdk_argv){ .argc = words, .argv = word };
	if (given(a, 'h', "help")) {
		rc = error_set(
			e, -EINVAL,
			"--dpdk-eal \"%s\": the EAL would print its help and end; write dpdk-testpmd -h to read it",
			args);
		goto fail;
	}
	if (quote != QUOTE_NONE) {
		rc = error_set(
			e, -EINVAL,
			"--dpdk-eal \"%s\": the quotation mark %c is not closed; write another at its end",
			args, (char)quote);
		goto fail;
	}
	a->verbose = given(a, '\0', "log-level");
	add_cores(&more, a, host);
	add_memory(&more, a, host);
	add_rest(&more, a, host);
	a->argv = NULL;
	rc = make(a, word, words, &more);
	if (rc < 0)
		error_set(e, rc, "no memory for the arguments of the EAL");
	free(word);
	free(bytes);
	return rc;
fail:
	a->argv = NULL;
	free(word);
	free(bytes);
	return rc;
}

void dpdk_argv_free(struct dpdk_argv *a)
{
	free(a->argv);
	a->argv = NULL;
}
