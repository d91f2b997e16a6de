/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TUNE_WIRE_NAMED_H
#define TUNE_WIRE_NAMED_H

#include "tools/anyscan-tune/tune.h"

/*
 * Where the command line has trials go: without -i nowhere. With it, to these interfaces and to addresses of benchmark
 * space (RFC 2544) alone, at a rate that is named: nobody has hosts there, and no router of the internet passes them on.
 */
enum exit_code wire_named(const struct config *, struct trial_wire *, struct error *e);

#endif
