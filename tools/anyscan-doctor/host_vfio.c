/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfio, which gives a PCI device to a program. The device file proves nothing: udev makes it for a module that nobody
 * has loaded. So the container is asked; but not before the module is there, as opening it would load it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"

#define CONTAINER "/dev/vfio/vfio"
#define DRIVER "/sys/bus/pci/drivers/vfio-pci"
#define WITHOUT_IOMMU "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
#define SANDBOX \
	"in a service: PrivateDevices=no, and DeviceAllow=char-vfio rw beside DevicePolicy=; in a container: " \
	"--device /dev/vfio"

static size_t count(const char *pattern)
{
	glob_t found;
	size_t n;

	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	n = found.gl_pathc;
	globfree(&found);
	return n;
}

static bool without_iommu(void)
{
	FILE *f = fopen(WITHOUT_IOMMU, "re");
	const int c = f != NULL ? fgetc(f) : EOF;

	if (f != NULL)
		fclose(f);
	return c == 'Y';
}

/* Whether modprobe would find it. */
static bool has_module(void)
{
	struct utsname name;
	char pattern[256];

	if (uname(&name) != 0)
		return false;
	snprintf(pattern, sizeof(pattern), "/lib/modules/%.64s/kernel/drivers/vfio/pci/vfio-pci.ko*",
		 name.release);
	return count(pattern) > 0;
}

static const char *container_remedy(int rc)
{
	switch (rc) {
	case -ENOENT:
	case -EPERM: /* a device cgroup */
		return SANDBOX;
	case -EACCES:
		return "run as root, or chmod 0666 " CONTAINER
		       " and chown the group of the NIC to the user of the scan";
	default:
		return "modprobe -r vfio-pci && modprobe vfio-pci, and look at dmesg";
	}
}

static void ask_container(struct json_object *kernel)
{
	const int fd = open(CONTAINER, O_RDWR | O_CLOEXEC);
	const int version = fd >= 0 ? ioctl(fd, VFIO_GET_API_VERSION) : -1;
	const int rc = version < 0 ? -errno : 0;

	if (rc < 0)
		cannot(kernel, "vfio", container_remedy(rc), "vfio-pci is loaded, but " CONTAINER ": %s",
		       because(rc));
	else if (version != VFIO_API_VERSION)
		cannot(kernel, "vfio", "use a DPDK that was made for this kernel",
		       CONTAINER " speaks version %d, and DPDK %d", version, VFIO_API_VERSION);
	else
		put_number(can(kernel, "vfio"), "nics", (int64_t)count(DRIVER "/????:??:??.?"));
	if (fd >= 0)
		close(fd);
}

static void probe_iommu(struct json_object *kernel)
{
	const size_t groups = count("/sys/kernel/iommu_groups/[0-9]*");
	struct json_object *c;

	if (groups > 0) {
		c = can(kernel, "iommu");
		put_number(c, "groups", (int64_t)groups);
	} else if (without_iommu()) {
		c = can(kernel, "iommu");
		put_text(c, "mode", "none: a NIC may read and write any memory");
	} else {
		cannot(kernel, "iommu",
		       "add intel_iommu=on iommu=pt to the kernel's command line and restart; where there is none, as "
		       "in most virtual machines, go without: echo 1 > " WITHOUT_IOMMU,
		       "the kernel has no IOMMU groups, and vfio is not allowed to do without");
	}
}

/* What a sandbox of systemd (ProtectKernelTunables=) or a container closes. */
static void probe_sysfs(struct json_object *kernel)
{
	struct statvfs s;

	if (statvfs("/sys", &s) == 0 && (s.f_flag & ST_RDONLY))
		cannot(kernel, "sysfs_writable",
		       "in a service: ProtectKernelTunables=no; in a container: --privileged; or reserve and bind "
		       "before it starts",
		       "/sys is mounted read-only: anyscan-nic can neither bind a NIC nor reserve huge pages from here");
	else if (access("/sys/bus/pci/drivers_probe", W_OK) != 0 && errno != ENOENT)
		cannot(kernel, "sysfs_writable", "run anyscan-nic as root", "/sys/bus/pci/drivers_probe: %s",
		       because(-errno));
	else
		can(kernel, "sysfs_writable");
}

void probe_vfio(struct json_object *kernel)
{
	if (access(DRIVER, F_OK) == 0)
		ask_container(kernel);
	else if (has_module())
		cannot(kernel, "vfio", "modprobe vfio-pci; `anyscan-nic bind` does it",
		       "vfio-pci is not loaded%s",
		       access(CONTAINER, F_OK) == 0 ? "; that " CONTAINER " is there proves nothing" : "");
	else
		cannot(kernel, "vfio",
		       "install the kernel's modules (linux-modules-extra-$(uname -r) on Ubuntu), or a kernel with "
		       "CONFIG_VFIO_PCI; or use --io-engine af_xdp, or DPDK over it: -i net_af_xdp0,iface=ens1",
		       "this kernel has no vfio-pci%s",
		       access(CONTAINER, F_OK) == 0 ? "; that " CONTAINER " is there proves nothing" : "");
	probe_iommu(kernel);
	probe_sysfs(kernel);
}
