/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stages/sink/output.h"
#include "stages/sink/readback.h"

static const struct field *fields[OUTPUT_FIELDS_MAX];
static char text[OUTPUT_RECORD_MAX];

static struct sink_options options(const struct output_module *module, const char *list)
{
	struct sink_options o = { .module = module, .fields = fields, .header = true };

	if (list == NULL) {
		for (const struct field *f = record_fields; f->name != NULL; f++)
			fields[o.nfields++] = f;
		return o;
	}
	while (*list != '\0') {
		const size_t len = strcspn(list, ",");

		fields[o.nfields] = field_find(list, len);
		cr_assert_not_null(fields[o.nfields++]);
		list += len + (list[len] == ',');
	}
	return o;
}

/* What a module writes is what is read, for every class of reply. */
static void round_trip(const struct output_module *module, const char *list, int only_port)
{
	const struct sink_options o = options(module, list);
	const bool says = list == NULL || strstr(list, "class") != NULL || strstr(list, "success") != NULL;
	struct readback r;
	struct error e = { 0 };

	cr_assert_eq(readback_init(&r, &o, only_port, !says, &e), 0, "%s", e.text);
	for (unsigned int class = 0; class < REPLY_CLASSES; class ++) {
		struct record record = { .reply = { .class = (uint8_t) class,
						    .saddr = 0xffa00b01 + class,
						    .daddr = 0x01020304,
						    .sport = only_port >= 0 ? (uint16_t)only_port : 65535,
						    .responder = 0x05060708,
						    .icmp_type = 3,
						    .icmp_code = 13,
						    .time_ns = 1700000000123456789 },
					 .success = reply_success((uint8_t) class) };
		const size_t n = module->format(o.fields, o.nfields, &record, text);
		struct readback_record found;

		text[n - 1] = '\0';
		cr_assert(readback_line(&r, text, n - 1, &found), "%s", text);
		cr_assert_eq(found.addr, record.reply.saddr, "%s", text);
		cr_assert_eq(found.port, record.reply.sport, "%s", text);
		cr_assert_eq(found.success, says ? record.success : true, "%s", text);
		for (size_t cut = 0; cut < n - 1; cut++) { /* never more than a record that looks whole */
			char copy[OUTPUT_RECORD_MAX];

			memcpy(copy, text, cut);
			copy[cut] = '\0';
			readback_line(&r, copy, cut, &found);
		}
	}
}

Test(readback, every_module)
{
	const struct output_module *const rows[] = { &output_csv, &output_json, &output_list };

	for (size_t i = 0; i < 3; i++) {
		round_trip(rows[i], NULL, -1);
		round_trip(rows[i], "saddr", 443);
		round_trip(rows[i], "saddr,sport", -1);
		round_trip(rows[i], "sport,saddr", -1);
		round_trip(rows[i], "timestamp_str,classification,sport,ttl,saddr", -1);
		round_trip(rows[i], "success,icmp_unreach_str,saddr", 80);
	}
	round_trip(&output_endpoint, "saddr", 443);
	round_trip(&output_endpoint, "saddr,sport", -1);
}

static void refuse(const struct output_module *module, const char *list, int only_port, bool successes,
		   const char *word)
{
	const struct sink_options o = options(module, list);
	struct readback r;
	struct error e = { 0 };

	cr_assert_eq(readback_init(&r, &o, only_port, successes, &e), -EINVAL);
	cr_assert(strstr(e.text, word) != NULL, "%s", e.text);
}

Test(readback, fields_that_name_no_target)
{
	refuse(&output_csv, "ttl", 80, true, "add saddr to --output-fields");
	refuse(&output_csv, "ttl", -1, true, "add saddr,sport to --output-fields");
	refuse(&output_json, "saddr", -1, true, "add sport to --output-fields");
	refuse(&output_list, "sport", -1, true, "add saddr to --output-fields");
	refuse(&output_csv, "saddr", 80, false, "add classification or success to --output-fields");
}

