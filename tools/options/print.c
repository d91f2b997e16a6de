/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/options/program.h"

bool program_print(const struct program *p, int task, FILE *out)
{
	switch (task) {
	case TASK_HELP:
		program_help(p, out);
		return true;
	case TASK_VERSION:
	case TASK_VERSION_JSON:
		p->version(task == TASK_VERSION_JSON, out);
		return true;
	case TASK_MAN:
		program_man(p, out);
		return true;
	case TASK_COMPLETION:
		program_completion(p, out);
		return true;
	default:
		return false;
	}
}
