/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what the user names to the domain: the union of the targets, less what was excluded, less
 * special-purpose space, less the host owner's policy. Every step keeps count, so that an empty remainder can
 * say who emptied it.
 */
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stages/classify/dedup.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

#ifndef ANYSCAN_POLICY_DIR
#define ANYSCAN_POLICY_DIR "/etc/anyscan-pipe"
#endif
#define LARGE_SCAN (1ULL << 30) /* targets that ask for an exclusion file or a confirmation */

struct allowed {
	struct target_set *set;
	uint64_t total; /* addresses before exclusion */
	uint64_t worst; /* most that one source took */
	char worst_source[256];
};

static enum exit_code failed(const struct error *e)
{
	return e->code == -ENOMEM ? EXIT_HOST : EXIT_INPUT;
}

/* A name is resolved once, here; what it resolved to is printed, since a scan goes to addresses. */
static enum exit_code resolve(const char *name, struct ranges *out, struct error *e)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	const int rc = getaddrinfo(name, NULL, &hints, &list);
	enum exit_code code = EXIT_DONE;

	if (rc != 0) {
		error_set(e, -EINVAL, "\"%s\" cannot be resolved: %s; write the address instead", name,
			  gai_strerror(rc));
		return EXIT_INPUT;
	}
	for (const struct addrinfo *a = list; a != NULL && code == EXIT_DONE; a = a->ai_next) {
		const uint32_t addr = ntohl(((const struct sockaddr_in *)a->ai_addr)->sin_addr.s_addr);

		screen_say(LEVEL_NOTICE, "%s is %u.%u.%u.%u", name, addr >> 24, addr >> 16 & 255,
			   addr >> 8 & 255, addr & 255);
		if (ranges_add(out, addr, addr) != 0) {
			error_set(e, -ENOMEM, "out of memory");
			code = EXIT_HOST;
		}
	}
	freeaddrinfo(list);
	return code;
}

/* One command-line operand: "-", or targets with commas or blanks between. */
static enum exit_code add_operand(const char *text, struct target_set *out, struct error *e)
{
	enum exit_code code = EXIT_DONE;
	char *copy, *rest, *item;

	if (strcmp(text, "-") == 0)
		return target_set_load("-", false, out, e) == 0 ? EXIT_DONE : failed(e);
	if (text[strspn(text, ", \t\r\n")] == '\0') {
		error_set(e, -EINVAL, "\"%s\" is not a target; write an address, prefix, range or host name",
			  text);
		return EXIT_INPUT;
	}
	copy = strdup(text);
	if (copy == NULL) {
		error_set(e, -ENOMEM, "out of memory");
		return EXIT_HOST;
	}
	rest = copy;
	while (code == EXIT_DONE && (item = strsep(&rest, ", \t\r\n")) != NULL) {
		int rc = *item != '\0' ? targets_parse(item, &out->ranges, e) : 0;

		if (rc == -ENOENT)
			code = resolve(item, &out->ranges, e);
		else if (rc != 0)
			code = failed(e);
	}
	free(copy);
	return code;
}

/* Only a list can be empty: an operand is refused at once. */
static const char *last_list(const struct config *c)
{
	if (c->address_lists.count > 0)
		return c->address_lists.item[c->address_lists.count - 1];
	if (c->allowlists.count > 0)
		return c->allowlists.item[c->allowlists.count - 1];
	return "standard input";
}

static enum exit_code gather(const struct config *c, struct target_set *out, struct error *e)
{
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; i < c->targets.count && code == EXIT_DONE; i++)
		code = add_operand(c->targets.item[i], out, e);
	for (size_t i = 0; i < c->allowlists.count && code == EXIT_DONE; i++)
		if (target_set_load(c->allowlists.item[i], false, out, e) != 0)
			code = failed(e);
	for (size_t i = 0; i < c->address_lists.count && code == EXIT_DONE; i++)
		if (target_set_load(c->address_lists.item[i], true, out, e) != 0)
			code = failed(e);
	if (code == EXIT_DONE && target_set_empty(out)) {
		error_set(e, -EINVAL,
			  "%s: the targets are an empty list; write an address, prefix or range a line",
			  last_list(c));
		code = EXIT_INPUT;
	}
	target_set_normalise(out);
	return code;
}

