/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an output file back when a scan is resumed: which targets have answered, and where its last whole record ends.
 * The reverse of what the output modules write, no more: the file is our own.
 */
#ifndef SINK_READBACK_H
#define SINK_READBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/sink/sink.h"

struct readback_record {
	uint32_t addr;
	uint16_t port;
	bool success;
};

struct readback {
	const struct output_module *module;
	const struct field *const *fields; /* borrowed */
	size_t nfields;
	bool header;
	int address, port, success, class; /* the field's place, -1: it is not there */
	char between;
	struct readback_record fixed; /* what the fields do not say */
};

/*
 * only_port: of a scan with one port, else -1. successes: the filter lets nothing else through. 0, or -EINVAL with *e:
 * these fields do not say which target a record is of, and which to add.
 */
int readback_init(struct readback *, const struct sink_options *, int only_port, bool successes,
		  struct error *);

/* A line without its newline. False: it is no record. */
bool readback_line(const struct readback *, const char *line, size_t len, struct readback_record *);

struct readback_result {
	uint64_t records, successes;
	uint64_t bytes; /* where the last whole record ends */
};

/*
 * fd from a byte on, where a line begins; it is left anywhere. committed: bytes that a checkpoint vouches for; what is no
 * record within them is an error, behind them it is the end. *result: bytes are of the whole file, records are not. take: called for each record, may be NULL. 0 or negative errno with *e, which
 * names the file.
 */
int readback_file(const struct readback *, const char *name, int fd, uint64_t from, uint64_t committed,
		  void (*take)(void *, const struct readback_record *), void *arg, struct readback_result *,
		  struct error *);

#endif
