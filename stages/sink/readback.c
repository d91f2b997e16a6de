/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sink/readback.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/sink/output.h"

static int place_of(const struct sink_options *o, const char *name)
{
	for (size_t i = 0; i < o->nfields; i++)
		if (strcmp(o->fields[i]->name, name) == 0)
			return (int)i;
	return -1;
}

int readback_init(struct readback *r, const struct sink_options *o, int only_port, bool successes,
		  struct error *e)
{
	*r = (struct readback){ .module = o->module,
				.fields = o->fields,
				.nfields = o->nfields,
				.header = o->header && o->module == &output_csv,
				.address = place_of(o, "saddr"),
				.port = place_of(o, "sport"),
				.success = place_of(o, "success"),
				.class = place_of(o, "classification"),
				.between = ',',
				.fixed = { .port = (uint16_t)(only_port >= 0 ? only_port : 0),
					   .success = successes } };
	if (o->module == &output_endpoint ||
	    (o->module == &output_list && o->nfields == 2 && r->address == 0 && r->port == 1))
		r->between = ':';
	if (o->module == &output_endpoint) {
		r->address = 0;
		r->port = 1;
	}
	if (r->address < 0 || (r->port < 0 && only_port < 0))
		return error_set(e, -EINVAL,
				 "a checkpoint needs results that say which target they are of: add %s to "
				 "--output-fields",
				 r->address >= 0		? "sport" :
				 r->port >= 0 || only_port >= 0 ? "saddr" :
								  "saddr,sport");
	if (!successes && r->success < 0 && r->class < 0)
		return error_set(
			e, -EINVAL,
			"with this --output-filter a checkpoint needs results that say what they are: add "
			"classification or success to --output-fields, and write csv or json");
	return 0;
}

/* Digits alone, up to `most`. */
static bool number(const char *text, size_t len, uint32_t most, uint32_t *out)
{
	uint32_t n = 0;

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = 10 * n + (uint32_t)(text[i] - '0');
	}
	*out = n;
	return n <= most;
}

static bool address(const char *text, size_t len, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		const char *dot = i < 3 ? memchr(text, '.', len) : text + len;
		uint32_t byte;

		if (dot == NULL || !number(text, (size_t)(dot - text), 255, &byte))
			return false;
		*out = *out << 8 | byte;
		len -= (size_t)(dot - text) + (i < 3);
		text = dot + (i < 3);
	}
	return true;
}

