/* SPDX-License-Identifier: Apache-2.0 */
/* Plans for machines that this is not: hwloc makes them from a description. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "stages/cores.h"
#include "stages/topology.h"

struct machine {
	struct plan_cpu cpu[256];
	unsigned int cpus;
	int port_node[64];
	unsigned int ports;
};

/* usable: as --cores, NULL: all of it; port i is on node i / (ports / nodes) */
static struct machine machine(const char *description, unsigned int cpus, const char *usable,
			      unsigned int ports, unsigned int nodes)
{
	struct machine m = { .ports = ports };
	struct error e;
	char all[32];
	cpu_set_t set;

	snprintf(all, sizeof(all), "0-%u", cpus - 1);
	cr_assert_eq(cores_parse(usable != NULL ? usable : all, &set, &e), 0);
	m.cpus = topology_read(description, &set, m.cpu);
	for (unsigned int i = 0; i < ports; i++)
		m.port_node[i] = (int)(i / (ports / nodes));
	return m;
}

static struct plan plan_for(const struct machine *m, const char *stages)
{
	struct plan_request r = { .fuse = false };
	struct plan_host h = {
		.cpus = m->cpus, .cpu = m->cpu, .ports = m->ports, .port_node = m->port_node, .receives = true
	};
	struct plan p;
	struct error e;

	if (stages != NULL)
		cr_assert_eq(plan_parse(stages, &r, &e), 0, "%s", e.text);
	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	return p;
}

static bool is_sink(const struct plan_thread *t)
{
	return t->step[0].stage == PLAN_SINK;
}

struct load {
	unsigned int pollers, cores_used, cores, most_on_core, on_spared_core, cpus_shared;
};

static struct load load_of(const struct machine *m, const struct plan *p)
{
	unsigned int on_cpu[CPU_SETSIZE] = { 0 }, on_core[CPU_SETSIZE] = { 0 };
	bool core[CPU_SETSIZE] = { false };
	struct load l = { 0 };

	for (unsigned int t = 0; t < p->threads; t++) {
		if (is_sink(&p->thread[t]) || p->thread[t].cpu < 0)
			continue;
		l.pollers++;
		l.cpus_shared += on_cpu[p->thread[t].cpu]++ > 0;
		l.cores_used += on_core[p->thread[t].core]++ == 0;
		l.on_spared_core += p->thread[t].core == p->housekeeping.core;
		if (on_core[p->thread[t].core] > l.most_on_core)
			l.most_on_core = on_core[p->thread[t].core];
	}
	for (unsigned int i = 0; i < m->cpus; i++) {
		l.cores += !core[m->cpu[i].core];
		core[m->cpu[i].core] = true;
	}
	return l;
}

Test(plan_place, siblings_have_one_core_and_cores_one_node)
{
	struct machine m = machine("node:2 core:32 pu:2", 128, NULL, 16, 2);

	cr_assert_eq(m.cpus, 128);
	for (unsigned int i = 0; i < 128; i++) {
		cr_expect_eq(m.cpu[i].cpu, (int)i);
		cr_expect_eq(m.cpu[i].core, (int)i / 2);
		cr_expect_eq(m.cpu[i].node, (int)i / 64);
	}
}

Test(plan_place, c6in_metal)
{
	struct machine m = machine("node:2 core:32 pu:2", 128, NULL, 16, 2);
	struct plan p = plan_for(&m, NULL);
	struct load l = load_of(&m, &p);

	cr_expect_not(p.crowded);
	cr_expect_eq(p.count[PLAN_TX], 32);
	cr_expect_eq(l.pollers, p.threads - 1);
	cr_expect_eq(l.most_on_core, 1, "no sibling shares while there are cores");
	cr_expect_eq(l.on_spared_core, 0);
	cr_expect_eq(p.housekeeping.cpu, 0);
	for (unsigned int t = 0; t < p.threads; t++) {
		const struct plan_step *s = &p.thread[t].step[0];

		if (s->stage == PLAN_TX || s->stage == PLAN_RX)
			cr_expect_eq(p.thread[t].node, m.port_node[p.port_at[s->index % 16]],
				     "%s%u is on node %d", plan_stage_names[s->stage], s->index,
				     p.thread[t].node);
		if (is_sink(&p.thread[t]))
			cr_expect_eq(p.thread[t].cpu, p.housekeeping.cpu);
	}
	plan_free(&p);
}

