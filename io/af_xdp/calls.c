/* SPDX-License-Identifier: Apache-2.0 */
#include "io/af_xdp/calls.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "anyscan/cookie.h"
#include "io/filter_causes.h"
#include "io/netlink/xdp_features.h"
#include "reply_redirect.skel.h"

/* libbpf says on stderr what comes back as errno. */
static int quietly(int (*call)(void *), void *arg)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int rc = call(arg);

	libbpf_set_print(print);
	return rc;
}

static void read_name(struct xdp_attached *out)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(out->id);

	if (fd < 0)
		return;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0)
		snprintf(out->name, sizeof(out->name), "%s", info.name);
	close(fd);
}

static int kernel_attached(int ifindex, struct xdp_attached *out)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int rc = bpf_xdp_query(ifindex, 0, &query);

	*out = (struct xdp_attached){ .id = 0 };
	if (rc < 0)
		return rc;
	out->id = query.prog_id != 0	 ? query.prog_id :
		  query.drv_prog_id != 0 ? query.drv_prog_id :
		  query.hw_prog_id != 0	 ? query.hw_prog_id :
					   query.skb_prog_id;
	out->mode = query.attach_mode;
	if (out->id != 0)
		read_name(out);
	return 0;
}

static int load(void *program)
{
	return reply_redirect__load(program);
}

static int kernel_load(struct reply_redirect *program)
{
	return quietly(load, program);
}

static int kernel_attach(int program, int ifindex, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);

	return bpf_link_create(program, ifindex, BPF_XDP, &options);
}

static int kernel_put(int map, uint32_t queue, int fd)
{
	return bpf_map_update_elem(map, &queue, &fd, BPF_ANY);
}

static int kernel_socket(void)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int kernel_set(int fd, int option, const void *value, socklen_t size)
{
	return setsockopt(fd, SOL_XDP, option, value, size) < 0 ? -errno : 0;
}

static int kernel_get(int fd, int option, void *value, socklen_t size)
{
	return getsockopt(fd, SOL_XDP, option, value, &size) < 0 ? -errno : 0;
}

static int kernel_map(int fd, uint64_t offset, size_t bytes, void **out)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)offset);

	if (map == MAP_FAILED)
		return -errno;
	*out = map;
	return 0;
}

static int kernel_bind(int fd, const struct sockaddr_xdp *address)
{
	return bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
}

static void kernel_wait(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };

	nanosleep(&t, NULL);
}

const struct xdp_calls xdp_calls_kernel = {
	.attached = kernel_attached,
	.features = netlink_xdp_features,
	.load = kernel_load,
	.attach = kernel_attach,
	.put = kernel_put,
	.socket = kernel_socket,
	.set = kernel_set,
	.get = kernel_get,
	.map = kernel_map,
	.bind = kernel_bind,
	.wait = kernel_wait,
};
