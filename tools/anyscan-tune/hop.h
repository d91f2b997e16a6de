/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TUNE_HOP_H
#define TUNE_HOP_H

/* ns per frame of an edge between two threads on the first two CPUs of this process; 0: there is one CPU. */
double hop_ns(void);

#endif
