/* SPDX-License-Identifier: Apache-2.0 */
/* The probes of an interface. Each adds its capabilities to `o`. */
#ifndef ANYSCAN_DOCTOR_INTERFACES_H
#define ANYSCAN_DOCTOR_INTERFACES_H

#include "tools/anyscan-doctor/doctor.h"

typedef void interface_probe(struct json_object *o, const struct interface *);

interface_probe probe_link, probe_driver, probe_numa, probe_counters; /* interface_driver.c */
interface_probe probe_channels, probe_rss, probe_rings; /* interface_queues.c */
interface_probe probe_mtu, probe_xdp_features, probe_xdp_free; /* interface_xdp.c */
interface_probe probe_engine_packet, probe_engine_xdp; /* interface_engines.c */

/* What is said of a driver that does not answer a question; anything else is the kernel's own word. */
#define NOTHING_TO_SET "nothing to do: this driver has no such setting, and a scan does without"

#endif
