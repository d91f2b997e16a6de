/* SPDX-License-Identifier: Apache-2.0 */
/* The output modules, ns per record. The roof: text of the same length copied from where it lies ready. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/reply_feed.h"
#include "bench/report.h"
#include "stages/sink/output.h"

#define RECORDS (64u << 10)
#define BUFFER (64u << 10) /* as the sink's */

struct rig {
	const struct record *record;
	const struct output_module *module;
	const struct field *fields[OUTPUT_FIELDS_MAX];
	size_t nfields, length; /* of an average record */
};

static char buffer[BUFFER + OUTPUT_RECORD_MAX];

static double measured(void *arg)
{
	struct rig *r = arg;
	const double start = bench_cpu();
	uint64_t total = 0;
	size_t used = 0;

	for (uint32_t i = 0; i < RECORDS; i++) {
		const size_t n = r->module->format(r->fields, r->nfields, &r->record[i], buffer + used);

		used = used + n < BUFFER ? used + n : 0;
		total += n;
	}
	r->length = total / RECORDS;
	return (bench_cpu() - start) * 1e9 / RECORDS;
}

static double bare(void *arg)
{
	static char ready[OUTPUT_RECORD_MAX];
	const struct rig *r = arg;
	const double start = bench_cpu();
	size_t used = 0;

	for (uint32_t i = 0; i < RECORDS; i++) {
		memcpy(buffer + used, ready, r->length);
		__asm__ volatile("" ::: "memory");
		used = used + r->length < BUFFER ? used + r->length : 0;
	}
	return (bench_cpu() - start) * 1e9 / RECORDS;
}

static void run(const struct record *record, const char *module, const char *fields)
{
	struct rig r = { .record = record, .module = output_find(module) };
	char name[64];

	snprintf(name, sizeof(name), "%s %.40s", module, fields);
	for (const char *at = fields; *at != '\0';) {
		const size_t len = strcspn(at, ",");

		if (len == 1 && *at == '*')
			for (const struct field *f = record_fields; f->name != NULL; f++)
				r.fields[r.nfields++] = f;
		else
			r.fields[r.nfields++] = field_find(at, len);
		at += len + (at[len] == ',');
	}
	measured(&r); /* for the length */
	bench_pair(
		(struct bench_result){
			.bench = "format", .case_name = name, .cores = 1, .roof = "memcpy of ready text" },
		measured, bare, &r);
}

int main(void)
{
	struct domain *domain = internet(0, "443");
	struct reply *reply = feed_replies(domain);
	struct record *record = aligned_alloc(CACHE_LINE, RECORDS * sizeof(*record));

	if (record == NULL)
		abort();
	for (uint32_t i = 0; i < RECORDS; i++)
		record[i] = (struct record){ .reply = reply[i], .success = true };
	bench_pin_here();
	run(record, "list", "saddr");
	run(record, "list", "saddr,sport");
	run(record, "endpoint", "saddr,sport");
	run(record, "csv", "saddr,sport,classification");
	run(record, "csv", "saddr,sport,timestamp_str,ttl");
	run(record, "csv", "*");
	run(record, "json", "saddr,sport,classification");
	run(record, "json", "*");
	free(record);
	free(reply);
	domain_destroy(domain);
	return 0;
}
