/* SPDX-License-Identifier: Apache-2.0 */
#include "io/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define MODULE "anyscan-dpdk.so"

const struct io_ops dpdk_listed = {
	.name = "dpdk",
	.on_wire = true,
	.summary = "DPDK: a NIC without the kernel, or a device of DPDK's (-i net_af_packet0,iface=ens1)",
};

static void *load(const char *folder)
{
	static const char *const where[] = { "", "../lib/anyscan-pipe/" };
	char path[PATH_MAX + 64];
	void *module = NULL;

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]) && module == NULL; i++) {
		snprintf(path, sizeof(path), "%s/%s" MODULE, folder, where[i]);
		if (access(path, F_OK) == 0)
			module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		else if (i > 0)
			module = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
	}
	return module;
}

const struct io_ops *io_ready(const struct io_ops *listed, struct error *e)
{
	const struct io_ops *ops = NULL;
	char folder[PATH_MAX];
	const ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	void *module = NULL;

	if (listed != &dpdk_listed)
		return listed;
	folder[n > 0 ? n : 0] = '\0';
	if (strrchr(folder, '/') != NULL)
		*strrchr(folder, '/') = '\0';
	module = load(folder);
	if (module != NULL)
		ops = dlsym(module, "dpdk_ops");
	if (ops == NULL)
		error_set(
			e, -ENOPKG,
			"--io-engine dpdk: %s\nits libraries are those of libdpdk-dev, or of dpdk: apt-get install dpdk",
			dlerror());
	return ops;
}
