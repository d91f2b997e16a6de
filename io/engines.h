/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engines, one per folder. io/registry.c makes the table of what
 * --io-engine can name; dryrun stands apart, behind -d.
 */
#ifndef IO_ENGINES_H
#define IO_ENGINES_H

#include "anyscan/io.h"

extern const struct io_ops af_packet_ops;
extern const struct io_ops af_xdp_ops;
extern const struct io_ops dpdk_ops; /* in a module: io/module.h */
extern const struct io_ops sim_ops;
extern const struct io_ops null_ops;
extern const struct io_ops pcap_ops;
extern const struct io_ops dryrun_ops;

#endif
