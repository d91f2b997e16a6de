/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/classify/filter_lexer.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const struct {
	const char *text;
	enum filter_token token;
} symbols[] = {
	/* longer ones first */
	{ "&&", TOKEN_AND }, { "||", TOKEN_OR },  { "!=", TOKEN_NE },	{ "<=", TOKEN_LE },
	{ ">=", TOKEN_GE },  { "==", TOKEN_EQ },  { "=", TOKEN_EQ },	{ "<", TOKEN_LT },
	{ ">", TOKEN_GT },   { "(", TOKEN_OPEN }, { ")", TOKEN_CLOSE },
};

unsigned int filter_column(const struct filter_lexer *l)
{
	return (unsigned int)(l->text - l->start) + 1;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("_-./:+", c) != NULL);
}

static int lex_quoted(struct filter_lexer *l, struct error *e)
{
	const char *end = strchr(l->text + 1, '"');

	if (end == NULL)
		return error_set(e, -EINVAL, "column %u: the quote is not closed; write another at its end",
				 filter_column(l));
	l->token = TOKEN_QUOTED;
	l->next = end + 1;
	l->text++;
	l->len = (size_t)(end - l->text);
	return 0;
}

int filter_lex(struct filter_lexer *l, struct error *e)
{
	while (isspace((unsigned char)*l->next))
		l->next++;
	l->text = l->next;
	l->len = 0;
	if (*l->text == '\0') {
		l->token = TOKEN_END;
		return 0;
	}
	if (*l->text == '"')
		return lex_quoted(l, e);
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		l->len = strlen(symbols[i].text);
		if (strncmp(l->text, symbols[i].text, l->len) == 0) {
			l->token = symbols[i].token;
			l->next += l->len;
			return 0;
		}
	}
	while (is_word(*l->next))
		l->next++;
	l->len = (size_t)(l->next - l->text);
	if (l->len == 0)
		return error_set(e, -EINVAL,
				 "column %u: \"%c\" has no meaning here; write && or ||, and = != < > <= >=",
				 filter_column(l), *l->text);
	l->token = TOKEN_WORD;
	return 0;
}
