/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-doctor/dpdk.h"

#include <dlfcn.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#define ABI_OLDEST 21 /* of 20.11 */
#define ABI_NEWEST 40

static bool load(unsigned int abi, struct dpdk_library *l)
{
	char name[32], path[PATH_MAX];
	const char *(*version)(void);
	void *library, *symbol;
	Dl_info info;

	snprintf(name, sizeof(name), "librte_eal.so.%u", abi);
	library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL)
		return false;
	symbol = dlsym(library, "rte_version");
	if (symbol == NULL || dladdr(symbol, &info) == 0)
		return false;
	memcpy(&version, &symbol, sizeof(version)); /* as POSIX has it */
	l->abi = abi;
	snprintf(l->version, sizeof(l->version), "%s", version());
	snprintf(path, sizeof(path), "%s", info.dli_fname);
	snprintf(l->pmds, sizeof(l->pmds), "%.4000s/dpdk/pmds-%u.0", dirname(path), abi);
	return true;
}

/* A release of November begins the ABI that is named after the next year: 22.11 has 23. 0: it was built without. */
static unsigned int abi_of_pipe(struct json_object *kernel)
{
	struct json_object *pipe = json_object_object_get(kernel, "anyscan_pipe");
	struct json_object *libraries = json_object_object_get(pipe, "libraries");
	const char *text = json_object_get_string(json_object_object_get(libraries, "libdpdk"));
	unsigned int year, month;

	if (text == NULL || sscanf(text, "%u.%u", &year, &month) != 2)
		return 0;
	return year + (month >= 11);
}

bool dpdk_library_find(struct json_object *kernel, struct dpdk_library *l)
{
	const unsigned int wanted = abi_of_pipe(kernel);

	*l = (struct dpdk_library){ .abi = wanted };
	if (wanted != 0)
		return load(wanted, l);
	for (unsigned int abi = ABI_NEWEST; abi >= ABI_OLDEST; abi--)
		if (load(abi, l))
			return true;
	return false;
}

bool dpdk_pmd_installed(const struct dpdk_library *l, const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/librte_net_%s.so.%u.0", l->pmds, name, l->abi);
	if (access(path, R_OK) == 0)
		return true;
	snprintf(path, sizeof(path), "%s/librte_net_%s.so", l->pmds, name);
	return access(path, R_OK) == 0;
}
