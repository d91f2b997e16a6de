/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sink/metadata.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "anyscan/policy.h"
#include "stages/sink/exclusion_text.h"
#include "stages/sink/output_files.h"
#include "stages/sink/utf8.h"

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static void put_count(struct json_object *o, const char *key, uint64_t value)
{
	put(o, key, json_object_new_uint64(value));
}

/* Arguments and names of files are bytes, JSON is UTF-8, and json-c does not look: what is none becomes U+FFFD. */
static struct json_object *new_text(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	char *clean = malloc(UTF8_REPLACEMENT_LEN * strlen(text) + 1);
	struct json_object *o;
	size_t n = 0;

	if (clean == NULL)
		return NULL;
	while (*at != '\0') {
		const size_t len = utf8_length(at);

		memcpy(clean + n, len > 0 ? (const char *)at : utf8_replacement,
		       len > 0 ? len : UTF8_REPLACEMENT_LEN);
		n += len > 0 ? len : UTF8_REPLACEMENT_LEN;
		at += len > 0 ? len : 1;
	}
	o = json_object_new_string_len(clean, (int)n);
	free(clean);
	return o;
}

static void put_text(struct json_object *o, const char *key, const char *text)
{
	put(o, key, text != NULL ? new_text(text) : NULL);
}

/* Six decimals are more than any clock here is good for, and 0.1 stays 0.1. */
static void put_real(struct json_object *o, const char *key, double value)
{
	char text[48];

	snprintf(text, sizeof(text), "%.6f", value);
	for (size_t n = strlen(text); n > 2 && text[n - 1] == '0' && text[n - 2] != '.'; n--)
		text[n - 1] = '\0';
	put(o, key, json_object_new_double_s(value, text));
}

static void put_time(struct json_object *o, const char *key, uint64_t ns)
{
	const time_t seconds = (time_t)(ns / 1000000000);
	char text[40];
	struct tm tm;
	size_t n;

	if (ns == 0) {
		put(o, key, NULL);
		return;
	}
	gmtime_r(&seconds, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03uZ", (unsigned int)(ns / 1000000 % 1000));
	put_text(o, key, text);
}

static struct json_object *argv_array(const struct metadata *m)
{
	struct json_object *array = json_object_new_array();

	for (int i = 0; i < m->argc; i++)
		json_object_array_add(array, new_text(m->argv[i]));
	return array;
}

static struct json_object *plan_array(const char *plan)
{
	struct json_object *array = json_object_new_array();

	while (plan != NULL && *plan != '\0') {
		const size_t len = strcspn(plan, "\n");

		json_object_array_add(array, json_object_new_string_len(plan, (int)len));
		plan += len + (plan[len] == '\n');
	}
	return array;
}

static struct json_object *rejects_object(const struct pipeline_stats *s)
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = REJECT_NONE + 1; i < REJECT_CAUSES; i++)
		put_count(o, reject_names[i], s->rejects[i]);
	return o;
}

static struct json_object *classes_object(const struct pipeline_stats *s)
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 0; i < REPLY_CLASSES; i++)
		put_count(o, reply_class_names[i], s->class[i]);
	return o;
}

static uint64_t reading_before(const struct metadata_interface *i, const char *name)
{
	for (size_t r = 0; r < i->befores; r++)
		if (strcmp(i->before[r].name, name) == 0)
			return i->before[r].value;
	return 0;
}

/* By cause: what the kernel and the NICs lost since the start, all interfaces together, and our own. */
static struct json_object *drops_object(const struct metadata *m)
{
	struct json_object *o = json_object_new_object(), *old;

	for (size_t i = 0; i < m->ninterfaces; i++) {
		for (size_t r = 0; r < m->interfaces[i].afters; r++) {
			const struct reading *reading = &m->interfaces[i].after[r];
			uint64_t lost = reading->value - reading_before(&m->interfaces[i], reading->name);

			if (reading->kind != READING_DROP)
				continue;
			if (json_object_object_get_ex(o, reading->name, &old))
				lost += json_object_get_uint64(old);
			put_count(o, reading->name, lost);
		}
	}
	put_count(o, "results_lost", m->stats->results_lost);
	return o;
}

