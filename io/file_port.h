/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port that is a file, or standard output: what the pcap and dryrun engines share. One tx queue, no rx; after
 * the first write error the queue takes nothing, and the reading write_errors says so.
 */
#ifndef IO_FILE_PORT_H
#define IO_FILE_PORT_H

#include "io/departed.h"
#include "io/stream.h"

struct file_port { /* the first member of the engine's port */
	struct io_port port;
	struct io_link link;
	struct io_port_options options;
	struct stream out;
	struct departed queue;
};

/* Allocates size bytes, zeroed, of which a struct file_port is the first; opens the file that options->link names. */
int file_port_open(size_t size, const struct io_ops *, const struct io_port_options *, struct file_port **,
		   struct error *);
void file_port_close(struct file_port *);

/* io_ops.stats and io_ops.tx_open */
size_t file_port_stats(struct io_port *, struct reading *, size_t max);
int file_port_tx_open(struct io_port *, unsigned int index, struct io_txq **, struct error *);

#endif
