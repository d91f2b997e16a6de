/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/journal.h"
#include "tools/anyscan-nic/refusal.h"

static int show(const struct nic *nic, struct json_object *saved, struct error *e)
{
	struct json_object *now = NULL;
	const int rc = settings_read(nic, &now, e);

	if (rc < 0)
		return rc;
	json_object_object_foreach(saved, name, value)
	{
		struct json_object *is = json_object_object_get(now, name);

		if (json_object_equal(is, value))
			continue;
		printf("would set %s from ", name);
		value_print(stdout, is);
		fputs(" to ", stdout);
		value_print(stdout, value);
		putchar('\n');
	}
	json_object_put(now);
	return 0;
}

int restore(struct nic *nic, struct error *e)
{
	const bool dry = nic->config->dry_run;
	struct journal j;
	int rc = journal_open(nic, !dry, &j, e);

	if (rc < 0)
		return EXIT_HOST;
	if (journal_saved(&j) == NULL)
		rc = dry ? 0 :
			   journal_remove(nic, &j, e); /* what a killed prepare may have left unfinished */
	else if (!journal_forced(&j) && refuse(nic, e))
		rc = -1;
	else if (dry)
		rc = show(nic, journal_saved(&j), e);
	else
		rc = settings_bring(nic, journal_saved(&j), e);
	if (rc == 0 && !dry && journal_saved(&j) != NULL)
		rc = journal_remove(nic, &j, e);
	journal_close(&j);
	return rc < 0 ? EXIT_HOST : EXIT_DONE;
}
