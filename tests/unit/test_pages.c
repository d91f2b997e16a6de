/* SPDX-License-Identifier: Apache-2.0 */
/* What this host grants differs; what must hold of the memory does not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "rings/pages.h"

/* Of /proc/meminfo; 0 when there is no such row. */
static unsigned long meminfo(const char *row)
{
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long value = 0;
	char line[128];

	cr_assert_not_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, row, strlen(row)) == 0)
			sscanf(line + strlen(row), " %lu", &value);
	fclose(f);
	return value;
}

static void usable(const struct pages *p, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		cr_assert_eq(p->at[i], 0, "byte %zu", i);
	memset(p->at, 0xa5, bytes);
	cr_assert_eq(p->at[bytes - 1], 0xa5);
}

Test(pages, are_zeroed_and_aligned)
{
	static const size_t sizes[] = { 1,
					64,
					4096,
					4097,
					PAGES_HUGE_FROM - 1,
					PAGES_HUGE_FROM,
					PAGES_HUGE_SIZE,
					PAGES_HUGE_SIZE + 1,
					3 * PAGES_HUGE_SIZE + 77 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const bool huge = sizes[i] >= PAGES_HUGE_FROM;
		struct pages p;

		cr_assert_eq(pages_get(&p, sizes[i]), 0);
		cr_assert_eq((uintptr_t)p.at % (huge ? PAGES_HUGE_SIZE : 4096), 0, "%zu bytes", sizes[i]);
		cr_assert_eq(p.kind == PAGES_ORDINARY, !huge);
		usable(&p, sizes[i]);
		pages_put(&p);
		cr_assert_null(p.at);
	}
}

Test(pages, reserved_ones_come_first)
{
	const unsigned long free = meminfo("HugePages_Free:");
	struct pages p;

	cr_assert_eq(pages_get(&p, PAGES_HUGE_SIZE), 0);
	if (free > 0 && meminfo("Hugepagesize:") == PAGES_HUGE_SIZE / 1024)
		cr_assert_eq(p.kind, PAGES_RESERVED);
	else
		cr_assert_neq(p.kind, PAGES_RESERVED);
	usable(&p, PAGES_HUGE_SIZE);
	pages_put(&p);
}

/* A page more than are reserved: the kernel refuses, and others take their place. */
Test(pages, a_refusal_falls_back)
{
	const size_t bytes = (meminfo("HugePages_Total:") + 1) * PAGES_HUGE_SIZE;
	struct pages p;

	if (bytes > 64 * PAGES_HUGE_SIZE)
		cr_skip_test("more than 128 MiB of huge pages are reserved");
	cr_assert_eq(pages_get(&p, bytes), 0);
	cr_assert_neq(p.kind, PAGES_RESERVED);
	cr_assert_eq((uintptr_t)p.at % PAGES_HUGE_SIZE, 0);
	usable(&p, bytes);
	pages_put(&p);
}

Test(pages, a_host_without_huge_ones_is_said)
{
	const size_t bytes = (meminfo("HugePages_Total:") + 1) * PAGES_HUGE_SIZE;
	struct pages p;

	if (bytes > 64 * PAGES_HUGE_SIZE)
		cr_skip_test("more than 128 MiB of huge pages are reserved");
	/* of this test's process: as if /sys/kernel/mm/transparent_hugepage/enabled said never */
	cr_assert_eq(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	cr_assert_eq(pages_get(&p, bytes), 0);
	cr_assert_eq(p.kind, PAGES_REFUSED);
	cr_assert_eq((uintptr_t)p.at % PAGES_HUGE_SIZE, 0);
	usable(&p, bytes);
	pages_put(&p);
}

Test(pages, too_much_is_refused)
{
	struct pages p;

	cr_assert_eq(pages_get(&p, SIZE_MAX), -12);
	cr_assert_eq(pages_get(&p, SIZE_MAX / 4), -12);
	p = (struct pages){ 0 };
	pages_put(&p);
	for (unsigned int i = 0; i < PAGES_KINDS; i++)
		cr_assert_not_null(pages_kind_names[i]);
}
