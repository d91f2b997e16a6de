/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of one target, shared by arguments, lists and list files; they
 * differ only in where the text stands.
 */
#ifndef GEN_TARGET_TEXT_H
#define GEN_TARGET_TEXT_H

#include <stddef.h>

#include "anyscan/error.h"
#include "stages/gen/pairs.h"
#include "stages/gen/ranges.h"

struct target_place { /* 1-based; file NULL: an argument, which the quoted value names well enough */
	const char *file;
	size_t line, column;
};

/* text need not end in NUL. 0, -EINVAL or, for a host name, -ENOENT; both fill *e. */
int target_text(const char *text, size_t len, const struct target_place *, struct range *out,
		struct error *e);

/*
 * All targets of text[0..len), separated by blanks or commas. A host name is
 * an error here: -EINVAL. On error *out may hold what came before. pairs: where a.b.c.d:port go; NULL: not taken.
 */
int target_text_list(const char *text, size_t len, const char *file, size_t line, struct ranges *out,
		     struct pairs *pairs, struct error *e);

#endif