static bool is(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

static bool is_success(const char *text, size_t len)
{
	for (unsigned int class = 0; class < REPLY_CLASSES; class ++)
		if (reply_success(class) && is(text, len, reply_class_names[class]))
			return true;
	return false;
}

/* Takes the value of the field in that place, if it is one that is looked at. False: it cannot be. */
static bool take(const struct readback *r, int place, const char *text, size_t len,
		 struct readback_record *record)
{
	uint32_t port;

	if (place == r->address)
		return address(text, len, &record->addr);
	if (place == r->port) {
		if (!number(text, len, UINT16_MAX, &port))
			return false;
		record->port = (uint16_t)port;
	} else if (place == r->class) {
		record->success = is_success(text, len);
	} else if (place == r->success) {
		record->success = is(text, len, "1") || is(text, len, "true");
	}
	return true;
}

/* Values with a character between; no module but json writes one that has it. */
static bool read_row(const struct readback *r, const char *line, size_t len, struct readback_record *record)
{
	const int places = r->module == &output_endpoint ? 2 : (int)r->nfields;

	for (int i = 0; i < places; i++) {
		const char *end = i + 1 < places ? memchr(line, r->between, len) : line + len;

		if (end == NULL || !take(r, i, line, (size_t)(end - line), record))
			return false;
		if (i + 1 < places)
			end++;
		len -= (size_t)(end - line);
		line = end;
	}
	return len == 0;
}

static int place_named(const struct readback *r, const char *name, size_t len)
{
	for (size_t i = 0; i < r->nfields; i++)
		if (is(name, len, r->fields[i]->name))
			return (int)i;
	return -1;
}

/* One "name":value of {...}, where a value is a text without quotes in it, a number or a word. NULL: it is none. */
static const char *read_member(const struct readback *r, const char *at, const char *end,
			       struct readback_record *record, bool *found_address, bool *found_port)
{
	const char *name = at + 1, *value, *stop;
	int place;

	if (end - at < 4 || *at != '"')
		return NULL;
	stop = memchr(name, '"', (size_t)(end - name));
	if (stop == NULL || end - stop < 3 || stop[1] != ':')
		return NULL;
	place = place_named(r, name, (size_t)(stop - name));
	value = stop + 2;
	if (*value == '"') {
		value++;
		stop = memchr(value, '"', (size_t)(end - value));
	} else {
		stop = value + strcspn(value, ",}");
	}
	if (place < 0 || stop == NULL || stop >= end ||
	    !take(r, place, value, (size_t)(stop - value), record))
		return NULL;
	*found_address |= place == r->address;
	*found_port |= place == r->port;
	return stop + (*stop == '"');
}

static bool read_object(const struct readback *r, const char *line, size_t len,
			struct readback_record *record)
{
	const char *at = line, *end = line + len;
	bool address_there = false, port_there = r->port < 0;

	if (len < 2 || *at != '{' || end[-1] != '}')
		return false;
	do {
		at = read_member(r, at + 1, end, record, &address_there, &port_there);
	} while (at != NULL && at < end && *at == ',');
	return at == end - 1 && address_there && port_there;
}

bool readback_line(const struct readback *r, const char *line, size_t len, struct readback_record *record)
{
	*record = r->fixed;
	return r->module == &output_json ? read_object(r, line, len, record) : read_row(r, line, len, record);
}

static bool is_header(const struct readback *r, const char *line, size_t len)
{
	char header[OUTPUT_FIELDS_MAX * OUTPUT_NAME_MAX];
	const size_t n = r->module->header(r->fields, r->nfields, header, sizeof(header));

	return n == len && memcmp(header, line, len) == 0;
}

int readback_file(const struct readback *r, const char *name, int fd, uint64_t from, uint64_t committed,
		  void (*each)(void *, const struct readback_record *), void *arg,
		  struct readback_result *result, struct error *e)
{
	const int own = dup(fd);
	FILE *f = own >= 0 ? fdopen(own, "r") : NULL;
	bool header = r->header && from == 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int rc = 0;

	*result = (struct readback_result){ .bytes = from };
	/* one that does not reach that far, or was changed, has no record there: seen below */
	if (f == NULL || fseeko(f, (off_t)from, SEEK_SET) != 0)
		rc = error_set(e, -errno, "--output-file %s: %s", name, strerror(errno));
	while (rc == 0 && (len = getline(&line, &room, f)) > 0) {
		struct readback_record record;

		if (line[len - 1] != '\n')
			break;
		if (header) {
			if (!is_header(r, line, (size_t)len))
				break;
			header = false;
			result->bytes += (uint64_t)len;
			continue;
		}
		line[len - 1] = '\0';
		if (!readback_line(r, line, (size_t)len - 1, &record))
			break;
		result->bytes += (uint64_t)len;
		result->records++;
		result->successes += record.success;
		if (each != NULL)
			each(arg, &record);
	}
	if (rc == 0 && ferror(f))
		rc = error_set(e, -EIO, "--output-file %s: it cannot be read back", name);
	if (rc == 0 && result->bytes < committed)
		rc = error_set(
			e, -EBADMSG,
			"--output-file %s: it holds records of this scan up to byte %llu, and the checkpoint "
			"vouches for %llu: it was changed, cut or moved; put it back",
			name, (unsigned long long)result->bytes, (unsigned long long)committed);
	free(line);
	if (f != NULL)
		fclose(f);
	else if (own >= 0)
		close(own);
	return rc;
}
