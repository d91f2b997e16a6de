/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/forms.h"

#include <stdio.h>

#include "stages/gen/rank.h"
#include "stages/gen/walk.h"
#include "stages/probes/cookie_batch.h"
#include "stages/probes/tcp_synscan_frame.h"

/* The tables differ in the type of fn only. */
#define BEST(forms) \
	({ \
		unsigned int best_ = 0; \
		while (!(forms)[best_].supported()) \
			best_++; \
		(forms)[best_].name; \
	})

void forms_text(char *text, size_t size)
{
	snprintf(text, size, "walk %s, lookup %s, cookie %s, frames %s", BEST(walk_forms), BEST(rank_forms),
		 BEST(cookie_batch_forms), BEST(tcp_synscan_forms));
}