static struct json_object *readings_object(const struct reading *readings, size_t n)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < n; i++)
		put_count(o, readings[i].name, readings[i].value);
	return o;
}

static struct json_object *interfaces_array(const struct metadata *m)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < m->ninterfaces; i++) {
		const struct metadata_interface *interface = &m->interfaces[i];
		struct json_object *o = json_object_new_object();

		put_text(o, "name", interface->name);
		put_text(o, "mode", interface->mode);
		put_real(o, "down_seconds", interface->down_s);
		put(o, "before", readings_object(interface->before, interface->befores));
		put(o, "after", readings_object(interface->after, interface->afters));
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *stages_array(const struct metadata *m)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < m->nstages; i++) {
		struct json_object *o = json_object_new_object();

		put_text(o, "name", m->stages[i].name);
		put_count(o, "index", m->stages[i].index);
		put_count(o, "items", m->stages[i].items);
		put_count(o, "stalled", m->stages[i].stalled);
		put_count(o, "starved", m->stages[i].starved);
		put_real(o, "busy", m->stages[i].busy);
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *edges_array(const struct metadata *m)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < m->nedges; i++) {
		struct json_object *o = json_object_new_object();

		put_text(o, "name", m->edges[i].name);
		put_count(o, "items", m->edges[i].items);
		put_count(o, "blocks", m->edges[i].blocks);
		put_count(o, "stalled", m->edges[i].stalled);
		put_count(o, "starved", m->edges[i].starved);
		put_count(o, "pool", m->edges[i].pool);
		json_object_array_add(array, o);
	}
	return array;
}

static void put_file(struct json_object *o, const char *key, const char *path, uint64_t number)
{
	char name[PATH_MAX];

	output_files_name(path, number, name, sizeof(name));
	put_text(o, key, number > 0 ? name : NULL);
}

/* Those complete; null where there is one file. */
static struct json_object *output_files_object(const struct metadata *m)
{
	struct json_object *o;

	if (m->output_row == NULL)
		return NULL;
	o = json_object_new_object();
	put_count(o, "count", m->stats->output.files);
	put_file(o, "first", m->output_row, m->stats->output.first_file);
	put_file(o, "last", m->output_row, m->stats->output.last_file);
	return o;
}

/* By option: what could not be written, and why. */
static struct json_object *write_errors_object(const struct metadata *m)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < m->nwrite_errors; i++)
		put_text(o, m->write_errors[i].option, m->write_errors[i].why);
	return o;
}

/* What was asked for while it ran, so that the next scan can leave it out from the start. */
static struct json_object *exclusions_array(const struct metadata *m)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < m->nexclusions; i++) {
		struct json_object *o = json_object_new_object();
		char text[EXCLUSION_TEXT_MAX];

		put_text(o, "range", exclusion_text(&m->exclusions[i], text));
		put_time(o, "since", m->exclusions[i].since_ns);
		json_object_array_add(array, o);
	}
	return array;
}

/* Where --rate auto has come to rest, why, and on which way. */
static struct json_object *auto_rate_object(const struct metadata *m)
{
	struct json_object *o, *changes, *c;

	if (m->auto_rate == NULL)
		return NULL;
	o = json_object_new_object();
	put_real(o, "floor", m->auto_rate->range.floor);
	put_real(o, "ceiling", m->auto_rate->range.ceiling);
	put_real(o, "settled", m->auto_rate->settled);
	put_text(o, "state", auto_rate_state_names[m->auto_rate->state]);
	put_text(o, "cause", m->auto_rate->cause[0] != '\0' ? m->auto_rate->cause : NULL);
	put_count(o, "changes", m->auto_history->all);
	changes = json_object_new_array();
	for (size_t i = 0; i < m->auto_history->count; i++) {
		const struct auto_rate_change *change = &m->auto_history->change[i];

		c = json_object_new_object();
		put_time(c, "since", change->at_ns);
		put_real(c, "rate", change->rate);
		put_text(c, "state", auto_rate_state_names[change->state]);
		put_text(c, "cause", change->cause[0] != '\0' ? change->cause : NULL);
		json_object_array_add(changes, c);
	}
	put(o, "latest", changes);
	return o;
}

