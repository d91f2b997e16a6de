/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/journal.h"

int status(struct nic *nic, struct error *e)
{
	struct json_object *now = NULL;
	struct journal j;

	if (journal_open(nic, false, &j, e) < 0)
		return EXIT_HOST;
	if (settings_read(nic, &now, e) < 0) {
		journal_close(&j);
		return EXIT_HOST;
	}
	if (journal_saved(&j) != NULL)
		printf("%s: prepared; restore brings back what %s holds\n", nic->device.name, j.path);
	else
		printf("%s: not prepared\n", nic->device.name);
	for (const struct step *s = steps; s->name != NULL; s++) {
		struct json_object *value = json_object_object_get(now, s->name);
		struct json_object *was = json_object_object_get(journal_saved(&j), s->name);

		printf("  %-21s ", s->name);
		if (value != NULL)
			value_print(stdout, value);
		else
			fputs("the driver has none", stdout);
		if (was != NULL && !json_object_equal(was, value)) {
			fputs(" (was ", stdout);
			value_print(stdout, was);
			putchar(')');
		}
		putchar('\n');
	}
	json_object_put(now);
	journal_close(&j);
	return EXIT_DONE;
}
