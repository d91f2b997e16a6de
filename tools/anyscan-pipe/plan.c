/* SPDX-License-Identifier: Apache-2.0 */
/* --show-plan, and the plan that the metadata of the start hold. */
#include "tools/anyscan-pipe/scan.h"

enum exit_code scan_plan(struct scan *s, struct error *e)
{
	struct plan plan;

	if (pipeline_plan_make(&s->options, &plan, e) != 0)
		return EXIT_COMMAND;
	plan_format(&plan, s->plan, sizeof(s->plan));
	plan_free(&plan);
	return EXIT_DONE;
}
