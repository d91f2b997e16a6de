/* SPDX-License-Identifier: Apache-2.0 */
/* bind and unbind on the bus of fake_pci.h: what was is there again, whatever happened in between. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/bound_nic.h"
#include "tests/unit/fake_pci.h"

/* ---- what is asked of it */
typedef int command(struct nic *, const struct bind_host *, const char *pci, struct error *);

static int run(command *c, const char *pci, struct config config, struct error *e)
{
	struct nic nic = { .config = &config };

	config.state_dir = state;
	return c(&nic, &host, pci, e);
}

static const struct config plain = { .hugepages = 2ULL << 30 };
static const struct config unsafe = { .hugepages = 2ULL << 30, .unsafe_no_iommu = true };

static void works(command *c, const char *pci, struct config config)
{
	struct error e = { .text = "" };

	cr_assert_eq(run(c, pci, config, &e), EXIT_DONE, "%s", e.text);
}

/* Every path with its kind, content and target; the caller frees it. */
static char *snapshot(void)
{
	char command_line_text[3 * PATH_MAX], *text = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(
		command_line_text, sizeof(command_line_text),
		"cd %s && find . | sort | while read -r p; do [ -L $p ] && readlink $p; [ -f $p ] && cat $p; "
		"echo \"$p\"; done",
		root);
	f = popen(command_line_text, "r");
	cr_assert_gt(getdelim(&text, &size, '\0', f), 0);
	pclose(f);
	return text;
}

static void expect_same(const char *before, const char *what, unsigned int step)
{
	char *now;

	rmdir(state); /* the directory itself may stay */
	now = snapshot();
	cr_expect_str_eq(now, before, "%s %u:\n%s", what, step, now);
	free(now);
}

/* False: it ended by itself before that step. */
static bool killed_at(command *c, const char *pci, struct config config, unsigned int step)
{
	const pid_t pid = fork();
	struct error e;
	int status;

	if (pid == 0) {
		config.stop_after = step;
		_exit(run(c, pci, config, &e));
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == EXIT_DONE);
	return WIFSIGNALED(status);
}

static void expect_driver(const char *pci, const char *driver)
{
	struct binding b = { .host = &host };
	struct error e;

	snprintf(b.pci, sizeof(b.pci), "%s", pci);
	cr_assert_eq(bind_look(&b, &e), 0);
	cr_expect_str_eq(b.driver, driver);
}

static void expect_text(const char *path, const char *text)
{
	char now[64];

	text_of(path, now, sizeof(now));
	cr_expect_str_eq(now, text, "%s: %s", path, now);
}

Test(nic_bind, there_and_back_twice, .init = without_iommu, .fini = destroy)
{
	char *before = snapshot();

	for (unsigned int i = 0; i < 2; i++) {
		works(bind_nic, NIC, unsafe);
		expect_driver(NIC, "vfio-pci");
		expect_text(PARAMETER, "Y");
		expect_text(POOL "1048576kB/nr_hugepages", "3");
		works(bind_nic, NIC, unsafe);
		works(unbind_nic, NIC, unsafe);
		expect_same(before, "round", i);
		works(unbind_nic, NIC, unsafe);
		expect_same(before, "nothing to do, round", i);
	}
	free(before);
}

static void kill_everywhere(struct config config)
{
	char *before = snapshot();
	unsigned int step;

	for (step = 1; killed_at(bind_nic, NIC, config, step); step++) {
		works(unbind_nic, NIC, config);
		expect_same(before, "bind killed at", step);
	}
	cr_expect_gt(step, 10);
	works(unbind_nic, NIC, config);
	for (step = 1;; step++) {
		bool killed;

		works(bind_nic, NIC, config);
		killed = killed_at(unbind_nic, NIC, config, step);
		works(unbind_nic, NIC, config);
		expect_same(before, "unbind killed at", step);
		if (!killed)
			break;
	}
	cr_expect_gt(step, 6);
	free(before);
}

