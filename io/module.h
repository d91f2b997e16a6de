/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An engine in a file of its own, as dpdk: the dozen libraries below it cost every other scan 1.7 ms at its start, and a
 * host that has none of them runs the rest.
 */
#ifndef IO_MODULE_H
#define IO_MODULE_H

#include "anyscan/error.h"
#include "anyscan/io.h"

/*
 * The engine that is listed (io_engines[]), ready to be used: itself, or what its module holds. The module lies beside the
 * program or in ../lib/anyscan-pipe. NULL: it or a library of it is not there, and *e says what to install.
 */
const struct io_ops *io_ready(const struct io_ops *listed, struct error *e);

/* The row of engine dpdk: a name and a summary. */
extern const struct io_ops dpdk_listed;

#endif
