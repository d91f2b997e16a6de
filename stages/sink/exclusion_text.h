/* SPDX-License-Identifier: Apache-2.0 */
/* An exclusion as --exclude takes it: 203.0.113.0/24, 203.0.113.7, or first-last where it is no prefix. */
#ifndef SINK_EXCLUSION_TEXT_H
#define SINK_EXCLUSION_TEXT_H

#include "stages/pipeline.h"
#include "stages/sink/ipv4_text.h"

#define EXCLUSION_TEXT_MAX 40

/* Returns text. */
char *exclusion_text(const struct exclusion *, char text[EXCLUSION_TEXT_MAX]);

#endif
