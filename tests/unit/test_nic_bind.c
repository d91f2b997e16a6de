/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind and unbind on a tree of files, and a kernel that reacts to what is written there as the real one does: an
 * unbound driver takes the interface with it, and another gets a fresh one.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/bound_nic.h"
#include "tools/anyscan-nic/bind.h"

#define NIC "0000:00:06.0"
#define OTHER "0000:00:07.0"
#define DEVICES "/sys/bus/pci/devices/"
#define POOL "/sys/devices/system/node/node1/hugepages/hugepages-"
#define PARAMETER "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

static char root[64], state[80];
static bool has_module = true, takes_it = true;
static unsigned int huge_most = 4; /* of 1 GiB, that the fake memory has in one piece */
static const char *refusal; /* what the routes say, or NULL */

/* ---- the tree */
static const char *at(const char *path)
{
	static char full[4][PATH_MAX];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(full[turn], PATH_MAX, "%s%s", root, path);
	return full[turn];
}

static void shell(const char *format, const char *a, const char *b)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), format, a, b);
	cr_assert_eq(system(command), 0, "%s", command);
}

static void file(const char *path, const char *text)
{
	char *slash, full[PATH_MAX];
	FILE *f;

	snprintf(full, sizeof(full), "%s", at(path));
	slash = strrchr(full, '/');
	*slash = '\0';
	shell("mkdir -p %s%s", full, "");
	*slash = '/';
	f = fopen(full, "w");
	cr_assert_not_null(f, "%s", full);
	fprintf(f, "%s\n", text);
	fclose(f);
}

static void text_of(const char *path, char *out, size_t size)
{
	FILE *f = fopen(at(path), "r");

	out[0] = '\0';
	if (f != NULL && fgets(out, (int)size, f) != NULL)
		out[strcspn(out, "\n")] = '\0';
	if (f != NULL)
		fclose(f);
}

static void interface_of(const char *pci, char name[16])
{
	snprintf(name, 16, "%s", strcmp(pci, NIC) == 0 ? "ens6" : "ens7");
}

static void attach(const char *pci, const char *driver)
{
	char link[128], target[256], name[16], path[128];

	snprintf(link, sizeof(link), DEVICES "%s/driver", pci);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	cr_assert_eq(symlink(target, at(link)), 0);
	if (strcmp(driver, "ena") != 0)
		return;
	interface_of(pci, name);
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	file(path, "0x1002");
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	file(path, "none");
	snprintf(path, sizeof(path), DEVICES "%s/net/%s", pci, name);
	shell("mkdir -p %s%s", at(path), "");
	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	snprintf(target, sizeof(target), "../../../bus/pci/devices/%s", pci);
	cr_assert_eq(symlink(target, at(path)), 0);
}

static void detach(const char *pci)
{
	char path[128], name[16];

	snprintf(path, sizeof(path), DEVICES "%s/driver", pci);
	unlink(at(path));
	interface_of(pci, name);
	snprintf(path, sizeof(path), DEVICES "%s/net", pci);
	shell("rm -rf %s %s", at(path), "");
	snprintf(path, sizeof(path), "/sys/class/net/%s", name);
	shell("rm -rf %s %s", at(path), "");
}

static void device(const char *pci, bool iommu)
{
	char path[128], name[16];

	snprintf(path, sizeof(path), DEVICES "%s/driver_override", pci);
	file(path, "(null)");
	snprintf(path, sizeof(path), DEVICES "%s/numa_node", pci);
	file(path, "1");
	snprintf(path, sizeof(path), DEVICES "%s/vendor", pci);
	file(path, "0x1d0f");
	if (iommu) {
		snprintf(path, sizeof(path), DEVICES "%s/iommu_group/devices/%s/x", pci, pci);
		file(path, "");
	}
	attach(pci, "ena");
	interface_of(pci, name);
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	file(path, "0x1003");
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	file(path, "10.0.6.2/24 route 10.9.0.0/16 via 10.0.6.1");
}

static void module_appears(void)
{
	file("/sys/bus/pci/drivers/vfio-pci/unbind", "");
	file(PARAMETER, "N");
}

