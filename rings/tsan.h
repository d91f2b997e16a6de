/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ThreadSanitizer cannot see an order that is kept by Concurrency Kit's inline
 * assembly or by liburcu. Where such code hands an object over, say so: the
 * giver calls tsan_release(object) before it lets go, the taker
 * tsan_acquire(object) once it holds it. Nothing at all in other builds.
 *
 * Annotate the object that is handed over, not the ring it travels through: a
 * later release of the ring would hide that someone touched an earlier block.
 */
#ifndef RINGS_TSAN_H
#define RINGS_TSAN_H

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define RINGS_TSAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define RINGS_TSAN 1
#endif

#ifdef RINGS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

static inline void tsan_acquire(void *object)
{
#ifdef RINGS_TSAN
	__tsan_acquire(object);
#else
	(void)object;
#endif
}

static inline void tsan_release(void *object)
{
#ifdef RINGS_TSAN
	__tsan_release(object);
#else
	(void)object;
#endif
}

#endif
