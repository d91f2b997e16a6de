/* SPDX-License-Identifier: Apache-2.0 */
/* What another program prints. */
#ifndef ANYSCAN_DOCTOR_PROGRAM_OUTPUT_H
#define ANYSCAN_DOCTOR_PROGRAM_OUTPUT_H

#define OUTPUT_MAX 16384

/*
 * Runs argv[0] (a path, or a name in PATH) with one variable added to the environment (or NULL) and keeps
 * the beginning of what it prints, standard error included. Its exit code, or a negative errno: it could
 * not be run.
 */
int program_output(const char *const argv[], const char *variable, char output[OUTPUT_MAX]);

#endif
