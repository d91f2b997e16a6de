/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says to the shell. Functions of tools/anyscan-pipe that can fail return one of these. */
#ifndef ANYSCAN_PIPE_EXIT_CODE_H
#define ANYSCAN_PIPE_EXIT_CODE_H

enum exit_code {
	EXIT_DONE = 0,
	EXIT_COMMAND = 1, /* the command line itself is wrong */
	EXIT_INPUT = 2, /* a file, a list or the resulting domain is wrong */
	EXIT_HOST = 3, /* this host or network cannot */
	EXIT_STOPPED = 4, /* a stop rule about losses */
	EXIT_INTERRUPTED = 5,
	EXIT_RESULTS = 6, /* results could not be written */
};

#endif
