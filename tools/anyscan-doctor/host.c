/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-doctor/host.h"

#include <sys/utsname.h>
#include <unistd.h>

static host_probe *const probes[] = {
	probe_kernel,  probe_rights,	probe_af_packet, probe_bpf,  probe_af_xdp,
	probe_memlock, probe_hugepages, probe_libraries, probe_dpdk, probe_vfio,
};

void probe_kernel(struct json_object *kernel)
{
	struct utsname name;

	if (uname(&name) == 0) {
		put_text(kernel, "release", name.release);
		put_text(kernel, "machine", name.machine);
	}
	put_number(kernel, "cpus", sysconf(_SC_NPROCESSORS_ONLN));
	put_number(kernel, "page_bytes", sysconf(_SC_PAGESIZE));
}

void look_at_host(struct json_object *kernel)
{
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		probes[i](kernel);
}
