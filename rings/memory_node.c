/* SPDX-License-Identifier: Apache-2.0 */
#include "rings/memory_node.h"

#include <linux/mempolicy.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODES_MAX 1024 /* the kernel's own limit, 2^CONFIG_NODES_SHIFT */
#define WORD_BITS (8 * sizeof(unsigned long))

void memory_node_prefer(int node)
{
	unsigned long mask[NODES_MAX / WORD_BITS] = { 0 };

	if (node < 0 || node >= NODES_MAX) {
		syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0UL);
		return;
	}
	mask[(size_t)node / WORD_BITS] = 1UL << ((size_t)node % WORD_BITS);
	/* one more than there are: the kernel takes one off */
	syscall(SYS_set_mempolicy, MPOL_PREFERRED, mask, (unsigned long)NODES_MAX + 1);
}
