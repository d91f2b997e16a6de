/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <string.h>

#include "tools/anyscan-doctor/doctor.h"

struct json_object *can(struct json_object *in, const char *name)
{
	struct json_object *c = json_object_new_object();

	json_object_object_add(c, "available", json_object_new_boolean(true));
	json_object_object_add(in, name, c);
	return c;
}

struct json_object *cannot(struct json_object *in, const char *name, const char *remedy, const char *reason,
			   ...)
{
	struct json_object *c = json_object_new_object();
	char text[1024];
	va_list args;

	va_start(args, reason);
	vsnprintf(text, sizeof(text), reason, args);
	va_end(args);
	json_object_object_add(c, "available", json_object_new_boolean(false));
	put_text(c, "reason", text);
	put_text(c, "remedy", remedy);
	json_object_object_add(in, name, c);
	return c;
}

void cannot_as(struct json_object *in, const char *name, struct json_object *why)
{
	cannot(in, name, json_object_get_string(json_object_object_get(why, "remedy")), "%s",
	       json_object_get_string(json_object_object_get(why, "reason")));
}

bool available(struct json_object *in, const char *name)
{
	return json_object_get_boolean(json_object_object_get(json_object_object_get(in, name), "available"));
}

const char *because(int negative_errno)
{
	return strerror(-negative_errno);
}

/* What a driver or a loader says may hold any bytes; JSON is UTF-8, and a terminal takes commands. */
void put_text(struct json_object *o, const char *key, const char *value)
{
	char clean[1024];

	snprintf(clean, sizeof(clean), "%s", value);
	for (char *c = clean; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
		else if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
			*c = '?';
	json_object_object_add(o, key, json_object_new_string(clean));
}

void put_number(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

void put_flag(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}
