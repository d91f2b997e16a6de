/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of --output-filter. Private to stages/classify. */
#ifndef CLASSIFY_FILTER_LEXER_H
#define CLASSIFY_FILTER_LEXER_H

#include <stddef.h>

#include "anyscan/error.h"

enum filter_token {
	TOKEN_END,
	TOKEN_AND, /* && */
	TOKEN_OR, /* || */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_GT,
	TOKEN_LE,
	TOKEN_GE,
	TOKEN_WORD, /* field name, number, word, address, prefix */
	TOKEN_QUOTED, /* "text"; text and len are without the quotes */
};

struct filter_lexer {
	const char *start, *next; /* of the expression; next character to read */
	enum filter_token token; /* the current one */
	const char *text; /* where it starts, in the expression */
	size_t len;
};

/* Reads the next token. 0 or -EINVAL with *e. */
int filter_lex(struct filter_lexer *, struct error *e);

/* 1-based column of the current token. */
unsigned int filter_column(const struct filter_lexer *);

#endif
