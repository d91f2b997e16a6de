/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "tools/anyscan-nic/bind.h"

#define APPEARS_NS 20000000 /* between two looks for the interface, which udev may rename first */
#define APPEARS_TRIES 250

static const char *saved_text(const struct binding *b, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(b->content, key));

	return text != NULL ? text : "";
}

static int driver_back(struct binding *b, struct error *e)
{
	const char *driver = saved_text(b, "driver"), *override = saved_text(b, "driver_override");
	char path[PATH_MAX];
	int rc = 0;

	if (strcmp(b->override, override) != 0) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", b->pci);
		rc = bind_put(b, path, override, e);
	}
	if (rc == 0 && strcmp(b->driver, driver) != 0 && b->driver[0] != '\0') {
		if (bind_in_use(b, e))
			return -EBUSY;
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/unbind", b->driver);
		rc = bind_put(b, path, b->pci, e);
	}
	if (rc == 0 && strcmp(b->driver, driver) != 0) {
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s", driver);
		if (!bind_exists(b, path))
			rc = bind_module(b, driver, true, e);
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind", driver);
		if (rc == 0)
			rc = bind_put(b, path, b->pci, e);
	}
	return rc;
}

static int wait_for_interface(struct binding *b, struct error *e)
{
	const struct timespec pause = { .tv_nsec = APPEARS_NS };
	int rc = bind_look(b, e);

	for (int i = 0; rc == 0 && i < APPEARS_TRIES && b->interfaces == 0; i++) {
		nanosleep(&pause, NULL);
		rc = bind_look(b, e);
	}
	if (rc == 0 && b->interfaces == 0)
		rc = error_set(e, -ENODEV, "%s: its driver %s is back, but makes no interface; see `dmesg`",
			       b->pci, b->driver);
	return rc;
}

static int nic_back(struct binding *b, struct error *e)
{
	int rc = bind_look(b, e);

	if (rc == 0)
		rc = driver_back(b, e);
	if (rc < 0)
		return rc;
	if (b->nic->config->dry_run) {
		printf("would set %s up again as it was: link, addresses, routes\n",
		       saved_text(b, "interface"));
		return 0;
	}
	rc = wait_for_interface(b, e);
	if (rc == 0)
		rc = b->host->interface_bring(b->host, b->nic, b->interface,
					      json_object_object_get(b->content, "saved"), e);
	count_write(b->nic);
	return rc < 0 ? rc : bind_journal_remove(b, e);
}

/* Without a journal, what is removed is what one that was killed has not finished. */
int unbind_all(struct binding *b, struct error *e)
{
	const bool dry = b->nic->config->dry_run;
	int rc = 0;

	if (b->content != NULL)
		rc = nic_back(b, e);
	else if (!dry)
		rc = bind_journal_remove(b, e);
	if (rc == 0 && bind_journal_last(b)) {
		if (b->shared != NULL)
			rc = bind_shared_back(b, e);
		if (rc == 0 && !dry)
			rc = bind_shared_remove(b, e);
	}
	return rc;
}

int unbind_nic(struct nic *nic, const struct bind_host *host, const char *pci, struct error *e)
{
	struct binding b = { .nic = nic, .host = host, .dir = -1 };
	int rc;

	snprintf(b.pci, sizeof(b.pci), "%s", pci);
	rc = bind_look(&b, e);
	if (rc == 0)
		rc = bind_journal_open(&b, !nic->config->dry_run, e);
	if (rc < 0)
		return EXIT_HOST;
	if (b.content == NULL && strcmp(b.driver, VFIO_DRIVER) == 0)
		rc = error_set(
			e, -ENOENT,
			"%s is bound to " VFIO_DRIVER
			", but not by this program, or with another --state-dir: what it was is not known; "
			"`driverctl unset-override %s` or `dpdk-devbind.py -b DRIVER %s` gives it back",
			pci, pci, pci);
	else
		rc = unbind_all(&b, e);
	bind_journal_close(&b);
	return rc < 0 ? EXIT_HOST : EXIT_DONE;
}

int bind_status(struct nic *nic, const struct bind_host *host, const char *pci, struct error *e)
{
	struct binding b = { .nic = nic, .host = host, .dir = -1 };

	snprintf(b.pci, sizeof(b.pci), "%s", pci);
	if (bind_look(&b, e) < 0 || bind_journal_open(&b, false, e) < 0)
		return EXIT_HOST;
	printf("%s: driver %s", pci, b.driver[0] != '\0' ? b.driver : "none");
	if (b.content != NULL)
		printf("; unbind brings back %s as %s", saved_text(&b, "driver"),
		       saved_text(&b, "interface"));
	putchar('\n');
	bind_say_memory(&b);
	bind_journal_close(&b);
	return EXIT_DONE;
}