/* Normalises *out and takes it from the set, or keeps only it. Frees *out. */
static enum exit_code cut(struct allowed *a, struct ranges *out, bool keep, const char *source,
			  struct error *e)
{
	const uint64_t before = target_set_addresses(a->set);
	uint64_t taken;
	int rc;

	ranges_normalise(out);
	rc = keep ? target_set_intersect(a->set, out) : target_set_subtract(a->set, out);
	ranges_free(out);
	if (rc != 0) {
		error_set(e, rc, "out of memory");
		return EXIT_HOST;
	}
	taken = before - target_set_addresses(a->set);
	if (taken > a->worst) {
		a->worst = taken;
		snprintf(a->worst_source, sizeof(a->worst_source), "%s", source);
	}
	return EXIT_DONE;
}

static enum exit_code cut_file(struct allowed *a, const char *path, bool keep, struct error *e)
{
	struct ranges out = { .count = 0 };

	if (targets_load(path, &out, e) == 0)
		return cut(a, &out, keep, path, e);
	ranges_free(&out);
	return failed(e);
}

static enum exit_code cut_list(struct allowed *a, const char *text, struct error *e)
{
	struct ranges out = { .count = 0 };
	struct error why = { .code = 0 };

	if (targets_parse_list(text, &out, &why) == 0)
		return cut(a, &out, false, "--exclude", e);
	ranges_free(&out);
	error_set(e, why.code, "--exclude: %s", why.text);
	return failed(e);
}

static enum exit_code cut_reserved(struct allowed *a, int choice, struct error *e)
{
	const unsigned int which = choice == RESERVED_ALL ? RESERVED_NONE :
				   choice == RESERVED_IN  ? RESERVED_UNROUTABLE :
							    RESERVED_UNROUTABLE | RESERVED_SPECIAL;
	const char *name = target_set_empty(a->set) ? NULL : targets_reserved_name(target_set_first(a->set));
	struct ranges out = { .count = 0 };
	char source[160];

	if (targets_reserved(which, &out) != 0) {
		error_set(e, -ENOMEM, "out of memory");
		return EXIT_HOST;
	}
	snprintf(source, sizeof(source), "the special-purpose registry%s%s%s (--include-reserved%s)",
		 name != NULL ? " [" : "", name != NULL ? name : "", name != NULL ? "]" : "",
		 choice == RESERVED_IN ? "=all" : "");
	return cut(a, &out, false, source, e);
}

/* A policy that is there and cannot be read is not the same as none: only what is certainly absent is passed over. */
static enum exit_code cut_policy_file(struct allowed *a, const char *path, bool keep, struct error *e)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return cut_file(a, path, keep, e);
	if (errno == ENOENT || errno == ENOTDIR)
		return EXIT_DONE;
	error_set(e, -errno, "%s: %s; the policy of this host's owner must be readable by who scans", path,
		  strerror(errno));
	return EXIT_INPUT;
}

/* What the owner of the host allows; no option reads another file. */
static enum exit_code cut_policy(struct allowed *a, struct error *e)
{
	enum exit_code code = cut_policy_file(a, ANYSCAN_POLICY_DIR "/blocklist.conf", false, e);

	if (code == EXIT_DONE)
		code = cut_policy_file(a, ANYSCAN_POLICY_DIR "/allowlist.conf", true, e);
	return code;
}

static enum exit_code exclude(const struct config *c, struct allowed *a, struct error *e)
{
	enum exit_code code = EXIT_DONE;

	a->total = target_set_addresses(a->set);
	for (size_t i = 0; i < c->excludes.count && code == EXIT_DONE; i++)
		code = cut_list(a, c->excludes.item[i], e);
	for (size_t i = 0; i < c->blocklists.count && code == EXIT_DONE; i++)
		code = cut_file(a, c->blocklists.item[i], false, e);
	if (code == EXIT_DONE)
		code = cut_reserved(a, c->reserved, e);
	if (code == EXIT_DONE)
		code = cut_policy(a, e);
	if (code == EXIT_DONE && target_set_empty(a->set)) {
		error_set(
			e, -EINVAL,
			"no targets are left: %llu of your %llu targets are excluded by %s; exclude less, or name "
			"others",
			(unsigned long long)a->worst, (unsigned long long)a->total, a->worst_source);
		code = EXIT_INPUT;
	}
	return code;
}

