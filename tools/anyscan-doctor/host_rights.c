/* SPDX-License-Identifier: Apache-2.0 */
#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"

static const struct right {
	unsigned int number;
	const char *name, *what;
} rights[] = {
	{ CAP_NET_RAW, "cap_net_raw", "packet sockets and AF_XDP sockets" },
	{ CAP_NET_ADMIN, "cap_net_admin", "attaching XDP programs and anyscan-nic" },
	{ CAP_BPF, "cap_bpf", "loading programs" },
	{ CAP_IPC_LOCK, "cap_ipc_lock", "locking more memory than the limit" },
};

static void probe_capabilities(struct json_object *kernel)
{
	struct json_object *all = json_object_new_object();
	const bool known = capng_get_caps_process() == 0;
	char remedy[160];

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if (known && capng_have_capability(CAPNG_EFFECTIVE, rights[i].number)) {
			can(all, rights[i].name);
			continue;
		}
		snprintf(remedy, sizeof(remedy), "setcap %s+ep on the program that needs it, or run as root",
			 rights[i].name);
		cannot(all, rights[i].name, remedy, "this process does not have it: needed for %s",
		       rights[i].what);
	}
	json_object_object_add(kernel, "capabilities", all);
}

/* With a NULL filter a kernel that has the mode says EFAULT, and changes nothing (seccomp(2)). */
static void probe_seccomp(struct json_object *kernel)
{
	const long rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL);

	if (rc < 0 && (errno == EFAULT || errno == EACCES))
		can(kernel, "seccomp");
	else
		cannot(kernel, "seccomp",
		       "use a kernel with CONFIG_SECCOMP_FILTER; a scan runs without, less confined",
		       "the filter mode: %s", rc < 0 ? because(-errno) : "an odd answer");
}

/*
 * MemoryDenyWriteExecute= of systemd, by prctl(PR_SET_MDWE) or by a filter of system calls. The engines do without, and so
 * do the drivers of DPDK that Debian has; the kernel's compiler of BPF is not concerned.
 */
static void probe_write_execute(struct json_object *kernel)
{
	const size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int rc = page == MAP_FAILED ? -errno : 0;

	if (rc == 0 && mprotect(page, bytes, PROT_READ | PROT_EXEC) < 0)
		rc = -errno;
	if (rc == 0)
		can(kernel, "write_execute");
	else
		cannot(kernel, "write_execute",
		       "nothing, unless --io-engine dpdk says that a driver or library of another vendor cannot be loaded: "
		       "then MemoryDenyWriteExecute=no in the service",
		       "memory that was written cannot be made executable: %s; no engine needs it, but a library with "
		       "an executable stack or a compiler of its own does",
		       because(rc));
	if (page != MAP_FAILED)
		munmap(page, bytes);
}

void probe_rights(struct json_object *kernel)
{
	probe_capabilities(kernel);
	probe_seccomp(kernel);
	probe_write_execute(kernel);
}
