/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/libbpf.h>
#include <json-c/json.h>
#include <stdio.h>

#define PCAP_DONT_INCLUDE_PCAP_BPF_H /* its struct bpf_insn is also <linux/bpf.h>'s */
#include <pcap/pcap.h>

#include "tools/anyscan-pipe/scan.h"

#ifndef ANYSCAN_VERSION
#define ANYSCAN_VERSION "unknown"
#endif

static const struct library {
	const char *name, *(*version)(void);
} libraries[] = {
	{ "json-c", json_c_version },	 { "libbpf", libbpf_version_string },
	{ "libpcap", pcap_lib_version }, { "hwloc", NULL },
#ifdef ANYSCAN_ALLOCATOR
	{ ANYSCAN_ALLOCATOR, NULL },
#endif
};
#define LIBRARIES (sizeof(libraries) / sizeof(libraries[0]))

void version_print(void)
{
	printf("anyscan-pipe %s\nengines:", ANYSCAN_VERSION);
	for (size_t i = 0; io_engines[i] != NULL; i++)
		printf(" %s", io_engines[i]->name);
	for (size_t i = 0; i < LIBRARIES; i++)
		printf("%s%s%s%s", i == 0 ? "\nlibraries: " : ", ", libraries[i].name,
		       libraries[i].version != NULL ? " " : "",
		       libraries[i].version != NULL ? libraries[i].version() : "");
	putchar('\n');
}

void version_print_json(void)
{
	struct json_object *o = json_object_new_object(), *engines = json_object_new_array();
	struct json_object *linked = json_object_new_object();

	for (size_t i = 0; io_engines[i] != NULL; i++)
		json_object_array_add(engines, json_object_new_string(io_engines[i]->name));
	for (size_t i = 0; i < LIBRARIES; i++)
		json_object_object_add(
			linked, libraries[i].name,
			libraries[i].version != NULL ? json_object_new_string(libraries[i].version()) : NULL);
	json_object_object_add(o, "version", json_object_new_string(ANYSCAN_VERSION));
	json_object_object_add(o, "engines", engines);
	json_object_object_add(o, "libraries", linked);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
