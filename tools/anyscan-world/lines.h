/* SPDX-License-Identifier: Apache-2.0 */
/* Result lines, `address,port[,word]`, formatted without printf and written in large pieces. */
#ifndef ANYSCAN_WORLD_LINES_H
#define ANYSCAN_WORLD_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct lines {
	FILE *file;
	bool failed;
	unsigned int used;
	char buffer[65536];
};

/* word: 15 bytes at most, or NULL */
void lines_put(struct lines *, uint32_t addr, uint16_t port, const char *word);
int lines_end(struct lines *); /* 0, or -1: not all could be written */

#endif