/* 8 queues of each NIC: half the cores send, and whatever feeds or serves a queue is on the node of its NIC. */
Test(plan_place, c6in_metal_eight_queues_of_sixteen)
{
	struct machine m = machine("node:2 core:32 pu:2", 128, NULL, 16, 2);
	const struct plan_request r = { .tx_queues = 8 };
	const struct plan_host h = {
		.cpus = m.cpus, .cpu = m.cpu, .ports = 16, .port_node = m.port_node, .receives = true
	};
	unsigned int served[128] = { 0 };
	struct plan p;
	struct error e;
	struct load l;

	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	l = load_of(&m, &p);
	cr_expect_not(p.crowded);
	cr_expect_eq(p.tx_queues_per_port, 8);
	cr_expect_eq(p.count[PLAN_TX], 32);
	cr_expect_eq(l.pollers, p.threads - 1);
	cr_expect_eq(l.cpus_shared, 0);
	cr_expect_eq(l.most_on_core, 1);
	cr_expect_eq(p.housekeeping.core, 0);
	cr_assert_eq(p.quiets, 1);
	cr_expect_eq(p.quiet[0].core, 32, "the second card's interrupts");
	for (unsigned int t = 0; t < p.threads; t++) {
		cr_expect(is_sink(&p.thread[t]) || (p.thread[t].core != 0 && p.thread[t].core != 32));
		for (unsigned int s = 0; s < p.thread[t].steps; s++) {
			const struct plan_step *step = &p.thread[t].step[s];

			for (unsigned int q = step->index; step->stage <= PLAN_TX && q < 128;
			     q += p.count[step->stage]) {
				cr_expect_eq(p.thread[t].node, m.port_node[p.port_at[q % 16]],
					     "%s%u and queue %u", plan_stage_names[step->stage], step->index,
					     q);
				served[q] += step->stage == PLAN_TX;
			}
		}
	}
	for (unsigned int q = 0; q < 128; q++)
		cr_expect_eq(served[q], 1, "queue %u has %u threads", q, served[q]);
	plan_free(&p);
}

/* Seven NICs of the first card and three of the second: nodes take turns while they last. */
Test(plan_place, ports_of_each_node_in_turn)
{
	static const unsigned int want[10] = { 0, 7, 1, 8, 2, 9, 3, 4, 5, 6 };
	struct machine m = machine("node:2 core:16 pu:1", 32, NULL, 10, 1);
	struct plan p;

	for (unsigned int i = 0; i < 10; i++)
		m.port_node[i] = i >= 7;
	p = plan_for(&m, NULL);
	cr_expect_arr_eq(p.port_at, want, sizeof(want));
	plan_free(&p);
}

/* 16 NICs x 8 queues: one thread each is more than there is; two queues each is one thread per core and some siblings. */
Test(plan_place, c6in_metal_all_queues)
{
	struct machine m = machine("node:2 core:32 pu:2", 128, NULL, 16, 2);
	struct plan p = plan_for(&m, "gen=16,tx=64,rx=16");
	struct load l = load_of(&m, &p);

	cr_expect_not(p.crowded);
	cr_expect_eq(l.pollers, 16 + 64 + 16 + 1);
	cr_expect_eq(l.cpus_shared, 0);
	cr_expect_eq(l.cores_used, 64, "siblings come last, so every core is used");
	cr_expect_eq(l.most_on_core, 2);
	cr_expect_eq(p.housekeeping.cpu, -1, "no core is left");
	for (unsigned int t = 0; t < 64; t++)
		cr_expect_eq(p.thread[t].node, m.port_node[p.port_at[t % 16]], "tx%u", t);
	plan_free(&p);

	p = plan_for(&m, "tx=128");
	cr_expect(p.crowded);
	cr_expect_eq(p.tx_queues_per_port, 8);
	cr_expect_eq(load_of(&m, &p).pollers, 0, "the scheduler decides");
	plan_free(&p);
}

