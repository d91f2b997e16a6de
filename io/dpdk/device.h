/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what -i names to a port: a vdev with its arguments ("net_af_packet0,iface=scan0"), a PCI address
 * ("0000:00:06.0"), or either as it was given to the EAL by --vdev and -a. Set-up thread.
 */
#ifndef DPDK_DEVICE_H
#define DPDK_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"

/* The port of that device, which is probed if it has none yet. 0, or negative errno and *e. */
int dpdk_device_port(const char *device, uint16_t *port, struct error *e);

/* What is before the arguments: "net_af_packet0". */
void dpdk_device_name(const char *device, char *name, size_t size);

#endif
