/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --log-file: what screen_say() says, with the time, whatever --quiet keeps from standard error. Appended, so that a
 * scan that is repeated does not take the account of the one before.
 */
#ifndef ANYSCAN_PIPE_LOG_FILE_H
#define ANYSCAN_PIPE_LOG_FILE_H

#include <stdarg.h>

#include "anyscan/error.h"
#include "tools/anyscan-pipe/exit_code.h"
#include "tools/anyscan-pipe/screen.h"
#include "tools/anyscan-pipe/side_file.h"

/* Set-up thread, once. most: the highest level that is written. */
enum exit_code log_file_open(const char *path, enum level most, struct error *);

/* Any thread. Nothing happens before log_file_open(). A line that the file does not take at once is lost: a scan waits for no log. */
__attribute__((format(printf, 2, 0))) void log_file_write(enum level, const char *format, va_list);

/* For the metadata: its error, if any. NULL: no log file was asked for. */
const struct side_file *log_file_state(void);

/* side_file_reopen() of it. */
void log_file_reopen(void);

void log_file_close(void);

#endif
