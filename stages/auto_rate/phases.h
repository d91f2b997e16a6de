/* SPDX-License-Identifier: Apache-2.0 */
/* What the end of a slice decides, by its phase. After each look once something of the slice is measured. */
#ifndef AUTO_RATE_PHASES_H
#define AUTO_RATE_PHASES_H

#include "stages/auto_rate/auto_rate.h"

void phase_look(struct auto_rate *);

#endif
