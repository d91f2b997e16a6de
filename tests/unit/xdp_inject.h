/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up calls of the af_xdp engine, one of which is refused: the nth, or every one from the nth on. */
#ifndef TESTS_XDP_INJECT_H
#define TESTS_XDP_INJECT_H

#include <dirent.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "io/af_xdp/calls.h"

static struct {
	const struct xdp_calls *base;
	unsigned int calls, nth; /* counted from 1; nth 0: none is refused */
	bool from_there_on;
	const char *refused; /* what was, last */
} inject;

static bool inject_refuses(const char *what)
{
	inject.calls++;
	if (inject.nth == 0 ||
	    (inject.from_there_on ? inject.calls < inject.nth : inject.calls != inject.nth))
		return false;
	inject.refused = what;
	return true;
}

/* Each with what the kernel answers at that step. */
static int inject_attached(int ifindex, struct xdp_attached *out)
{
	return inject_refuses("attached") ? -EPERM : inject.base->attached(ifindex, out);
}
static int inject_features(int ifindex, uint64_t *out)
{
	return inject_refuses("features") ? -EOPNOTSUPP : inject.base->features(ifindex, out);
}
static int inject_load(struct reply_redirect *program)
{
	return inject_refuses("load") ? -EPERM : inject.base->load(program);
}
static int inject_attach(int program, int ifindex, uint32_t flags)
{
	return inject_refuses("attach") ? -EOPNOTSUPP : inject.base->attach(program, ifindex, flags);
}
static int inject_put(int map, uint32_t queue, int fd)
{
	return inject_refuses("put") ? -E2BIG : inject.base->put(map, queue, fd);
}
static int inject_socket(void)
{
	return inject_refuses("socket") ? -EMFILE : inject.base->socket();
}
static int inject_set(int fd, int option, const void *value, socklen_t size)
{
	if (inject_refuses("set"))
		return option == XDP_UMEM_REG ? -ENOBUFS : -ENOMEM;
	return inject.base->set(fd, option, value, size);
}
static int inject_get(int fd, int option, void *value, socklen_t size)
{
	return inject_refuses("get") ? -EOPNOTSUPP : inject.base->get(fd, option, value, size);
}
static int inject_map(int fd, uint64_t offset, size_t bytes, void **out)
{
	return inject_refuses("map") ? -ENOMEM : inject.base->map(fd, offset, bytes, out);
}
static int inject_bind(int fd, const struct sockaddr_xdp *address)
{
	return inject_refuses("bind") ? -EINVAL : inject.base->bind(fd, address);
}
static void inject_wait(uint64_t ns)
{
	inject.base->wait(ns);
}

static const struct xdp_calls inject_calls = {
	.attached = inject_attached,
	.features = inject_features,
	.load = inject_load,
	.attach = inject_attach,
	.put = inject_put,
	.socket = inject_socket,
	.set = inject_set,
	.get = inject_get,
	.map = inject_map,
	.bind = inject_bind,
	.wait = inject_wait,
};

static inline void inject_begin(const struct xdp_calls *base, unsigned int nth, bool from_there_on)
{
	inject.base = base;
	inject.calls = 0;
	inject.nth = nth;
	inject.from_there_on = from_there_on;
	inject.refused = NULL;
}

/* File descriptors of this process. */
static inline unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* Mappings of this process whose line in /proc/self/maps contains the word. */
static inline unsigned int mappings(const char *word)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned int n = 0;

	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, word) != NULL;
	fclose(f);
	return n;
}

#endif
