/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/anyscan-doctor/doctor.h"

#define NEEDS_MAX 4

/* What the host must be capable of for each engine, names as in `kernel`. */
static const struct engine {
	const char *name, *needs[NEEDS_MAX];
} engines[] = {
	{ "af_packet", { "af_packet" } },
	{ "af_xdp", { "af_xdp", "xdp_program", "xskmap" } },
	{ "dpdk", { "dpdk_library", "dpdk_pmds" } },
	{ "sim", { NULL } },
	{ "null", { NULL } },
	{ "pcap", { NULL } },
};

static bool built_in(struct json_object *kernel, const char *name)
{
	struct json_object *names =
		json_object_object_get(json_object_object_get(kernel, "anyscan_pipe"), "engines");

	for (size_t i = 0; names != NULL && i < json_object_array_length(names); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(names, i)), name) == 0)
			return true;
	return false;
}

static const char *missing_need(const struct engine *engine, struct json_object *kernel)
{
	for (size_t i = 0; i < NEEDS_MAX && engine->needs[i] != NULL; i++)
		if (!available(kernel, engine->needs[i]))
			return engine->needs[i];
	return NULL;
}

void look_at_engines(struct json_object *out, struct json_object *kernel)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		const char *name = engines[i].name, *need = missing_need(&engines[i], kernel);

		if (!available(kernel, "anyscan_pipe"))
			cannot_as(out, name, json_object_object_get(kernel, "anyscan_pipe"));
		else if (!built_in(kernel, name))
			cannot(out, name,
			       "use --io-engine af_packet, or an anyscan-pipe that has it: `anyscan-pipe --version` "
			       "lists what is built in",
			       "it is not built into anyscan-pipe %s",
			       json_object_get_string(json_object_object_get(
				       json_object_object_get(kernel, "anyscan_pipe"), "version")));
		else if (need != NULL)
			cannot_as(out, name, json_object_object_get(kernel, need));
		else
			can(out, name);
	}
}
