/* SPDX-License-Identifier: Apache-2.0 */
/* The values of --world: numbers as people write them. Each returns whether the text is one. */
#ifndef SIM_SPEC_VALUE_H
#define SIM_SPEC_VALUE_H

#include <linux/types.h>
#include <stdbool.h>

#define SHARE_ONE 4294967296.0 /* 2^32 */

/* A decimal number >= 0 at the head of text: returns what is behind it, or NULL. */
const char *spec_number(const char *text, double *out);
bool spec_share(const char *text, __u64 *out); /* 0..1 or a percentage; in 2^-32 */
bool spec_time(const char *text, __u64 *ns); /* up to 3600s, with its unit */
bool spec_seed(const char *text, __u64 *out);

#endif
