/* SPDX-License-Identifier: Apache-2.0 */
#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
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

void probe_rights(struct json_object *kernel)
{
	probe_capabilities(kernel);
	probe_seccomp(kernel);
}
