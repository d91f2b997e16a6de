/* SPDX-License-Identifier: Apache-2.0 */
/* A core plan that was found by trying, and what it was found on: anyscan-tune writes it, anyscan-pipe --profile takes it. */
#ifndef MACHINE_PROFILE_H
#define MACHINE_PROFILE_H

#include <stdint.h>

#include "anyscan/error.h"
#include "anyscan/io.h"
#include "stages/pipeline.h"

struct profile_key { /* all must be the same for the plan to be worth anything */
	char host[80], kernel[80], engine[16];
	char interfaces[1024],
		drivers[512]; /* "ens1,ens2" and "ena,ena"; engines without an interface have none */
	unsigned int cpus; /* that the process may use */
};

struct profile {
	struct profile_key key;
	char mode[256]; /* profile_mode() */
	char stages[64]; /* as --stages */
	unsigned int fuse; /* 1: as --fuse */
	double pps; /* that it reached */
	double made, expires; /* seconds since 1970, UTC */
};

/* Of this host and these interfaces. */
void profile_key_here(struct profile_key *, const struct io_ops *, const struct io_link *const *link,
		      unsigned int links);

/* How an open pipeline sends: "copy", or "zerocopy+copy" where its ports differ. Not why, nor how it receives. */
void profile_mode(struct pipeline *, unsigned int ports, char *text, size_t size);

/* What of the two differs, as "kernel 6.1 and not 6.12"; false: nothing does. */
bool profile_differs(const struct profile_key *made_on, const struct profile_key *here, char *what,
		     size_t size);

/* 0, or negative errno with *e: "FILE:LINE: ..." of what is read. A write replaces the file at once, or not at all. */
int profile_read(const char *file, struct profile *, struct error *e);
int profile_write(const char *file, const struct profile *, struct error *e);

#endif
