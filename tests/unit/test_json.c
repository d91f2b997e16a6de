/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <string.h>

#include "stages/sink/output.h"

static const struct record reply = {
	.reply = { .saddr = 0x08080404, .sport = 53, .seqnum = 4294967295, .class = REPLY_SYNACK },
	.success = true,
};

static const char *awkward; /* what the field below holds, NULL: nothing */

static void get_awkward(const struct record *r, struct field_value *v)
{
	(void)r;
	v->null = awkward == NULL;
	snprintf(v->text, sizeof(v->text), "%s", awkward != NULL ? awkward : "");
}

static const struct field awkward_field = { .name = "awkward", .type = FIELD_STRING, .get = get_awkward };

static void expect_line(const struct field *const *fields, size_t n, const char *expected)
{
	char buf[OUTPUT_RECORD_MAX];
	const size_t len = output_json.format(fields, n, &reply, buf);

	buf[len] = '\0';
	cr_expect_str_eq(buf, expected);
}

static void expect_string(const char *text, const char *expected)
{
	char buf[6 * 48 + 3];

	buf[json_string(text, buf)] = '\0';
	cr_expect_str_eq(buf, expected);
}

Test(json, types_and_order)
{
	const struct field *const fields[] = {
		field_find("sport", 5),	 field_find("saddr", 5),  field_find("success", 7),
		field_find("repeat", 6), field_find("seqnum", 6),
	};

	expect_line(
		fields, 5,
		"{\"sport\":53,\"saddr\":\"8.8.4.4\",\"success\":true,\"repeat\":false,\"seqnum\":4294967295}\n");
}

Test(json, null_is_left_out)
{
	const struct field *const fields[] = { field_find("icmp_type", 9), field_find("sport", 5),
					       &awkward_field };

	awkward = NULL;
	expect_line(fields, 3, "{\"sport\":53}\n");
	expect_line(fields, 1, "{}\n");
	awkward = "";
	expect_line(fields, 3, "{\"sport\":53,\"awkward\":\"\"}\n");
}

Test(json, has_no_header)
{
	const struct field *const fields[] = { field_find("saddr", 5) };
	char buf[64];

	cr_expect_eq(output_json.header(fields, 1, buf, sizeof(buf)), 0);
}

Test(json, escapes)
{
	expect_string("plain /text", "\"plain /text\"");
	expect_string("say \"no\" \\", "\"say \\\"no\\\" \\\\\"");
	expect_string("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
	expect_string("\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"");
}

Test(json, utf8_stays_and_what_is_none_is_replaced)
{
	expect_string("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7\"");
	expect_string("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
		      "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"");
	/* a lone continuation byte, an overlong slash, a surrogate, beyond U+10FFFF, cut short before a quote and the end */
	expect_string("\x80", "\"\xef\xbf\xbd\"");
	expect_string("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_string("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_string("\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_string("\xe2\x82\"", "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\"");
	expect_string("\xf0\x9f\x90", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_string("\xff", "\"\xef\xbf\xbd\"");
}

/* Every byte, followed by another and alone: json-c takes the line and gives back what is UTF-8. */
Test(json, every_byte_parses)
{
	const struct field *const fields[] = { &awkward_field };
	static char text[3];
	char buf[OUTPUT_RECORD_MAX];

	awkward = text;
	for (unsigned int first = 1; first < 256; first++) {
		for (unsigned int second = 0; second < 256; second++) {
			struct json_object *o, *value;

			text[0] = (char)first;
			text[1] = (char)second;
			buf[output_json.format(fields, 1, &reply, buf)] = '\0';
			cr_assert_eq(strchr(buf, '\n'), buf + strlen(buf) - 1);
			o = json_tokener_parse(buf);
			cr_assert_not_null(o, "%02x %02x: %s", first, second, buf);
			cr_assert(json_object_object_get_ex(o, "awkward", &value));
			if (first < 128 && second < 128)
				cr_assert_str_eq(json_object_get_string(value), text);
			json_object_put(o);
		}
	}
}

Test(json, longest_record_fits)
{
	static char name[OUTPUT_NAME_MAX + 1], control[48];
	const struct field longest = { .name = name, .type = FIELD_STRING, .get = get_awkward };
	const struct field *fields[OUTPUT_FIELDS_MAX];
	char buf[OUTPUT_RECORD_MAX];
	/* quotes and colon, a comma but for the last; braces and the newline */
	const size_t most = OUTPUT_FIELDS_MAX * (6 * 47 + OUTPUT_NAME_MAX + 6) - 1 + 3;

	cr_assert_leq(most, OUTPUT_RECORD_MAX);
	memset(name, 'n', sizeof(name) - 1);
	memset(control, 1, sizeof(control) - 1);
	awkward = control;
	for (size_t i = 0; i < OUTPUT_FIELDS_MAX; i++)
		fields[i] = &longest;
	cr_expect_eq(output_json.format(fields, OUTPUT_FIELDS_MAX, &reply, buf), most);
	for (const struct field *f = record_fields; f->name != NULL; f++)
		cr_expect_leq(strlen(f->name), OUTPUT_NAME_MAX, "%s", f->name);
}

Test(json, is_found_by_its_name)
{
	cr_expect_eq(output_find("json"), &output_json);
}
