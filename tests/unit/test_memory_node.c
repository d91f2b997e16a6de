/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rings/memory_node.h"

/* The highest that has memory, or -1: the kernel knows of none. */
static int last_node(void)
{
	FILE *f = fopen("/sys/devices/system/node/has_memory", "re");
	char list[256] = "";
	int node = -1, at = 0;

	if (f == NULL)
		return -1;
	if (fgets(list, sizeof(list), f) == NULL)
		list[0] = '\0';
	fclose(f);
	while (list[at] != '\0' && list[at] != '\n') {
		char *end;

		node = (int)strtol(list + at, &end, 10);
		at = (int)(end - list);
		at += list[at] == '-' || list[at] == ',';
	}
	return node;
}

static int node_of(void *page)
{
	int status = -1;

	return syscall(SYS_move_pages, 0, 1UL, &page, NULL, &status, 0) == 0 ? status : -1;
}

static int policy(void)
{
	int mode = -1;

	return syscall(SYS_get_mempolicy, &mode, NULL, 0UL, NULL, 0UL) == 0 ? mode : -1;
}

Test(memory_node, pages_lie_where_they_are_asked_for)
{
	const int node = last_node();
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (node < 0 || policy() < 0)
		cr_skip("this kernel has no NUMA policies");
	cr_assert_neq(page, MAP_FAILED);
	memory_node_prefer(node);
	cr_expect_eq(policy(), MPOL_PREFERRED);
	page[0] = 1;
	cr_expect_eq(node_of(page), node);
	memory_node_prefer(-1);
	cr_expect_eq(policy(), MPOL_DEFAULT);
	munmap(page, 4096);
}

/* A plan for another machine, or one past the table: nothing happens. */
Test(memory_node, one_that_is_not_there)
{
	memory_node_prefer(1023);
	memory_node_prefer(1 << 20);
	cr_expect(policy() <= MPOL_DEFAULT);
	memory_node_prefer(-1);
}