Test(plan_place, nic_on_the_second_node)
{
	struct machine m = machine("node:2 core:8 pu:1", 16, NULL, 1, 1);
	struct plan p;

	m.port_node[0] = 1;
	p = plan_for(&m, "gen=2,tx=6,rx=2,classify=1");
	cr_expect_eq(p.housekeeping.cpu, 8, "the first CPU of the NIC's node");
	for (unsigned int t = 0; t < 6; t++)
		cr_expect_eq(p.thread[t].cpu, 9 + (int)t, "tx%u is on CPU %d", t, p.thread[t].cpu);
	/* one core of the node is left, for rx0; the others have neighbours enough on the first node */
	cr_expect_eq(load_of(&m, &p).on_spared_core, 0);
	cr_expect_eq(load_of(&m, &p).most_on_core, 1);
	for (unsigned int t = 0; t < p.threads; t++) {
		if (p.thread[t].step[0].stage == PLAN_RX)
			cr_expect_eq(p.thread[t].cpu, p.thread[t].step[0].index == 0 ? 15 : 0);
	}
	plan_free(&p);
}

Test(plan_place, one_core)
{
	struct machine m = machine("node:1 core:1 pu:1", 1, NULL, 1, 1);
	struct plan p = plan_for(&m, NULL);

	cr_expect(p.crowded);
	cr_expect_eq(p.housekeeping.cpu, -1);
	cr_expect_eq(load_of(&m, &p).pollers, 0);
	plan_free(&p);
}

Test(plan_place, one_core_of_two_hardware_threads)
{
	struct machine m = machine("node:1 core:1 pu:2", 2, NULL, 1, 1);
	struct plan p = plan_for(&m, NULL);

	cr_expect_not(p.crowded);
	cr_expect_eq(p.thread[0].cpu, 0);
	cr_expect_eq(p.thread[0].steps, 3, "gen, build and tx are fused");
	cr_expect_eq(p.thread[1].cpu, 1);
	cr_expect_eq(p.housekeeping.cpu, -1);
	plan_free(&p);
}

Test(plan_place, two_cores_of_two_hardware_threads_fuse)
{
	struct machine m = machine("node:1 core:2 pu:2", 4, NULL, 1, 1);
	struct plan p = plan_for(&m, NULL);

	cr_expect_eq(p.thread[0].steps, 3);
	cr_expect_eq(p.thread[0].cpu, 0);
	cr_expect_eq(p.thread[1].cpu, 2, "rx has the other core, not the sibling");
	plan_free(&p);
}

Test(plan_place, four_cores_of_two_hardware_threads)
{
	struct machine m = machine("node:1 core:4 pu:2", 8, NULL, 1, 1);
	struct plan p = plan_for(&m, "gen=1,tx=1,rx=1");
	char text[1024];

	plan_format(&p, text, sizeof(text));
	cr_expect_str_eq(text,
			 "cpu 2: tx0\ncpu 6: gen0 build0\ncpu 4: rx0 classify0\ncpu 0: sink0\n"
			 "queues per interface: tx 1, rx 1\n",
			 "%s", text);
	plan_free(&p);

	p = plan_for(&m, "gen=2,build=2,tx=2,rx=1,classify=1");
	cr_expect_eq(load_of(&m, &p).pollers, 8);
	cr_expect_eq(load_of(&m, &p).cpus_shared, 0);
	cr_expect_eq(load_of(&m, &p).most_on_core, 2);
	cr_expect_eq(p.thread[0].core, 0);
	cr_expect_eq(p.thread[1].core, 1);
	plan_free(&p);
}

/* Only CPUs of the other node may be used, or are online. */
Test(plan_place, the_node_of_the_nic_is_away)
{
	struct machine m = machine("node:2 core:4 pu:1", 8, "4-7", 1, 1);
	struct plan p = plan_for(&m, "gen=1,tx=1,rx=1");

	cr_assert_eq(m.cpus, 4);
	cr_expect_eq(m.port_node[0], 0);
	cr_expect_eq(p.housekeeping.cpu, 4);
	cr_expect_eq(p.thread[0].cpu, 5);
	cr_expect_eq(p.thread[0].node, 1);
	cr_expect_eq(load_of(&m, &p).on_spared_core, 0);
	plan_free(&p);
}

