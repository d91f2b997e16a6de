/* SPDX-License-Identifier: Apache-2.0 */
/* Where --rate auto has been and why, for metadata: the latest changes. */
#ifndef AUTO_RATE_HISTORY_H
#define AUTO_RATE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "stages/auto_rate/auto_rate.h"

#define HISTORY_MOST 64

struct auto_rate_change {
	uint64_t at_ns; /* CLOCK_REALTIME */
	double rate; /* that is held, or was reached */
	enum auto_rate_state state;
	char cause[AUTO_RATE_NAME_MAX];
};

struct auto_rate_history {
	struct auto_rate_change change[HISTORY_MOST]; /* in the order they came */
	size_t count;
	uint64_t all; /* with those that have made room for later ones */
};

/* After each step: notes it if the state, the cause or the rate, by more than a percent, is not that of the latest. */
void history_note(struct auto_rate_history *, const struct auto_rate *, uint64_t now_ns);

#endif
