/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/topology.h"

static char root[] = "/tmp/anyscan-topology-XXXXXX";

static void run(const char *command)
{
	cr_assert_eq(chdir(root), 0);
	cr_assert_eq(system(command), 0);
}

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(root));
	run("mkdir -p class/net/ens1 class/net/eth0 class/net/veth0 class/net/odd pci/virtio1 pci2 && "
	    "echo 1 >pci/numa_node && echo -1 >pci2/numa_node && "
	    "mkdir -p bus/pci/devices && ln -s ../../../pci bus/pci/devices/0000:00:06.0 && "
	    "ln -s ../../../pci class/net/ens1/device && "
	    "ln -s ../../../pci/virtio1 class/net/eth0/device && "
	    "ln -s ../../../pci2 class/net/odd/device");
}

static void tear_down(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

Test(topology, node_of_an_interface, .init = set_up, .fini = tear_down)
{
	cr_expect_eq(topology_node_below(root, "ens1"), 1, "PCI");
	cr_expect_eq(topology_node_below(root, "eth0"), 1, "virtio, below PCI");
	cr_expect_eq(topology_node_below(root, "odd"), -1, "the firmware does not say");
	cr_expect_eq(topology_node_below(root, "veth0"), -1, "no device");
	cr_expect_eq(topology_node_below(root, "0000:00:06.0"), 1, "PCI, by address");
	cr_expect_eq(topology_node_below(root, "0000:00:07.0"), -1);
	cr_expect_eq(topology_node_below(root, "nosuch"), -1);
}

/* Whatever this machine is: every usable CPU once, in order, on a core of its own or its siblings'. */
Test(topology, this_machine)
{
	struct plan_cpu cpu[CPU_SETSIZE];
	cpu_set_t usable;
	unsigned int n;

	cr_assert_eq(sched_getaffinity(0, sizeof(usable), &usable), 0);
	n = topology_read(NULL, &usable, cpu);
	cr_assert_eq((int)n, CPU_COUNT(&usable));
	for (unsigned int i = 0; i < n; i++) {
		cr_expect(CPU_ISSET(cpu[i].cpu, &usable));
		cr_expect_geq(cpu[i].core, 0);
		cr_expect(i == 0 || cpu[i].cpu > cpu[i - 1].cpu);
	}
}
