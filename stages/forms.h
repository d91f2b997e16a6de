/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms: the same work for several instruction sets. A module that has them keeps a table {name, supported, fn}, best
 * first; the last, "plain", is C for the architecture's baseline and runs anywhere. Which one runs is decided once,
 * when the object that works is set up (walk_init(), prepare(), ...), by the CPU it runs on; a test or a benchmark
 * takes another from the table. Every form gives the same bytes.
 */
#ifndef STAGES_FORMS_H
#define STAGES_FORMS_H

#include <stdbool.h>
#include <stddef.h>

/* Which forms run on this CPU, for people: "walk avx512, lookup avx512, cookie avx512, frames avx512". */
void forms_text(char *text, size_t size);

/* The first of a table that this CPU can run, as a pointer; the tables differ in the type of fn only. */
#define FORMS_BEST(table) \
	({ \
		__typeof__(&(table)[0]) best_ = (table); \
		while (!best_->supported()) \
			best_++; \
		best_; \
	})

static inline bool form_runs_anywhere(void)
{
	return true;
}

#ifdef __x86_64__
#define FORM_AVX2 "avx2"
/* Every CPU with AVX-512 but the Xeon Phi has these four. */
#define FORM_AVX512 "avx512f,avx512vl,avx512bw,avx512dq"
#define FORM_IFMA "avx512f,avx512vl,avx512bw,avx512dq,avx512ifma"

static inline bool form_has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

static inline bool form_has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

/* 52-bit multiply and add: Ice Lake, Zen 4 and later. */
static inline bool form_has_ifma(void)
{
	return form_has_avx512() && __builtin_cpu_supports("avx512ifma");
}
#endif

#endif