Test(nic_bind, killed_at_every_step, .init = without_iommu, .fini = destroy, .timeout = 60)
{
	kill_everywhere(unsafe);
}

Test(nic_bind, killed_at_every_step_behind_an_iommu, .init = with_iommu, .fini = destroy, .timeout = 60)
{
	module_appears(); /* it was there before: it stays */
	kill_everywhere(plain);
}

Test(nic_bind, killed_at_every_step_and_bound_again, .init = with_iommu, .fini = destroy, .timeout = 60)
{
	char *before = snapshot();

	for (unsigned int step = 1; killed_at(bind_nic, NIC, plain, step); step++) {
		works(bind_nic, NIC, plain);
		expect_driver(NIC, "vfio-pci");
		works(unbind_nic, NIC, plain);
		expect_same(before, "bind killed, repeated, undone", step);
	}
	free(before);
}

Test(nic_bind, the_last_of_two_brings_the_host_back, .init = with_iommu, .fini = destroy)
{
	char *before = snapshot();

	works(bind_nic, NIC, plain);
	works(bind_nic, OTHER, plain);
	works(unbind_nic, NIC, plain);
	expect_driver(NIC, "ena");
	expect_driver(OTHER, "vfio-pci");
	expect_text(POOL "1048576kB/nr_hugepages", "3");
	works(unbind_nic, OTHER, plain);
	expect_same(before, "two", 0);
	free(before);
}

Test(nic_bind, a_dry_run_changes_nothing, .init = without_iommu, .fini = destroy)
{
	struct config dry = unsafe;
	char *before = snapshot();

	dry.dry_run = true;
	works(bind_nic, NIC, dry);
	expect_same(before, "dry bind", 0);
	free(before);
	works(bind_nic, NIC, unsafe);
	before = snapshot();
	works(unbind_nic, NIC, dry);
	expect_same(before, "dry unbind", 0);
	free(before);
}

Test(nic_bind, smaller_pages_where_there_are_no_large_ones, .init = with_iommu, .fini = destroy)
{
	char *before = snapshot();

	huge_most = 2;
	works(bind_nic, NIC, plain);
	expect_text(POOL "1048576kB/nr_hugepages", "1");
	expect_text(POOL "2048kB/nr_hugepages", "1024");
	works(unbind_nic, NIC, plain);
	expect_same(before, "2 MiB", 0);
	free(before);
}

static void refuses(const char *pci, struct config config, const char *phrase)
{
	struct error e = { .text = "" };
	char *before = snapshot();

	cr_expect_eq(run(bind_nic, pci, config, &e), EXIT_HOST);
	cr_expect_not_null(strstr(e.text, phrase), "\"%s\" is not in: %s", phrase, e.text);
	expect_same(before, phrase, 0);
	free(before);
}

Test(nic_bind, refuses_and_touches_nothing, .init = without_iommu, .fini = destroy)
{
	refuses("0000:00:09.0", unsafe, "there is no PCI device 0000:00:09.0");
	refuses(NIC, plain, "--unsafe-no-iommu");
	refusal = "carries the default route";
	refuses(NIC, unsafe, "ens6 carries the default route");
	refusal = NULL;
	detach(OTHER);
	refuses(OTHER, unsafe, "has no driver");
	attach(OTHER, "vfio-pci");
	refuses(OTHER, unsafe, "not by this program");
}

Test(nic_bind, takes_back_what_it_cannot_finish, .init = with_iommu, .fini = destroy)
{
	struct config all = plain;

	has_module = false;
	refuses(NIC, plain, "has no driver vfio-pci");
	has_module = true;
	takes_it = false;
	refuses(NIC, plain, "does not take it");
	takes_it = true;
	all.hugepages = 1ULL << 40;
	refuses(NIC, all, "has not so much free memory");
}

Test(nic_bind, refuses_a_shared_group, .init = with_iommu, .fini = destroy)
{
	file(DEVICES NIC "/iommu_group/devices/" OTHER "/x", "");
	refuses(NIC, plain, "shares its IOMMU group with " OTHER ", which ena drives");
}

