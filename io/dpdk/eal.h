/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DPDK's environment layer (EAL), once per process, on a thread of its own: the service thread. It is the EAL's main
 * lcore, so the thread that started it keeps its affinity and its signal mask; it keeps the rights that the process had
 * then, which PMDs need to close a port after everybody else gave them up; and it runs rte_timer for PMDs that rely on
 * it (ena's watchdog). Threads of the EAL's own take no signals either.
 *
 * Set-up thread, but for dpdk_call().
 */
#ifndef DPDK_EAL_H
#define DPDK_EAL_H

#include <stdbool.h>
#include <stddef.h>

#include "anyscan/error.h"

/*
 * args: as for dpdk_argv_make(), or NULL. Once in the life of a process, whatever came of it. Its log is kept back, but
 * where args have a --log-level: then it goes to standard error. 0, or negative errno and *e with the way out.
 */
int dpdk_eal_start(const char *args, struct error *e);
/* Every port is closed. Removes what the EAL left on disk. */
void dpdk_eal_stop(void);

/* fn(arg) on the service thread; returns what it returns. Any thread while the EAL runs, none twice at a time. */
int dpdk_call(int (*fn)(void *), void *arg);

/* For people: what was done without being asked for and costs something, or "". */
const char *dpdk_eal_remark(void);

/* The last lines that the EAL or a PMD logged since dpdk_log_forget(), for a message about a failure; "" for none. */
void dpdk_log_forget(void);
void dpdk_log_last(char *text, size_t size);

#endif
