/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of the test's own, and the path of its output file in it. */
#ifndef TESTS_OUTPUT_FOLDER_H
#define TESTS_OUTPUT_FOLDER_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static char folder[64], path[96];

static void enter(void)
{
	snprintf(folder, sizeof(folder), "/tmp/test-output.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/found", folder);
}

static void leave(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}

#endif