Test(plan_place, cores_with_a_gap)
{
	struct machine m = machine("node:2 core:2 pu:2", 8, "0,2-3,6", 2, 2);
	struct plan p = plan_for(&m, "gen=1,tx=2,rx=1");
	struct load l = load_of(&m, &p);

	cr_assert_eq(m.cpus, 4);
	cr_expect_eq(l.pollers, 4);
	cr_expect_eq(l.cpus_shared, 0);
	cr_expect_eq(l.cores_used, 3);
	cr_expect_eq(p.thread[0].cpu, 0);
	cr_expect_eq(p.thread[1].cpu, 6, "tx1 sends by the NIC of the second node");
	plan_free(&p);
}

/* Whatever the machine and the request: no CPU has two pollers, and no core has two while another has none. */
Test(plan_place, every_machine_and_shape)
{
	static const struct {
		const char *description;
		unsigned int cpus, nodes;
	} machines[] = {
		{ "node:1 core:1 pu:1", 1, 1 },	   { "node:1 core:2 pu:1", 2, 1 },
		{ "node:1 core:4 pu:2", 8, 1 },	   { "node:2 core:4 pu:2", 16, 2 },
		{ "node:4 core:4 pu:4", 64, 4 },   { "pack:2 node:2 core:12 pu:2", 96, 4 },
		{ "node:2 core:32 pu:2", 128, 2 },
	};
	static const char *const shapes[] = { NULL, "tx=1", "tx=8", "gen=4,tx=8,rx=4",
					      "gen=8,build=8,tx=32,rx=8" };

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
			struct machine m = machine(machines[i].description, machines[i].cpus, NULL, 4,
						   machines[i].nodes);
			struct plan p = plan_for(&m, shapes[k]);
			struct load l = load_of(&m, &p);

			cr_expect_eq(l.pollers, p.crowded ? 0 : p.threads - 1);
			cr_expect_eq(l.cpus_shared, 0);
			if (l.most_on_core > 1)
				cr_expect_eq(l.cores_used, l.cores, "%s, %s", machines[i].description,
					     shapes[k]);
			cr_expect_eq(p.housekeeping.cpu >= 0, l.cores > p.threads - 1);
			cr_expect_eq(l.on_spared_core, 0);
			plan_free(&p);
		}
	}
}

Test(plan_place, table)
{
	static const char *const names[] = { "ens1", "ens2" };
	struct machine m = machine("node:2 core:4 pu:1", 8, NULL, 2, 2);
	struct plan p = plan_for(&m, "gen=1,tx=3,rx=1");
	char text[1024];
	int n = plan_table(&p, names, text, sizeof(text));

	cr_expect_str_eq(text,
			 "thread         cpu  core  node  stages               queues\n"
			 "tx0              1     1     0  tx0                  ens1:tx0 ens2:tx1\n"
			 "tx1              5     5     1  tx1                  ens2:tx0\n"
			 "tx2              2     2     0  tx2                  ens1:tx1\n"
			 "gen0             6     6     1  gen0 build0\n"
			 "rx0              3     3     0  rx0 classify0        ens1:rx0 ens2:rx0\n"
			 "sink0            0     0     0  sink0\n"
			 "main             0     0     0  signals, status\n"
			 "-                4     4     1  interrupts of this node\n"
			 "queues per interface: tx 2, rx 1\n",
			 "%s", text);
	cr_expect_eq(plan_table(&p, names, NULL, 0), n);
	cr_expect_eq((size_t)n, strlen(text));
	plan_free(&p);
}

Test(plan_place, what_hwloc_does_not_know_is_a_core_of_its_own)
{
	struct machine m = machine("node:1 core:2 pu:1", 4, "1,3", 1, 1);

	cr_assert_eq(m.cpus, 2);
	cr_expect_eq(m.cpu[0].node, 0);
	cr_expect_eq(m.cpu[1].cpu, 3);
	cr_expect_eq(m.cpu[1].core, 3);
	cr_expect_eq(m.cpu[1].node, -1);
	m = machine("no such thing", 4, "0-1", 1, 1);
	cr_expect_eq(m.cpu[1].core, 1);
	cr_expect_eq(m.cpu[1].node, -1);
}
