/* SPDX-License-Identifier: Apache-2.0 */
/* The probes of the host. Each adds its capabilities to `kernel`. */
#ifndef ANYSCAN_DOCTOR_HOST_H
#define ANYSCAN_DOCTOR_HOST_H

#include "tools/anyscan-doctor/doctor.h"

typedef void host_probe(struct json_object *kernel);

host_probe probe_kernel, probe_af_packet; /* host.c, host_packet.c */
host_probe probe_bpf; /* host_bpf.c: socket_filter, xdp_program, xskmap, btf, unprivileged_bpf */
host_probe probe_af_xdp; /* host_xsk.c: af_xdp, busy_poll */
host_probe probe_memlock, probe_hugepages; /* host_memory.c, host_hugepages.c */
host_probe probe_rights; /* host_rights.c: capabilities, seccomp, write_execute */
host_probe probe_libraries; /* host_libraries.c: libraries, anyscan_pipe */
host_probe probe_dpdk; /* host_dpdk.c, after probe_libraries: dpdk_library, dpdk_pmds */
host_probe probe_vfio; /* host_vfio.c: vfio, iommu, sysfs_writable */

/* What is to be granted, for remedies. */
#define GRANT_RAW "setcap cap_net_raw+ep \"$(command -v anyscan-pipe)\", or run as root"
#define GRANT_BPF "setcap cap_net_raw,cap_net_admin,cap_bpf+ep \"$(command -v anyscan-pipe)\", or run as root"

#endif
