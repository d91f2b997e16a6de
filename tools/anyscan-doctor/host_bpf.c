/* SPDX-License-Identifier: Apache-2.0 */
/* Loading is tried with programs of two instructions: `return N`. */
#include <bpf/bpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"

static int load(enum bpf_prog_type type, int value)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = value },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(type, "doctor", "Dual BSD/GPL", code, sizeof(code) / sizeof(code[0]), NULL);
}

static void report(struct json_object *kernel, const char *name, int fd, const char *what)
{
	if (fd >= 0) {
		can(kernel, name);
		close(fd);
	} else {
		cannot(kernel, name,
		       fd == -ENOSYS || fd == -EINVAL ?
			       "use a kernel with CONFIG_BPF_SYSCALL and CONFIG_XDP_SOCKETS" :
			       GRANT_BPF,
		       "%s: %s", what, because(fd));
	}
}

/* A child that has given up every capability tries; 0 or a positive errno. */
static int load_without_rights(void)
{
	const pid_t pid = fork();
	int status, fd;

	if (pid == 0) {
		capng_clear(CAPNG_SELECT_CAPS);
		if (capng_apply(CAPNG_SELECT_CAPS) != 0)
			_exit(EPERM);
		fd = load(BPF_PROG_TYPE_SOCKET_FILTER, 0);
		_exit(fd >= 0 ? 0 : -fd);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return EAGAIN;
	return WEXITSTATUS(status);
}

static void probe_unprivileged(struct json_object *kernel)
{
	const int why = load_without_rights();

	if (why == 0)
		can(kernel, "unprivileged_bpf");
	else
		cannot(kernel, "unprivileged_bpf",
		       "nothing to do on a host where others work: grant cap_bpf to the program that needs it "
		       "(setcap); kernel.unprivileged_bpf_disabled=0 would open it to everyone",
		       "a socket filter, loaded without any capability: %s", because(-why));
}

/* CO-RE programs are fitted to the kernel by its own type information. */
static void probe_btf(struct json_object *kernel)
{
	const char path[] = "/sys/kernel/btf/vmlinux";
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		can(kernel, "btf");
		close(fd);
	} else {
		cannot(kernel, "btf", "use a kernel with CONFIG_DEBUG_INFO_BTF; or mount sysfs", "%s: %s",
		       path, because(-errno));
	}
}

void probe_bpf(struct json_object *kernel)
{
	report(kernel, "socket_filter", load(BPF_PROG_TYPE_SOCKET_FILTER, 0),
	       "loading an eBPF socket filter");
	report(kernel, "xdp_program", load(BPF_PROG_TYPE_XDP, XDP_PASS), "loading an XDP program");
	report(kernel, "xskmap", bpf_map_create(BPF_MAP_TYPE_XSKMAP, "doctor", 4, 4, 1, NULL),
	       "making a map of AF_XDP sockets");
	probe_btf(kernel);
	probe_unprivileged(kernel);
}
