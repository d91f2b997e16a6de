/* SPDX-License-Identifier: Apache-2.0 */
/* Edges and wakers leave nothing behind: neither after use nor after a set-up that fails. For LeakSanitizer. */
#include <stdio.h>

#include "rings/edge.h"

#define ROUNDS 2000 /* more than a process may open files, so that a leaked eventfd shows */

int main(void)
{
	static const unsigned int pools[] = { 1, 2, 3, 64, EDGE_BLOCKS_MAX + 1 };

	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct edge_options o = {
			.name = "leak",
			.blocks = pools[i % (sizeof(pools) / sizeof(pools[0]))],
			.block_size = sizeof(struct target_block),
		};
		struct edge *e = edge_create(&o);
		struct waker w;

		if (waker_init(&w, true) < 0) {
			perror("waker_init");
			return 1;
		}
		if (e != NULL) {
			edge_push(e, edge_claim(e, 0));
			edge_claim(e, 0); /* blocks on a ring or in someone's hands go with the pool */
		}
		edge_destroy(e);
		waker_fini(&w);
	}
	return 0;
}
