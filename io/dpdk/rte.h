/* SPDX-License-Identifier: Apache-2.0 */
/* DPDK's headers, in the one order that works: they too define NS_PER_S. Before any header of ours that needs a clock. */
#ifndef DPDK_RTE_H
#define DPDK_RTE_H

#ifdef ANYSCAN_CLOCK_H
#error "include io/dpdk/rte.h before anyscan/clock.h"
#endif

#include <rte_alarm.h>
#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_timer.h>

#undef NS_PER_S

#include "anyscan/clock.h"

#endif