static void build(bool iommu)
{
	snprintf(root, sizeof(root), "/tmp/anyscan-bind.XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	snprintf(state, sizeof(state), "%s/run", root);
	device(NIC, iommu);
	device(OTHER, iommu);
	file("/sys/bus/pci/drivers_probe", "");
	file("/sys/bus/pci/drivers/ena/bind", "");
	file("/sys/bus/pci/drivers/ena/unbind", "");
	file(POOL "1048576kB/nr_hugepages", "1");
	file(POOL "1048576kB/free_hugepages", "0");
	file(POOL "2048kB/nr_hugepages", "7");
	file(POOL "2048kB/free_hugepages", "7");
	file("/proc/x", "");
}

static void with_iommu(void)
{
	build(true);
}

static void without_iommu(void)
{
	build(false);
}

static void destroy(void)
{
	shell("rm -rf %s%s", root, "");
}

/* ---- the kernel */
static void write_only(const char *path, const char *value) /* one that reads as it was */
{
	if (strstr(path, "driver_override") != NULL && value[0] == '\0')
		file(path, "(null)");
	else if (strstr(path, "bind") == NULL && strstr(path, "probe") == NULL)
		file(path, value);
}

static void pool_changed(const char *path, const char *value)
{
	unsigned int n = (unsigned int)atoi(value), used = 1, most = huge_most;
	char other[PATH_MAX], text[16];

	if (strstr(path, "1048576kB") == NULL)
		used = 0, most = 100000;
	n = n > most ? most : n;
	snprintf(text, sizeof(text), "%u", n);
	file(path, text);
	snprintf(other, sizeof(other), "%.*sfree_hugepages", (int)(strstr(path, "nr_huge") - path), path);
	snprintf(text, sizeof(text), "%u", n - used);
	file(other, text);
}

static int put(const struct bind_host *host, const char *path, const char *value)
{
	char override[32], file_name[128];

	(void)host;
	if (access(at(path), F_OK) < 0)
		return -ENOENT;
	write_only(path, value);
	if (strstr(path, "nr_hugepages") != NULL)
		pool_changed(path, value);
	else if (strstr(path, "/unbind") != NULL)
		detach(value);
	else if (strstr(path, "/ena/bind") != NULL)
		attach(value, "ena");
	else if (strstr(path, "drivers_probe") != NULL) {
		snprintf(file_name, sizeof(file_name), DEVICES "%s/driver_override", value);
		text_of(file_name, override, sizeof(override));
		if (takes_it)
			attach(value, strcmp(override, "vfio-pci") == 0 ? "vfio-pci" : "ena");
	}
	return 0;
}

static int module(const struct bind_host *host, const char *name, bool load)
{
	(void)host;
	cr_assert_str_eq(name, "vfio-pci");
	if (!has_module)
		return -ENOENT;
	if (load)
		module_appears();
	else
		shell("rm -rf %s %s", at("/sys/bus/pci/drivers/vfio-pci"), at("/sys/module"));
	return 0;
}

static struct json_object *interface_read(const struct bind_host *host, struct nic *nic, const char *name,
					  struct error *e)
{
	struct json_object *o = json_object_new_object(), *link = json_object_new_object();
	char path[128], text[128];

	(void)host, (void)nic, (void)e;
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	text_of(path, text, sizeof(text));
	json_object_object_add(o, "flags", json_object_new_string(text));
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	text_of(path, text, sizeof(text));
	json_object_object_add(o, "addresses", json_object_new_string(text));
	json_object_object_add(link, "address", json_object_new_string("10.0.6.2"));
	json_object_object_add(link, "gateway", json_object_new_string("10.0.6.1"));
	json_object_object_add(link, "gateway_mac", json_object_new_string("02:00:00:00:06:01"));
	json_object_object_add(link, "onlink_net", json_object_new_string("10.0.6.0"));
	json_object_object_add(link, "onlink_mask", json_object_new_string("255.255.255.0"));
	json_object_object_add(link, "mtu", json_object_new_int(9001));
	json_object_object_add(o, "link", link);
	return o;
}

static int interface_bring(const struct bind_host *host, struct nic *nic, const char *name,
			   struct json_object *saved, struct error *e)
{
	char path[128];

	(void)host, (void)e;
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	file(path, json_object_get_string(json_object_object_get(saved, "flags")));
	count_write(nic);
	snprintf(path, sizeof(path), "/sys/class/net/%s/addresses", name);
	file(path, json_object_get_string(json_object_object_get(saved, "addresses")));
	return 0;
}

static bool refused(const struct bind_host *host, struct nic *nic, const char *name, struct error *e)
{
	(void)host, (void)nic;
	if (refusal != NULL)
		error_set(e, -EPERM, "%s %s", name, refusal);
	return refusal != NULL;
}

static const struct bind_host host = { root, put, module, interface_read, interface_bring, refused };

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
