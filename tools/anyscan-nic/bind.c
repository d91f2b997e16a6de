/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "tools/anyscan-nic/bind.h"
#include "tools/device/registers.h"

/* DPDK drives these beside the kernel: it needs libibverbs and the interface as it is. */
static bool beside_kernel(const char *driver)
{
	return strcmp(driver, "mlx5_core") == 0 || strcmp(driver, "mlx4_core") == 0 ||
	       strcmp(driver, "mana") == 0;
}

static bool refuse_bind(struct binding *b, struct error *e)
{
	if (b->driver[0] == '\0')
		error_set(e, -ENODEV,
			  "%s has no driver: neither its address nor what to bring back is known; "
			  "`echo %s > /sys/bus/pci/drivers_probe` gives it one",
			  b->pci, b->pci);
	else if (strcmp(b->driver, VFIO_DRIVER) == 0)
		error_set(e, -EBUSY,
			  "%s is bound to " VFIO_DRIVER
			  " already, but not by this program, or with another --state-dir",
			  b->pci);
	else if (beside_kernel(b->driver))
		error_set(
			e, -EINVAL,
			"%s: DPDK drives a NIC of %s beside the kernel; leave it as it is, and name %s with -i",
			b->pci, b->driver, b->interface[0] != '\0' ? b->interface : "it");
	else if (b->interfaces != 1)
		error_set(
			e, -EINVAL,
			"%s (driver %s) has %s interface in this network namespace: what depends on it cannot be "
			"seen, so it is not touched",
			b->pci, b->driver, b->interfaces == 0 ? "no" : "more than one");
	else if (!b->iommu && !b->nic->config->unsafe_no_iommu)
		error_set(e, -EPERM,
			  "%s has no IOMMU group, so nothing would keep the NIC from other memory: boot with "
			  "intel_iommu=on or amd_iommu=on iommu=pt, or accept that with --unsafe-no-iommu",
			  b->pci);
	else
		return bind_group_refused(b, e) || b->host->refused(b->host, b->nic, b->interface, e);
	return true;
}

static int down(struct binding *b, struct error *e)
{
	char path[PATH_MAX], text[32];
	unsigned int flags = 0;

	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", b->interface);
	if (!bind_read(b, path, text, sizeof(text)) || sscanf(text, "%x", &flags) != 1)
		return error_set(e, -EIO, "%s cannot be read", path);
	if ((flags & IFF_UP) == 0)
		return 0;
	snprintf(text, sizeof(text), "0x%x", flags & ~(unsigned int)IFF_UP);
	return bind_put(b, path, text, e);
}

static int to_vfio(struct binding *b, struct error *e)
{
	char path[PATH_MAX];
	int rc = down(b, e);

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", b->pci);
	if (rc == 0)
		rc = bind_put(b, path, VFIO_DRIVER, e);
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/unbind", b->driver);
	if (rc == 0)
		rc = bind_put(b, path, b->pci, e);
	if (rc == 0)
		rc = bind_put(b, "/sys/bus/pci/drivers_probe", b->pci, e);
	if (rc < 0 || b->nic->config->dry_run)
		return rc;
	rc = bind_look(b, e);
	if (rc == 0 && strcmp(b->driver, VFIO_DRIVER) != 0)
		rc = error_set(e, -EIO, "%s: " VFIO_DRIVER " does not take it; `dmesg | tail` says why",
			       b->pci);
	return rc;
}

static void say(const struct binding *b)
{
	const char *would = b->nic->config->dry_run ? "would be" : "is";

	if (b->iommu)
		printf("%s %s bound to " VFIO_DRIVER ", behind the IOMMU\n", b->pci, would);
	else
		printf("%s %s bound to " VFIO_DRIVER
		       " WITHOUT an IOMMU: the NIC can write to any memory of this host\n",
		       b->pci, would);
}

void bind_say_memory(const struct binding *b)
{
	const bool bound = strcmp(b->driver, VFIO_DRIVER) == 0;
	char type[64];

	if (b->vendor != REGISTERS_ENA_VENDOR || (!bound && !b->nic->config->dry_run))
		return;
	/* before it is bound, the table tells of the kernel's driver */
	if (!bound || !registers_mapped(b->host->root, b->pci, 2, type, sizeof(type)))
		printf("ENA's low-latency queues need BAR 2 write-combined, and vfio-pci of mainline maps it uncached: take " REGISTERS_WC_REMEDY
		       "; `anyscan-nic status %s` during a scan shows how it is\n",
		       b->pci);
	else if (strcmp(type, "write-combining") == 0)
		printf("BAR 2 is mapped write-combining, as ENA's low-latency queues need it\n");
	else
		printf("BAR 2 is mapped %s: ENA's low-latency queues are slow like that; take " REGISTERS_WC_REMEDY
		       "\n",
		       type);
}

static int save_and_bind(struct binding *b, struct error *e)
{
	struct json_object *interface = b->host->interface_read(b->host, b->nic, b->interface, e);
	int rc = interface != NULL ? 0 : -EIO;

	if (rc == 0 && !b->nic->config->dry_run)
		rc = bind_journal_write(b, interface, e);
	if (rc == 0)
		rc = bind_shared_set(b, e);
	if (rc == 0)
		rc = to_vfio(b, e);
	json_object_put(interface);
	return rc;
}

/* After a failure; what is said first is why it failed. */
static void take_back(struct binding *b, struct error *e)
{
	struct error second = { .code = 0 };
	const size_t len = strlen(e->text);

	if (unbind_all(b, &second) == 0)
		snprintf(e->text + len, sizeof(e->text) - len, "\nall is again as it was");
	else
		snprintf(e->text + len, sizeof(e->text) - len,
			 "\nand back: %.300s; `anyscan-nic unbind %s` tries again", second.text, b->pci);
}

static int work(struct binding *b, struct error *e)
{
	const bool dry = b->nic->config->dry_run;
	int rc = 0;

	if (b->content != NULL && strcmp(b->driver, VFIO_DRIVER) == 0) {
		rc = dry ? 0 :
			   bind_shared_set(b,
					   e); /* one that was killed had done that; more may be asked for */
		if (rc == 0)
			say(b);
		return rc;
	}
	if (b->content != NULL && !dry) { /* one that was killed on its way */
		rc = unbind_all(b, e);
		if (rc == 0)
			rc = bind_look(b, e);
	}
	if (rc < 0)
		return rc;
	if (refuse_bind(b, e))
		return -EPERM;
	rc = save_and_bind(b, e);
	if (rc < 0 && !dry)
		take_back(b, e);
	if (rc == 0) {
		say(b);
		bind_say_memory(b);
	}
	return rc;
}

int bind_nic(struct nic *nic, const struct bind_host *host, const char *pci, struct error *e)
{
	struct binding b = { .nic = nic, .host = host, .dir = -1 };
	int rc;

	snprintf(b.pci, sizeof(b.pci), "%s", pci);
	rc = bind_look(&b, e);
	/* Refused before a directory is made for it. */
	if (rc == 0 && strcmp(b.driver, VFIO_DRIVER) != 0 && refuse_bind(&b, e)) {
		struct error unread;

		if (bind_journal_open(&b, false, &unread) < 0 || b.content == NULL)
			rc = -EPERM;
		bind_journal_close(&b);
	}
	if (rc == 0)
		rc = bind_journal_open(&b, !nic->config->dry_run, e);
	if (rc == 0)
		rc = work(&b, e);
	else
		return EXIT_HOST;
	bind_journal_close(&b);
	return rc < 0 ? EXIT_HOST : EXIT_DONE;
}
