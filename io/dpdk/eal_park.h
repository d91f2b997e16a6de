/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DPDK_EAL_PARK_H
#define DPDK_EAL_PARK_H

/* Every port is closed, no alarm is set. The EAL's interrupt thread does nothing from now on, until the process ends. */
void dpdk_park_interrupts(void);

#endif
