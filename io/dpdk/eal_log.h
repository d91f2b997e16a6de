/* SPDX-License-Identifier: Apache-2.0 */
/* Private to eal.c; what others ask of the log is in eal.h. */
#ifndef DPDK_EAL_LOG_H
#define DPDK_EAL_LOG_H

#include <stdbool.h>
#include <stdio.h>

/* Before rte_eal_init(), and after rte_eal_cleanup(). */
int dpdk_log_open(bool verbose); /* 0 or -1 */
void dpdk_log_close(void);

#endif
