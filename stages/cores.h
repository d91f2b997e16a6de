/* SPDX-License-Identifier: Apache-2.0 */
/* --cores: which CPUs may be used. Set-up only. */
#ifndef STAGES_CORES_H
#define STAGES_CORES_H

#include <sched.h>
#include <stddef.h>

#include "anyscan/error.h"

/* "0-3,8". -EINVAL fills *e: the column, what stands there, and how it is written. */
int cores_parse(const char *text, cpu_set_t *out, struct error *e);

/* The same the other way, shortest first: "0-3,8". Returns bytes as snprintf. */
int cores_format(const cpu_set_t *, char *buf, size_t size);

/* All of `wanted` must be in `usable`; else -ENODEV, and *e names those that are not and those that are. */
int cores_check(const cpu_set_t *wanted, const cpu_set_t *usable, struct error *e);

#endif
