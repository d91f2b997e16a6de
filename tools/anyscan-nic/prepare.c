/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "tools/anyscan-nic/journal.h"

/* Back to the journal after a failure; what is said first is why it failed. */
static void take_back(struct nic *nic, struct journal *j, struct error *e)
{
	struct error second = { .code = 0 };
	const size_t len = strlen(e->text);
	int rc = settings_bring(nic, journal_saved(j), &second);

	if (rc == 0)
		rc = journal_remove(nic, j, &second);
	if (rc == 0)
		snprintf(e->text + len, sizeof(e->text) - len, "\nall settings are again as they were");
	else
		snprintf(e->text + len, sizeof(e->text) - len, "\nand back: %.300s; %.300s is kept",
			 second.text, j->path);
}

static int save_and_set(struct nic *nic, struct journal *j, struct error *e)
{
	struct json_object *saved = NULL;
	int rc = 0;

	if (journal_saved(j) == NULL) { /* a second prepare keeps what was before the first */
		rc = settings_read(nic, &saved, e);
		if (rc == 0)
			rc = journal_write(nic, j, saved, e);
		if (rc < 0)
			return rc;
		json_object_put(saved);
	}
	rc = settings_bring(nic, NULL, e);
	if (rc < 0)
		take_back(nic, j, e);
	return rc;
}

int prepare(struct nic *nic, struct error *e)
{
	struct journal j;
	int rc;

	rc = settings_plan(nic, nic->config->dry_run, e);
	if (rc < 0)
		return rc == -EINVAL || rc == -ERANGE ? EXIT_COMMAND : EXIT_HOST;
	if (nic->config->dry_run)
		return EXIT_DONE;
	rc = journal_open(nic, true, &j, e);
	if (rc < 0)
		return EXIT_HOST;
	rc = save_and_set(nic, &j, e);
	journal_close(&j);
	return rc < 0 ? EXIT_HOST : EXIT_DONE;
}
