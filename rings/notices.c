/* SPDX-License-Identifier: Apache-2.0 */
#include "rings/notices.h"

#include <stddef.h>

void notices_add(struct notices *later, struct waker *w)
{
	if (later == NULL) {
		waker_notify(w);
		return;
	}
	for (unsigned int i = 0; i < later->n; i++) {
		if (later->due[i] == w)
			return;
	}
	if (later->n < NOTICES_MAX)
		later->due[later->n++] = w;
	else
		waker_notify(w);
}

void notices_tell(struct notices *later)
{
	for (unsigned int i = 0; i < later->n; i++)
		waker_notify(later->due[i]);
	later->n = 0;
}
