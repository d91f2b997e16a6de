/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of pipeline_stats that add up over the runs of a scan, by their names in the metadata. */
#include <json-c/json.h>
#include <string.h>

#include "stages/checkpoint/checkpoint.h"

#define COUNT(text, member) \
	{ \
		text, offsetof(struct pipeline_stats, member) \
	}

static const struct {
	const char *name;
	size_t offset;
} plain[] = {
	COUNT("probes_sent", sent),
	COUNT("send_refused", refused),
	COUNT("send_abandoned", abandoned),
	COUNT("probes_spared", spared),
	COUNT("excluded_live", excluded),
	COUNT("targets_unresolved", unresolved),
	COUNT("rst_sent", rst_sent),
	COUNT("rst_dropped", rst_dropped),
	COUNT("frames_received", received),
	COUNT("replies_valid", valid),
	COUNT("success_unique", success),
	COUNT("results", results),
	COUNT("results_written", output.written),
	COUNT("results_lost", results_lost),
	COUNT("duplicates", duplicates),
	COUNT("send_lost", send_lost),
	COUNT("drops", drops),
};
#define PLAIN (sizeof(plain) / sizeof(plain[0]))

static uint64_t *plain_at(struct pipeline_stats *s, size_t i)
{
	return (uint64_t *)((char *)s + plain[i].offset);
}

static uint64_t plain_of(const struct pipeline_stats *s, size_t i)
{
	return *(const uint64_t *)((const char *)s + plain[i].offset);
}

void checkpoint_add(struct pipeline_stats *sum, const struct pipeline_stats *run)
{
	for (size_t i = 0; i < PLAIN; i++)
		*plain_at(sum, i) += plain_of(run, i);
	for (unsigned int i = 0; i < REPLY_CLASSES; i++)
		sum->class[i] += run->class[i];
	for (unsigned int i = 0; i < REJECT_CAUSES; i++)
		sum->rejects[i] += run->rejects[i];
}

static struct json_object *named_json(const uint64_t *count, const char *const *name, unsigned int n)
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 0; i < n; i++)
		if (name[i] != NULL)
			json_object_object_add(o, name[i], json_object_new_uint64(count[i]));
	return o;
}

struct json_object *checkpoint_totals_json(const struct pipeline_stats *s)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < PLAIN; i++)
		json_object_object_add(o, plain[i].name, json_object_new_uint64(plain_of(s, i)));
	json_object_object_add(o, "classes", named_json(s->class, reply_class_names, REPLY_CLASSES));
	json_object_object_add(o, "rejects", named_json(s->rejects, reject_names, REJECT_CAUSES));
	return o;
}

/* One that is not there is 0: an older program did not count it. */
static bool get_count(struct json_object *o, const char *name, uint64_t *count)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, name, &value))
		return true;
	*count = json_object_get_uint64(value);
	return json_object_is_type(value, json_type_int);
}

static bool get_named(struct json_object *o, const char *key, uint64_t *count, const char *const *name,
		      unsigned int n)
{
	struct json_object *list;
	bool ok = true;

	if (!json_object_object_get_ex(o, key, &list))
		return true;
	if (!json_object_is_type(list, json_type_object))
		return false;
	for (unsigned int i = 0; i < n; i++)
		if (name[i] != NULL)
			ok &= get_count(list, name[i], &count[i]);
	return ok;
}

bool checkpoint_totals_parse(struct json_object *o, struct pipeline_stats *s)
{
	bool ok = json_object_is_type(o, json_type_object);

	for (size_t i = 0; i < PLAIN && ok; i++)
		ok = get_count(o, plain[i].name, plain_at(s, i));
	return ok && get_named(o, "classes", s->class, reply_class_names, REPLY_CLASSES) &&
	       get_named(o, "rejects", s->rejects, reject_names, REJECT_CAUSES);
}
