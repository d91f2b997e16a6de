/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/forms.h"

#include <stdio.h>

#include "stages/gen/rank.h"
#include "stages/gen/walk.h"
#include "stages/probes/cookie_batch.h"
#include "stages/probes/tcp_synscan_frame.h"

void forms_text(char *text, size_t size)
{
	snprintf(text, size, "walk %s, lookup %s, cookie %s, frames %s", FORMS_BEST(walk_forms)->name,
		 FORMS_BEST(rank_forms)->name, FORMS_BEST(cookie_batch_forms)->name,
		 FORMS_BEST(tcp_synscan_forms)->name);
}