static void put_settings(struct json_object *o, const struct metadata *m)
{
	struct utsname host;

	put_text(o, "version", m->version);
	put(o, "argv", argv_array(m));
	put_text(o, "notes", m->notes);
	if (uname(&host) == 0) {
		put_text(o, "hostname", host.nodename);
		put_text(o, "kernel", host.release);
	}
	put_count(o, "seed", m->seed);
	put_count(o, "shard", m->shard);
	put_count(o, "shards", m->shards);
	put_text(o, "domain_digest", m->domain_digest);
	put_count(o, "targets_total", m->targets_total);
	put_count(o, "targets_excluded", m->targets_excluded);
	put_text(o, "io_engine", m->io_engine);
	put_text(o, "io_engine_why", m->io_engine_why);
	put_text(o, "io_mode", m->ninterfaces > 0 ? m->interfaces[0].mode : NULL);
	put(o, "plan", plan_array(m->plan));
	if (m->rate > RATE_MAX)
		put_real(o, "rate", m->rate);
	else
		put(o, "rate", NULL);
	put(o, "auto_rate", auto_rate_object(m));
	put_real(o, "cooldown_secs", m->cooldown_s);
	put_count(o, "probes", m->probes);
	put_real(o, "probe_spacing", m->spacing_s);
	put_text(o, "probe_module", m->probe_module);
	put_text(o, "rst", m->rst ? "on" : "off");
}

static void put_outcome(struct json_object *o, const struct metadata *m)
{
	const struct pipeline_stats *s = m->stats;

	put_time(o, "send_start", m->send_start_ns);
	put_time(o, "send_end", m->send_end_ns);
	put_count(o, "runs", m->runs);
	put_real(o, "send_seconds", m->earlier_send_s + (double)pipeline_sending_ns(s) / 1e9);
	put_real(o, "paused_seconds", (double)s->paused_ns / 1e9);
	put_count(o, "probes_sent", s->sent);
	put_count(o, "probes_spared", s->spared);
	put_count(o, "excluded_live", s->excluded);
	put(o, "exclusions_live", exclusions_array(m));
	put_count(o, "send_refused", s->refused);
	put_count(o, "send_abandoned", s->abandoned);
	put_count(o, "rst_sent", s->rst_sent);
	put_count(o, "rst_dropped", s->rst_dropped);
	put_count(o, "targets_unresolved", s->unresolved);
	put_count(o, "frames_received", s->received);
	put_count(o, "replies_valid", s->valid);
	put_count(o, "success_unique", s->success);
	put(o, "classes", classes_object(s));
	put_count(o, "results", s->results);
	put_count(o, "results_written", s->output.written);
	put_count(o, "results_lost", s->results_lost);
	put(o, "output_files", output_files_object(m));
	put_count(o, "duplicates", s->duplicates);
	put(o, "dedup_exact", json_object_new_boolean(s->dedup_exact));
	put(o, "rejects", rejects_object(s));
	put(o, "drops", drops_object(m));
	put(o, "stages", stages_array(m));
	put(o, "edges", edges_array(m));
	put(o, "interfaces", interfaces_array(m));
	put(o, "write_errors", write_errors_object(m));
	put_text(o, "end_reason", m->end_reason);
	put(o, "exit_code", m->end_reason != NULL ? json_object_new_int(m->exit_code) : NULL);
}

char *metadata_text(const struct metadata *m)
{
	struct json_object *o = json_object_new_object();
	const char *body;
	char *text = NULL;

	if (o == NULL)
		return NULL;
	put_settings(o, m);
	put_outcome(o, m);
	body = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (body != NULL && asprintf(&text, "%s\n", body) < 0)
		text = NULL;
	json_object_put(o);
	return text;
}
