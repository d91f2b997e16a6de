/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "stages/confine.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

#ifdef ANYSCAN_DEBUG
#define FORBIDDEN CONFINE_KILL
#else
#define FORBIDDEN CONFINE_REFUSE
#endif

int scan_confine(const struct scan *s, struct error *e)
{
	/* every other file is open by now */
	const struct confine_options calls = { .answer = FORBIDDEN,
					       .files = s->config->metadata_file != NULL ||
							s->config->checkpoint_file != NULL ||
							s->config->log_file != NULL ||
							s->config->status_file != NULL || scan_rotates(s),
					       .control = s->config->control_socket != NULL };
	struct error why;
	int rc = confine_rights(e);

	if (rc == 0 && s->output_files != NULL)
		rc = output_files_check(s->output_files, e);
	if (rc < 0)
		return rc;
	rc = confine_calls(&calls, &why);
	if (rc == -ENOSYS)
		screen_say(LEVEL_WARNING, "%s", why.text);
	else if (rc < 0)
		return error_set(e, rc, "%s", why.text);
	return 0;
}
