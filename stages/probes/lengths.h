/* SPDX-License-Identifier: Apache-2.0 */
/* Where all frames of a block are of one length, as they were the last time it came by. */
#ifndef PROBES_LENGTHS_H
#define PROBES_LENGTHS_H

#include <stdint.h>

/*
 * len[] has been set before, to anything. Stores nothing if all are so already: the core of tx keeps its copy of the
 * lines then, and this one does not ask for them.
 */
static inline void lengths_set(uint16_t len[], unsigned int n, uint16_t to)
{
	uint16_t differ = 0;

	for (unsigned int i = 0; i < n; i++)
		differ |= len[i] ^ to;
	for (unsigned int i = 0; differ != 0 && i < n; i++)
		len[i] = to;
}

#endif