static enum exit_code read_ports(struct scan *s, const struct target_set *named, struct error *e)
{
	const struct config *c = s->config;
	struct error why = { .code = 0 };
	int rc = ports_parse(c->ports != NULL ? c->ports : "0", &s->ports, &why);

	if (rc != 0) {
		error_set(e, rc, "--target-ports: %s", why.text);
		return EXIT_COMMAND;
	}
	if (named->pairs.count > 0 && !s->options.module->needs_ports) {
		error_set(e, -EINVAL, "%s: some lines have a port, and %s has none; write addresses alone",
			  last_list(c), s->options.module->name);
		return EXIT_INPUT;
	}
	if (c->ports == NULL && target_set_ported(named) > 0 && s->options.module->needs_ports) {
		error_set(e, -EINVAL, "%s: some lines have no port; write a.b.c.d:port, or -p 443 for those",
			  last_list(c));
		return EXIT_COMMAND;
	}
	return EXIT_DONE;
}

static enum exit_code cut_all(struct scan *s, struct target_set *named, struct error *e)
{
	struct allowed a = { .set = named };
	enum exit_code code;

	target_set_subtract_ports(named, &s->ports); /* what both name is probed once */
	const uint64_t ported = target_set_ported(named), pairs = named->pairs.count;

	code = exclude(s->config, &a, e);
	if (code == EXIT_DONE)
		s->excluded =
			(ported - target_set_ported(named)) * s->ports.count + pairs - named->pairs.count;
	return code;
}

static enum exit_code make_domain(struct scan *s, struct target_set *named, struct error *e)
{
	s->domain = domain_create_set(named, &s->ports, e);
	if (s->domain == NULL)
		return failed(e);
	s->options.domain = s->domain;
	domain_digest(s->domain, s->options.seed, s->digest);
	return EXIT_DONE;
}

static enum exit_code limit(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	const uint64_t size = domain_size(s->domain);

	s->options.max_targets = c->max_targets;
	/* a percentage is of what this shard would send */
	if (c->max_targets_percent > 0)
		s->options.max_targets =
			(uint64_t)ceil((double)size / (double)c->shards * c->max_targets_percent / 100);
	if (size > LARGE_SCAN && s->options.max_targets > LARGE_SCAN && c->blocklists.count == 0 &&
	    !c->yes_large_scan) {
		error_set(e, -EINVAL,
			  "%llu targets and no --blocklist-file: name those who wish not to be scanned with "
			  "-b FILE, or say --yes-large-scan",
			  (unsigned long long)size);
		return EXIT_INPUT;
	}
	return EXIT_DONE;
}

/* exact while its bitmap fits, a window beyond; asked for by name it must fit */
static enum exit_code choose_dedup(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	const uint64_t bytes = dedup_full_bytes(domain_size(s->domain));
	const bool fits = bytes <= c->dedup_memory;

	if (c->dedup == CHOICE_DEDUP_FULL && !fits) {
		error_set(
			e, -EINVAL,
			"--dedup-method full needs %llu bytes for %llu targets: raise --dedup-memory, or write "
			"window",
			(unsigned long long)bytes, (unsigned long long)domain_size(s->domain));
		return EXIT_COMMAND;
	}
	if (c->dedup == CHOICE_DEDUP_NONE)
		s->options.dedup = DEDUP_NONE;
	else
		s->options.dedup = c->dedup == CHOICE_DEDUP_WINDOW || !fits ? DEDUP_WINDOW : DEDUP_FULL;
	return EXIT_DONE;
}

enum exit_code scan_targets(struct scan *s, struct error *e)
{
	struct target_set named = { .ranges = { .count = 0 } };
	enum exit_code code = gather(s->config, &named, e);

	if (code == EXIT_DONE)
		code = read_ports(s, &named, e);
	if (code == EXIT_DONE)
		code = cut_all(s, &named, e);
	if (code == EXIT_DONE)
		code = make_domain(s, &named, e);
	if (code == EXIT_DONE)
		code = limit(s, e);
	if (code == EXIT_DONE)
		code = choose_dedup(s, e);
	target_set_free(&named);
	return code;
}
