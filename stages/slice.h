/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shorter time slice for a thread that wakes often and works briefly. Among threads of the same share the kernel
 * runs the one with the earliest deadline, and a deadline is one slice away (EEVDF): a thread with short slices waits
 * less for a busy CPU, and is taken off it sooner. Its share of the CPU stays what it was, so it takes no rights.
 */
#ifndef STAGES_SLICE_H
#define STAGES_SLICE_H

/*
 * The calling thread; threads that it starts inherit it. Its nice value stays; another class than SCHED_OTHER is the
 * user's choice and stays whole. Linux before 6.12 takes the call and ignores it. 0 or negative errno, which harms
 * nothing but the pace.
 */
int slice_shorten(void);

#endif
