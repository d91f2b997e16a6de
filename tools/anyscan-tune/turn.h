/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before whom the threads of a trial have their turn, so that it measures this machine and not who else works on it:
 * before every ordinary task where we may (nice -20), and at the real-time priority that the program was started with
 * (chrt -f), where each thread has a CPU of its own and no thread of the kernel has a part in it. Threads that share a
 * CPU would not share it at a real-time priority: the one that runs goes on until it sleeps.
 */
#ifndef TUNE_TURN_H
#define TUNE_TURN_H

#include <stdbool.h>

struct turn { /* of this process, before a trial */
	int policy, priority;
};

struct turn turn_take(bool own_cpus); /* before threads start: they inherit it. nice -20 stays */
void turn_watch(const struct turn *); /* once they run: this thread may interrupt them to look */
void turn_give_back(const struct turn *);

#endif
