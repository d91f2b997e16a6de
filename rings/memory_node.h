/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On which NUMA node memory lies. The kernel puts a page where the thread that first touches it asks for it; set-up touches
 * all of it, so it asks for the node of the thread that will work with it, and the kernel's own rings for a socket follow
 * (they are allocated in the call that sets them up).
 */
#ifndef RINGS_MEMORY_NODE_H
#define RINGS_MEMORY_NODE_H

/*
 * Pages that the calling thread touches from now on lie on this node while it has room; -1: where the thread runs. What
 * forbids it (a container's filter, a kernel without NUMA) leaves memory where it would have been.
 */
void memory_node_prefer(int node);

#endif
