/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/machine/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/machine/json_file.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define TEXT_AT(type, member) \
	.kind = JSON_TEXT, .offset = offsetof(struct type, member), .most = sizeof(((struct type *)0)->member)

static const struct json_field machine_fields[] = {
	{ "name", TEXT_AT(machine, name), .needed = true },
	{ "about", TEXT_AT(machine, about) },
	{ "sockets", JSON_COUNT, AT(machine, sockets), .needed = true, .least = 1, .most = 16 },
	{ "nodes", JSON_COUNT, AT(machine, nodes), .needed = true, .least = 1, .most = 64 },
	{ "cores", JSON_COUNT, AT(machine, cores), .needed = true, .least = 1, .most = 512 },
	{ "threads_per_core", JSON_COUNT, AT(machine, threads_per_core), .needed = true, .least = 1,
	  .most = 8 },
	{ "siblings", TEXT_AT(machine, siblings) },
	{ "speed", JSON_NUMBER, AT(machine, speed), .least = 0.05, .most = 20 },
	{ "smt_yield", JSON_NUMBER, AT(machine, smt_yield), .least = 1, .most = 8 },
	{ "allowance_pps", JSON_NUMBER, AT(machine, allowance_pps), .most = 1e12 },
	{ .key = "notes", .kind = JSON_NESTED },
	{ .key = "engines", .kind = JSON_NESTED, .needed = true },
	{ .key = "nics", .kind = JSON_NESTED, .needed = true },
	{ NULL },
};

static const struct json_field engine_fields[] = {
	{ "tx_ns", JSON_NUMBER, AT(machine_engine, tx_ns), .needed = true, .most = 1e6 },
	{ "kernel_ns", JSON_NUMBER, AT(machine_engine, kernel_ns), .most = 1e6 },
	{ "port_pps", JSON_NUMBER, AT(machine_engine, port_pps), .most = 1e12 },
	{ NULL },
};

struct nic_row { /* of the file: `count` alike, numbered from 0, or one */
	struct machine_nic nic;
	unsigned int count;
};

static const struct json_field nic_fields[] = {
	{ "name", .kind = JSON_TEXT, AT(nic_row, nic.name), .needed = true, .most = 24 },
	{ "count", JSON_COUNT, AT(nic_row, count), .least = 1, .most = MACHINE_NICS_MAX },
	{ "node", JSON_INDEX, AT(nic_row, nic.node), .needed = true, .most = 63 },
	{ "queues", JSON_COUNT, AT(nic_row, nic.queues), .needed = true, .least = 1, .most = 1024 },
	{ "gbps", JSON_NUMBER, AT(nic_row, nic.gbps), .most = 10000 },
	{ "pps", JSON_NUMBER, AT(nic_row, nic.pps), .most = 1e12 },
	{ NULL },
};

static const struct json_path top = { .steps = 0 };

static struct json_object *member(const struct json_file *f, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(f->root, key, &value);
	return value;
}

static int read_notes(const struct json_file *f, struct machine *m, struct error *e)
{
	const struct json_path path = json_member(&top, "notes");
	struct json_object *notes = member(f, "notes");

	if (notes == NULL)
		return 0;
	if (!json_object_is_type(notes, json_type_array) ||
	    json_object_array_length(notes) > MACHINE_NOTES_MAX)
		return json_wrong(f, &path, e, "\"notes\" is a list of texts, %d at most", MACHINE_NOTES_MAX);
	for (; m->notes < json_object_array_length(notes); m->notes++) {
		struct json_object *note = json_object_array_get_idx(notes, m->notes);
		const struct json_path at = json_element(&path, m->notes);

		if (!json_object_is_type(note, json_type_string) ||
		    json_object_get_string_len(note) >= (int)sizeof(m->note[0]))
			return json_wrong(f, &at, e, "a note is a text of at most %zu bytes",
					  sizeof(m->note[0]) - 1);
		strcpy(m->note[m->notes], json_object_get_string(note));
	}
	return 0;
}

static int read_engines(const struct json_file *f, struct machine *m, struct error *e)
{
	const struct json_path path = json_member(&top, "engines");
	struct json_object *engines = member(f, "engines");

	if (!json_object_is_type(engines, json_type_object) || json_object_object_length(engines) == 0 ||
	    json_object_object_length(engines) > MACHINE_ENGINES_MAX)
		return json_wrong(f, &path, e, "\"engines\" is an object of 1 to %d, each by its name",
				  MACHINE_ENGINES_MAX);
	json_object_object_foreach(engines, name, value)
	{
		const struct json_path at = json_member(&path, name);
		struct machine_engine *engine = &m->engine[m->engines];
		int r;

		if (strlen(name) >= sizeof(engine->name))
			return json_wrong(f, &at, e, "\"%s\" is no name of an engine", name);
		strcpy(engine->name, name);
		r = json_read(f, value, &at, engine_fields, engine, e);
		if (r < 0)
			return r;
		m->engines++;
	}
	return 0;
}

