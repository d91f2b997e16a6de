/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard error: notices, and the status line, which on a terminal is rewritten in place. Results that go to
 * the same terminal come from the sink's thread, so both sides take a lock around what they print.
 */
#ifndef ANYSCAN_PIPE_SCREEN_H
#define ANYSCAN_PIPE_SCREEN_H

#include <stdbool.h>

enum level {
	LEVEL_ERROR = 0,
	LEVEL_WARNING = 2,
	LEVEL_NOTICE = 3,
	LEVEL_DETAIL = 4
};

/* Set-up thread, once. most: the highest level that is shown. status: whether the status line is. */
void screen_init(enum level most, bool status);

/* Prints a line when the level is shown; it goes to --log-file too. Any thread. */
__attribute__((format(printf, 2, 3))) void screen_say(enum level, const char *format, ...);

/* From now on what standard error does not take at once is not said: an interrupted scan waits for no reader. */
void screen_hurry(void);

/* Shows the status line, unless that would mean to wait. Set-up thread. */
void screen_status(const char *line);
/* Leaves the last status line standing: nothing is rewritten any more. */
void screen_end(void);

/* True when fd and standard error are the same terminal: then the sink needs the two hooks. */
bool screen_shared(int fd);
void screen_before_write(void *);
void screen_after_write(void *);

#endif
