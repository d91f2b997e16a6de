/* SPDX-License-Identifier: Apache-2.0 */
/* The probes of the host. Each adds its capabilities to `kernel`. */
#ifndef ANYSCAN_DOCTOR_HOST_H
#define ANYSCAN_DOCTOR_HOST_H

#include "tools/anyscan-doctor/doctor.h"

typedef void host_probe(struct json_object *kernel);

host_probe probe_kernel, probe_af_packet; /* host.c, host_packet.c */
host_probe probe_bpf; /* host_bpf.c: socket_filter, xdp_program, xskmap, btf, unprivileged_bpf */
host_probe probe_af_xdp; /* host_xsk.c: af_xdp, busy_poll */
host_probe probe_memory; /* host_memory.c: memlock, hugepages */
host_probe probe_rights; /* host_rights.c: capabilities, seccomp */
host_probe probe_libraries; /* host_libraries.c: libraries, anyscan_pipe */

/* What is to be granted, for remedies. */
#define GRANT_RAW "setcap cap_net_raw+ep \"$(command -v anyscan-pipe)\", or run as root"
#define GRANT_BPF "setcap cap_net_raw,cap_net_admin,cap_bpf+ep \"$(command -v anyscan-pipe)\", or run as root"

#endif