/* NAME0, NAME1, ... where there are several. */
static void add_nics(struct machine *m, const struct nic_row *row)
{
	for (unsigned int i = 0; i < row->count; i++) {
		struct machine_nic *nic = &m->nic[m->nics++];

		*nic = row->nic;
		if (row->count > 1)
			snprintf(nic->name, sizeof(nic->name), "%.24s%u", row->nic.name, i);
	}
}

static int read_nics(const struct json_file *f, struct machine *m, struct error *e)
{
	const struct json_path path = json_member(&top, "nics");
	struct json_object *nics = member(f, "nics");

	if (!json_object_is_type(nics, json_type_array) || json_object_array_length(nics) == 0)
		return json_wrong(f, &path, e, "\"nics\" is a list of at least one");
	for (size_t i = 0; i < json_object_array_length(nics); i++) {
		const struct json_path at = json_element(&path, i), node = json_member(&at, "node");
		struct nic_row row = { .count = 1 };
		int r = json_read(f, json_object_array_get_idx(nics, i), &at, nic_fields, &row, e);

		if (r < 0)
			return r;
		if (row.nic.node >= (int)m->nodes)
			return json_wrong(f, &node, e, "node %d, and the last of %u is %u", row.nic.node,
					  m->nodes, m->nodes - 1);
		if (m->nics + row.count > MACHINE_NICS_MAX)
			return json_wrong(f, &at, e, "more than %d NICs", MACHINE_NICS_MAX);
		add_nics(m, &row);
	}
	return 0;
}

static int check(const struct json_file *f, const struct machine *m, struct error *e)
{
	const struct json_path nodes = json_member(&top, "nodes"), siblings = json_member(&top, "siblings"),
			       cores = json_member(&top, "cores");

	if (m->nodes % m->sockets != 0)
		return json_wrong(f, &nodes, e, "%u nodes do not divide among %u sockets", m->nodes,
				  m->sockets);
	if (m->cores % m->nodes != 0)
		return json_wrong(f, &cores, e, "%u cores do not divide among %u nodes", m->cores, m->nodes);
	if (m->cores * m->threads_per_core > CPU_SETSIZE)
		return json_wrong(f, &cores, e, "%u hardware threads; %d at most",
				  m->cores * m->threads_per_core, CPU_SETSIZE);
	if (strcmp(m->siblings, "far") != 0 && strcmp(m->siblings, "near") != 0)
		return json_wrong(
			f, &siblings, e,
			"\"siblings\" is \"%s\"; write far (CPU n and n + cores are one core) or near "
			"(2n and 2n + 1)",
			m->siblings);
	return 0;
}

int machine_read(const char *file, struct machine *m, struct error *e)
{
	struct json_file f;
	int r = json_file_open(&f, file, e);

	if (r < 0)
		return r;
	*m = (struct machine){ .siblings = "far", .speed = 1, .smt_yield = 1.25 };
	r = json_read(&f, f.root, &top, machine_fields, m, e);
	if (r == 0)
		r = check(&f, m, e);
	if (r == 0)
		r = read_notes(&f, m, e);
	if (r == 0)
		r = read_engines(&f, m, e);
	if (r == 0)
		r = read_nics(&f, m, e);
	json_file_close(&f);
	return r;
}

const struct machine_engine *machine_engine(const struct machine *m, const char *name)
{
	for (unsigned int i = 0; i < m->engines; i++) {
		if (strcmp(m->engine[i].name, name) == 0)
			return &m->engine[i];
	}
	return NULL;
}

int machine_host(const struct machine *m, struct plan_host *h)
{
	const unsigned int cpus = m->cores * m->threads_per_core;
	const bool far = strcmp(m->siblings, "far") == 0;
	struct plan_cpu *cpu = calloc(cpus, sizeof(*cpu));
	int *node = calloc(m->nics, sizeof(*node));
	unsigned int queues = m->nic[0].queues;

	if (cpu == NULL || node == NULL) {
		free(cpu);
		free(node);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < cpus; i++) {
		const unsigned int core = far ? i % m->cores : i / m->threads_per_core;

		cpu[i] = (struct plan_cpu){ (int)i, (int)core, (int)(core / (m->cores / m->nodes)) };
	}
	for (unsigned int i = 0; i < m->nics; i++) {
		node[i] = m->nic[i].node;
		queues = m->nic[i].queues < queues ? m->nic[i].queues : queues;
	}
	*h = (struct plan_host){ .cpus = cpus,
				 .cpu = cpu,
				 .ports = m->nics,
				 .port_node = node,
				 .receives = true,
				 .queues_max = queues };
	return 0;
}

void machine_host_free(struct plan_host *h)
{
	free((void *)(uintptr_t)h->cpu);
	free((void *)(uintptr_t)h->port_node);
	*h = (struct plan_host){ .cpus = 0 };
}