Test(nic_bind, is_found_under_each_of_its_names, .init = with_iommu, .fini = destroy)
{
	char pci[PCI_NAME_MAX];

	bind_resolve(&host, state, "ens6", pci);
	cr_expect_str_eq(pci, NIC);
	bind_resolve(&host, state, "00:06.0", pci);
	cr_expect_str_eq(pci, NIC);
	bind_resolve(&host, state, "../" NIC, pci);
	cr_expect_str_eq(pci, "");
	works(bind_nic, NIC, plain);
	bind_resolve(&host, state, "ens6", pci);
	cr_expect_str_eq(pci, NIC);
	works(unbind_nic, NIC, plain);
}

/* The last line that the command prints. */
static void says(command *c, struct config config, const char *expected)
{
	const int saved = dup(STDOUT_FILENO);
	char line[512] = "", *end;
	FILE *f = tmpfile();

	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	works(c, NIC, config);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(f);
	while (fgets(line, sizeof(line), f) != NULL)
		;
	fclose(f);
	end = strchr(line, '\n');
	cr_assert_not_null(end);
	*end = '\0';
	cr_expect_str_eq(line, expected, "%s", line);
}

#define REMEDY "take vfio-pci with the patch enav2-vfio-patch of amzn-drivers, or igb_uio with wc_activate=1"
#define UNSEEN \
	"ENA's low-latency queues need BAR 2 write-combined, and vfio-pci of mainline maps it uncached: " REMEDY \
	"; `anyscan-nic status " NIC "` during a scan shows how it is"
#define TABLE "/sys/kernel/debug/x86/pat_memtype_list"

Test(nic_bind, says_how_the_registers_are_mapped, .init = with_iommu, .fini = destroy)
{
	struct config dry = plain;

	dry.dry_run = true;
	file(DEVICES NIC "/resource",
	     "0xfe000000 0xfe003fff 0x40200\n0x0 0x0 0x0\n0xfe100000 0xfe1fffff 0x14220c\n");
	file(TABLE, "PAT: [mem 0xfe100000-0xfe200000] write-combining\n");
	says(bind_nic, dry, UNSEEN); /* that is how the kernel's driver has it */
	says(bind_nic, plain, "BAR 2 is mapped write-combining, as ENA's low-latency queues need it");
	file(TABLE,
	     "PAT: [mem 0xfe000000-0xfe100000] write-combining\nPAT: [mem 0xfe100000-0xfe200000] uncached-minus\n");
	says(bind_status, plain,
	     "BAR 2 is mapped uncached-minus: ENA's low-latency queues are slow like that; " REMEDY);
	file(TABLE, "PAT: [mem 0xfe000000-0xfe100000] write-combining\n");
	says(bind_status, plain, UNSEEN);
	works(unbind_nic, NIC, plain);
	says(bind_status, plain, NIC ": driver ena");
}

Test(nic_bind, the_engine_reads_who_it_was, .init = with_iommu, .fini = destroy)
{
	static const uint8_t gateway_mac[6] = { 2, 0, 0, 0, 6, 1 };
	struct io_link link = { .mtu = 1500 };
	struct error e;

	cr_expect_eq(bound_nic_read(state, NIC, &link, &e), 0);
	works(bind_nic, NIC, plain);
	cr_expect_eq(bound_nic_read(state, "00:06.0", &link, &e), 1);
	cr_expect_eq(link.addr, 0x0a000602);
	cr_expect_eq(link.gateway, 0x0a000601);
	cr_expect_eq(link.onlink_net, 0x0a000600);
	cr_expect_eq(link.onlink_mask, 0xffffff00);
	cr_expect_eq(link.mtu, 9001);
	cr_expect(link.gateway_mac_known);
	cr_expect_arr_eq(link.gateway_mac, gateway_mac, 6);
	file("/run/bound-" NIC ".json", "{");
	cr_expect_eq(bound_nic_read(state, NIC, &link, &e), -EBADMSG);
}
