/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANYSCAN_PIPE_CONTROL_ASK_H
#define ANYSCAN_PIPE_CONTROL_ASK_H

#include "tools/anyscan-pipe/exit_code.h"

/*
 * argv: SOCKET VERB [VALUE...]. Prints the answer. EXIT_COMMAND: the request is wrong; EXIT_HOST: nobody listens or
 * answers, or the scan could not.
 */
enum exit_code control_ask(int argc, char *const *argv);

#endif