static void no_record(const struct output_module *module, const char *list, const char *line)
{
	const struct sink_options o = options(module, list);
	struct readback_record found;
	struct readback r;

	readback_init(&r, &o, -1, true, NULL);
	cr_assert_not(readback_line(&r, line, strlen(line), &found), "%s", line);
}

Test(readback, what_is_no_record)
{
	static const char *const rows[] = { "",
					    "1.2.3.4",
					    "1.2.3.4,",
					    "1.2.3,80",
					    "1.2.3.4,65536",
					    "1.2.3.256,80",
					    "1.2.3.4,80,",
					    "1.2.3.4.5,80",
					    "1.2.3.4, 80",
					    "a.b.c.d,80" };
	static const char *const objects[] = { "",
					       "{",
					       "{}",
					       "{\"saddr\":\"1.2.3.4\"}",
					       "{\"saddr\":\"1.2.3.4\",\"sport\":80",
					       "{\"saddr\":\"1.2.3.4\",\"sport\":80}}",
					       "{\"saddr\":\"1.2.3.4\",\"other\":80}",
					       "{\"saddr\":\"1.2.3.4\",\"sport\":}",
					       "{\"saddr:1.2.3.4,sport:80}" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		no_record(&output_csv, "saddr,sport", rows[i]);
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		no_record(&output_json, "saddr,sport", objects[i]);
	no_record(&output_list, "saddr,sport", "1.2.3.4,80");
	no_record(&output_endpoint, "saddr", "1.2.3.4");
}

static void add(void *sum, const struct readback_record *r)
{
	*(uint64_t *)sum += r->addr;
}

/* Returns where the file ends, or a negative errno. */
static int64_t read_file(const char *content, uint64_t committed, bool header, uint64_t records)
{
	struct sink_options o = options(&output_csv, "saddr,ttl");
	struct readback_result result;
	struct readback r;
	uint64_t sum = 0;
	FILE *f = tmpfile();
	int rc;

	o.header = header;
	fputs(content, f);
	fflush(f);
	readback_init(&r, &o, 80, true, NULL);
	rc = readback_file(&r, "f", fileno(f), 0, committed, add, &sum, &result, NULL);
	fclose(f);
	if (rc < 0)
		return rc;
	cr_assert_eq(result.records, records);
	cr_assert_eq(sum, records * (records + 1) / 2);
	cr_assert_eq(result.successes, records);
	return (int64_t)result.bytes;
}

Test(readback, a_file)
{
	cr_assert_eq(read_file("", 0, true, 0), 0);
	cr_assert_eq(read_file("saddr,t", 0, true, 0), 0); /* killed while the first write was going on */
	cr_assert_eq(read_file("saddr,ttl\n", 10, true, 0), 10);
	cr_assert_eq(read_file("saddr,ttl\n0.0.0.1,1\n0.0.0.2,1\n", 20, true, 2), 30);
	cr_assert_eq(read_file("0.0.0.1,1\n0.0.0.2,1\n", 0, false, 2), 20);
	cr_assert_eq(read_file("0.0.0.1,1\n0.0.0.2,1", 10, false, 1), 10); /* the last line is cut */
	cr_assert_eq(read_file("0.0.0.1,1\n0.0.", 10, false, 1), 10);
	cr_assert_eq(read_file("0.0.0.1,1\nrubbish\n0.0.0.2,1\n", 10, false, 1),
		     10); /* after a loss of power */
	cr_assert_eq(read_file("0.0.0.1,1\nrubbish\n0.0.0.2,1\n", 28, false, 1), -EBADMSG);
	cr_assert_eq(read_file("0.0.0.1,1\n", 20, false, 1), -EBADMSG);
	cr_assert_eq(read_file("other,ttl\n0.0.0.1,1\n", 10, true, 0), -EBADMSG);
}
