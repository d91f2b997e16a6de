/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libraries are those that the Makefile links, one list for both, so that this one cannot fall behind. A version is
 * that of the build, but where a library tells its own: another may have been installed since.
 */
#include <bpf/libbpf.h>
#include <gnu/libc-version.h>
#include <json-c/json.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#define PCAP_DONT_INCLUDE_PCAP_BPF_H /* its struct bpf_insn is also <linux/bpf.h>'s */
#include <pcap/pcap.h>

#include "stages/forms.h"
#include "tools/anyscan-pipe/scan.h"

#ifndef ANYSCAN_LIBRARIES
#define ANYSCAN_LIBRARIES "" /* as "json-c 0.16 libbpf 1.1.2" */
#endif

struct library {
	char name[32], version[64];
};

static void libbpf_own(char *out, size_t size)
{
	snprintf(out, size, "%s", libbpf_version_string() + 1); /* v1.1 */
}

/* "libpcap version 1.10.3 (with TPACKET_V3)" */
static void libpcap_own(char *out, size_t size)
{
	const char *text = strpbrk(pcap_lib_version(), "0123456789");

	snprintf(out, size, "%.*s", text != NULL ? (int)strcspn(text, " ") : 0, text != NULL ? text : "");
}

static void json_c_own(char *out, size_t size)
{
	snprintf(out, size, "%s", json_c_version());
}

static void libc_own(char *out, size_t size)
{
	snprintf(out, size, "%s", gnu_get_libc_version());
}

static void libseccomp_own(char *out, size_t size)
{
	const struct scmp_version *v = seccomp_version();

	snprintf(out, size, "%u.%u.%u", v->major, v->minor, v->micro);
}

static const struct {
	const char *name;
	void (*version)(char *out, size_t size);
} own[] = { { "libbpf", libbpf_own },
	    { "libpcap", libpcap_own },
	    { "json-c", json_c_own },
	    { "libseccomp", libseccomp_own },
	    { "libc", libc_own } };

/* Takes the next library of the list; false: there is none. */
static bool next_library(const char **list, struct library *l)
{
	int used;

	if (sscanf(*list, "%31s %63s%n", l->name, l->version, &used) != 2)
		return false;
	*list += used;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(own[i].name, l->name) == 0)
			own[i].version(l->version, sizeof(l->version));
	return true;
}

static void print_text(FILE *out)
{
	const char *list = ANYSCAN_LIBRARIES, *comma = "";
	struct library l;
	char forms[128];

	fprintf(out, "anyscan-pipe %s\nengines:", ANYSCAN_VERSION);
	for (size_t i = 0; io_engines[i] != NULL; i++)
		fprintf(out, " %s", io_engines[i]->name);
	fprintf(out, "\nlibraries:");
	for (; next_library(&list, &l); comma = ",")
		fprintf(out, "%s %s %s", comma, l.name, l.version);
	forms_text(forms, sizeof(forms));
	fprintf(out, "\nforms: %s\n", forms);
}

static void print_json(FILE *out)
{
	struct json_object *o = json_object_new_object(), *engines = json_object_new_array();
	struct json_object *linked = json_object_new_object();
	const char *list = ANYSCAN_LIBRARIES;
	struct library l;
	char forms[128];

	forms_text(forms, sizeof(forms));
	for (size_t i = 0; io_engines[i] != NULL; i++)
		json_object_array_add(engines, json_object_new_string(io_engines[i]->name));
	while (next_library(&list, &l))
		json_object_object_add(linked, l.name, json_object_new_string(l.version));
	json_object_object_add(o, "version", json_object_new_string(ANYSCAN_VERSION));
	json_object_object_add(o, "engines", engines);
	json_object_object_add(o, "libraries", linked);
	json_object_object_add(o, "forms", json_object_new_string(forms));
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void version_print(bool json, FILE *out)
{
	if (json)
		print_json(out);
	else
		print_text(out);
}
