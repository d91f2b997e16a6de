/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "tools/anyscan-nic/nic.h"

#define PASSES 3 /* a driver that still resets one setting when another is written will not stop doing so */

void count_write(struct nic *nic)
{
	if (++nic->writes == nic->config->stop_after)
		raise(SIGKILL);
}

/* Why a setting that was asked for by name cannot be had; one that was not asked for is passed over. */
static int check_asked(const struct nic *nic, const struct step *s, int rc, struct error *e)
{
	if (rc != -EOPNOTSUPP)
		return error_set(e, rc, "%s of %s cannot be read: %s", s->name, nic->device.name,
				 strerror(-rc));
	for (int i = 0; i < 2 && s->options[i] != NULL; i++)
		if (option_given(nic->config, s->options[i]))
			return error_set(e, rc,
					 "--%s: the driver of %s has no such setting (%s); leave it out",
					 s->options[i], nic->device.name, s->name);
	return 0;
}

int settings_read(const struct nic *nic, struct json_object **out, struct error *e)
{
	*out = json_object_new_object();
	for (const struct step *s = steps; s->name != NULL; s++) {
		int rc;
		struct json_object *now = s->read(nic, &rc);

		if (rc == 0)
			json_object_object_add(*out, s->name, now);
		else if (rc != -EOPNOTSUPP) {
			json_object_put(*out);
			*out = NULL;
			return error_set(e, rc, "%s of %s cannot be read: %s", s->name, nic->device.name,
					 strerror(-rc));
		}
	}
	return 0;
}

int settings_plan(struct nic *nic, bool print, struct error *e)
{
	for (const struct step *s = steps; s->name != NULL; s++) {
		struct json_object *now, *wanted = NULL;
		int rc;

		now = s->read(nic, &rc);
		if (rc < 0)
			rc = check_asked(nic, s, rc, e);
		else
			rc = s->want(nic, now, &wanted, e);
		if (rc == 0 && print && wanted != NULL && !json_object_equal(now, wanted)) {
			printf("would set %s from ", s->name);
			value_print(stdout, now);
			fputs(" to ", stdout);
			value_print(stdout, wanted);
			putchar('\n');
		}
		json_object_put(now);
		json_object_put(wanted);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* 1: it was written; 0: it is as it should be. */
static int bring_one(struct nic *nic, const struct step *s, struct json_object *saved, struct error *e)
{
	struct json_object *now, *wanted = NULL;
	int rc;

	now = s->read(nic, &rc);
	if (rc == -EOPNOTSUPP)
		return 0;
	if (rc < 0)
		return error_set(e, rc, "%s of %s cannot be read: %s", s->name, nic->device.name,
				 strerror(-rc));
	if (saved != NULL)
		wanted = json_object_get(json_object_object_get(saved, s->name));
	else
		rc = s->want(nic, now, &wanted, e);
	if (rc == 0 && wanted != NULL && !json_object_equal(now, wanted)) {
		rc = s->write(nic, wanted);
		if (rc < 0)
			error_set(e, rc, "%s of %s cannot be set: %s%s", s->name, nic->device.name,
				  strerror(-rc), rc == -EPERM || rc == -EACCES ? "; run as root" : "");
		else
			rc = 1;
		count_write(nic);
	}
	json_object_put(now);
	json_object_put(wanted);
	return rc;
}

static unsigned int queues_of(const struct nic *nic, struct json_object *channels)
{
	struct json_object *now = NULL;
	unsigned int queues;
	int rc;

	if (channels == NULL)
		channels = now = channels_read(nic, &rc);
	queues = channels_receiving(channels);
	json_object_put(now);
	return queues;
}

/* A table must not name queues that are gone: when they become fewer it goes first, when they become more, last. */
static bool fewer_queues(const struct nic *nic, struct json_object *saved)
{
	if (saved != NULL)
		return queues_of(nic, json_object_object_get(saved, steps[STEP_CHANNELS].name)) <
		       queues_of(nic, NULL);
	return nic->queues < queues_of(nic, NULL);
}

static int bring_all(struct nic *nic, struct json_object *saved, struct error *e)
{
	const bool fewer = fewer_queues(nic, saved);
	int written = 0, first = 0;

	for (int i = 0; steps[i].name != NULL; i++) {
		const int swapped = i == STEP_CHANNELS ? STEP_RSS : i == STEP_RSS ? STEP_CHANNELS : i;
		struct error own = { .code = 0 };
		const int rc = bring_one(nic, &steps[fewer ? swapped : i], saved, &own);

		if (rc > 0)
			written++;
		if (rc < 0 && saved == NULL) {
			*e = own;
			return rc;
		}
		if (rc < 0 && first == 0) { /* the rest can be brought back all the same */
			*e = own;
			first = rc;
		}
	}
	return first < 0 ? first : written;
}

int settings_bring(struct nic *nic, struct json_object *saved, struct error *e)
{
	int rc = 1;

	for (int pass = 0; pass <= PASSES && rc > 0; pass++)
		rc = bring_all(nic, saved, e);
	if (rc > 0)
		return error_set(
			e, -EIO,
			"the driver of %s does not keep what it is set to; `anyscan-nic status %s` shows it",
			nic->device.name, nic->device.name);
	for (const struct step *s = steps; rc == 0 && saved != NULL && s->name != NULL; s++)
		if (s->settle != NULL && json_object_object_get(saved, s->name) != NULL)
			s->settle(nic, json_object_object_get(saved, s->name));
	return rc;
}
