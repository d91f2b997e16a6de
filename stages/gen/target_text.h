/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of one target, shared by arguments, lists and list files; they
 * differ only in where the text stands.
 */
#ifndef GEN_TARGET_TEXT_H
#define GEN_TARGET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/gen/addresses.h"
#include "stages/gen/pairs.h"
#include "stages/gen/ranges.h"

struct target_place { /* 1-based; file NULL: an argument, which the quoted value names well enough */
	const char *file;
	size_t line, column;
};

/* text need not end in NUL. 0, -EINVAL or, for a host name, -ENOENT; both fill *e. */
int target_text(const char *text, size_t len, const struct target_place *, struct range *out,
		struct error *e);

struct target_lists { /* where the kinds of targets go */
	struct ranges *ranges;
	struct addresses *addresses; /* single ones; NULL: they are ranges too */
	struct pairs *pairs; /* a.b.c.d:port; NULL: not taken */
};

/*
 * All targets of text[0..len), separated by blanks or commas. A host name is
 * an error here: -EINVAL. On error the lists may hold what came before.
 */
int target_text_list(const char *text, size_t len, const char *file, size_t line, const struct target_lists *,
		     struct error *e);

/*
 * True when text is one a.b.c.d, or a.b.c.d:port, and nothing else: most lines of long lists are, and take a fifth of the
 * time of the grammar. *port: -1 for none. False decides nothing.
 */
bool target_text_plain(const char *text, size_t len, uint32_t *addr, int32_t *port);

#endif
