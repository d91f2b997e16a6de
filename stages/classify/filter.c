/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --output-filter: a recursive-descent parser into a flat array of nodes, children before parents, and an
 * evaluator that stops at the first operand that decides.
 *
 * A comparison with a field that has no value (icmp_type of a SYN-ACK) is false, whatever the operator:
 * `icmp_type != 3` asks for ICMP errors of other types, not for everything else.
 */
#include "stages/classify/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stages/classify/filter_lexer.h"

#define FILTER_NODES_MAX 256 /* comparisons and operators of one expression */
#define FILTER_DEPTH_MAX 64 /* parentheses within each other */

enum node_kind {
	NODE_AND,
	NODE_OR,
	NODE_NUMBER,
	NODE_PREFIX,
	NODE_TEXT
};

struct node {
	enum node_kind kind;
	enum filter_token op; /* of a comparison */
	unsigned int left, right; /* of && and || */
	const struct field *field;
	int64_t number; /* NODE_NUMBER */
	uint32_t net, mask; /* NODE_PREFIX */
	char text[sizeof(((struct field_value *)0)->text)]; /* NODE_TEXT */
};

struct filter {
	unsigned int nodes, root;
	struct node node[FILTER_NODES_MAX];
};

struct parser {
	struct filter_lexer lexer;
	struct filter *filter;
	unsigned int depth;
	struct error *error;
};

static int add_node(struct parser *p, const struct node *n, unsigned int *index)
{
	if (p->filter->nodes == FILTER_NODES_MAX)
		return error_set(p->error, -EINVAL, "column %u: more than %d terms", filter_column(&p->lexer),
				 FILTER_NODES_MAX);
	*index = p->filter->nodes++;
	p->filter->node[*index] = *n;
	return 0;
}

/* "a.b.c.d" or "a.b.c.d/n", the whole token. */
static bool parse_prefix(const char *text, size_t len, struct node *n)
{
	unsigned int octet[4], bits = 32;
	char copy[32];
	int used = 0;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (strspn(copy, "0123456789./") != len)
		return false;
	if (sscanf(copy, "%3u.%3u.%3u.%3u%n", &octet[0], &octet[1], &octet[2], &octet[3], &used) != 4)
		return false;
	if (copy[used] == '/') {
		int more = 0;

		if (sscanf(copy + used, "/%2u%n", &bits, &more) != 1)
			return false;
		used += more;
	}
	if ((size_t)used != len || bits > 32)
		return false;
	n->net = 0;
	for (unsigned int i = 0; i < 4; i++) {
		if (octet[i] > 255)
			return false;
		n->net = n->net << 8 | octet[i];
	}
	n->mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
	n->net &= n->mask;
	return true;
}

static int parse_number(struct parser *p, struct node *n)
{
	const struct filter_lexer *l = &p->lexer;
	const bool truth = n->field->type == FIELD_BOOL;
	char copy[32] = "", *end = copy;

	if (l->len < sizeof(copy))
		memcpy(copy, l->text, l->len);
	n->kind = NODE_NUMBER;
	if (truth && (strcmp(copy, "true") == 0 || strcmp(copy, "false") == 0)) {
		n->number = copy[0] == 't';
		return 0;
	}
	errno = 0;
	n->number = strtoll(copy, &end, 10);
	if (copy[0] == '\0' || *end != '\0' || errno != 0)
		return error_set(p->error, -EINVAL,
				 "column %u: \"%.*s\" is not a number, and %s is one; write digits",
				 filter_column(l), (int)l->len, l->text, n->field->name);
	if (truth && n->number != 0 && n->number != 1)
		return error_set(p->error, -EINVAL, "column %u: %s is 0 or 1, not %.*s; write one of them",
				 filter_column(l), n->field->name, (int)l->len, l->text);
	return 0;
}

/* An unknown class would match nothing, for ever and in silence. */
static int check_class(struct parser *p, const struct node *n)
{
	if (strcmp(n->field->name, "classification") != 0)
		return 0;
	for (unsigned int i = 0; i < REPLY_CLASSES; i++)
		if (strcmp(reply_class_names[i], n->text) == 0)
			return 0;
	return error_set(p->error, -EINVAL,
			 "column %u: there is no classification \"%s\"; write synack, rst, icmp or echoreply",
			 filter_column(&p->lexer), n->text);
}

static bool is_address(const struct field *f)
{
	return strcmp(f->name, "saddr") == 0 || strcmp(f->name, "daddr") == 0 ||
	       strcmp(f->name, "icmp_responder") == 0;
}

static int parse_text(struct parser *p, struct node *n)
{
	const struct filter_lexer *l = &p->lexer;

	if (is_address(n->field)) {
		n->kind = NODE_PREFIX;
		if (parse_prefix(l->text, l->len, n))
			return 0;
		return error_set(
			p->error, -EINVAL,
			"column %u: \"%.*s\" is not an address; %s is compared with 192.0.2.1 or 192.0.2.0/24",
			filter_column(l), (int)l->len, l->text, n->field->name);
	}
	n->kind = NODE_TEXT;
	if (l->len >= sizeof(n->text))
		return error_set(p->error, -EINVAL, "column %u: no value of %s is that long",
				 filter_column(l), n->field->name);
	memcpy(n->text, l->text, l->len);
	n->text[l->len] = '\0';
	return check_class(p, n);
}

static int parse_operator(struct parser *p, struct node *n)
{
	struct filter_lexer *l = &p->lexer;

	if (l->token < TOKEN_EQ || l->token > TOKEN_GE)
		return error_set(p->error, -EINVAL,
				 "column %u: after %s comes one of = != < > <= >=", filter_column(l),
				 n->field->name);
	if (n->field->type != FIELD_INT && l->token != TOKEN_EQ && l->token != TOKEN_NE)
		return error_set(p->error, -EINVAL,
				 "column %u: %s is compared with = or != only; write one of them",
				 filter_column(l), n->field->name);
	n->op = l->token;
	return filter_lex(l, p->error);
}

static int parse_comparison(struct parser *p, unsigned int *index)
{
	struct filter_lexer *l = &p->lexer;
	struct node n = { .kind = NODE_NUMBER };
	int rc;

	if (l->token != TOKEN_WORD)
		return error_set(p->error, -EINVAL, "column %u: a field name is missing; write FIELD = VALUE",
				 filter_column(l));
	n.field = field_find(l->text, l->len);
	if (n.field == NULL)
		return error_set(p->error, -EINVAL,
				 "column %u: there is no field \"%.*s\"; --list-output-fields names them",
				 filter_column(l), (int)l->len, l->text);
	rc = filter_lex(l, p->error);
	if (rc == 0)
		rc = parse_operator(p, &n);
	if (rc != 0)
		return rc;
	if (l->token != TOKEN_WORD && l->token != TOKEN_QUOTED)
		return error_set(p->error, -EINVAL, "column %u: a value for %s is missing", filter_column(l),
				 n.field->name);
	rc = n.field->type == FIELD_STRING ? parse_text(p, &n) : parse_number(p, &n);
	if (rc == 0)
		rc = filter_lex(l, p->error);
	return rc != 0 ? rc : add_node(p, &n, index);
}

static int parse_chain(struct parser *p, enum filter_token joint, unsigned int *index);

static int parse_primary(struct parser *p, unsigned int *index)
{
	struct filter_lexer *l = &p->lexer;
	unsigned int column;
	int rc;

	if (l->token != TOKEN_OPEN)
		return parse_comparison(p, index);
	column = filter_column(l);
	if (++p->depth > FILTER_DEPTH_MAX)
		return error_set(p->error, -EINVAL, "column %u: more than %d parentheses within each other",
				 column, FILTER_DEPTH_MAX);
	rc = filter_lex(l, p->error);
	if (rc == 0)
		rc = parse_chain(p, TOKEN_OR, index);
	if (rc != 0)
		return rc;
	if (l->token != TOKEN_CLOSE)
		return error_set(p->error, -EINVAL,
				 "column %u: the parenthesis of column %u is not closed; write )",
				 filter_column(l), column);
	p->depth--;
	return filter_lex(l, p->error);
}

/* operand (joint operand)*: operands of || are && chains, those of && are comparisons and parentheses. */
static int parse_chain(struct parser *p, enum filter_token joint, unsigned int *index)
{
	struct node n = { .kind = joint == TOKEN_OR ? NODE_OR : NODE_AND };
	int rc = joint == TOKEN_OR ? parse_chain(p, TOKEN_AND, index) : parse_primary(p, index);

	while (rc == 0 && p->lexer.token == joint) {
		n.left = *index;
		rc = filter_lex(&p->lexer, p->error);
		if (rc == 0)
			rc = joint == TOKEN_OR ? parse_chain(p, TOKEN_AND, &n.right) :
						 parse_primary(p, &n.right);
		if (rc == 0)
			rc = add_node(p, &n, index);
	}
	return rc;
}

int filter_parse(const char *text, struct filter **out, struct error *e)
{
	struct parser p = { .lexer = { .start = text, .next = text }, .error = e };
	int rc;

	p.filter = calloc(1, sizeof(*p.filter));
	if (p.filter == NULL)
		return error_set(e, -ENOMEM, "out of memory");
	rc = filter_lex(&p.lexer, e);
	if (rc == 0)
		rc = parse_chain(&p, TOKEN_OR, &p.filter->root);
	if (rc == 0 && p.lexer.token != TOKEN_END)
		rc = error_set(
			e, -EINVAL,
			"column %u: \"%.*s\" comes after a complete comparison; join them with && or ||",
			filter_column(&p.lexer), (int)p.lexer.len, p.lexer.text);
	if (rc != 0) {
		free(p.filter);
		return rc;
	}
	*out = p.filter;
	return 0;
}

static bool compare_number(enum filter_token op, uint64_t a, int64_t b)
{
	/* every value is unsigned, so a negative one is below all of them */
	const int order = b < 0 || a > (uint64_t)b ? 1 : a < (uint64_t)b ? -1 : 0;

	switch (op) {
	case TOKEN_EQ:
		return order == 0;
	case TOKEN_NE:
		return order != 0;
	case TOKEN_LT:
		return order < 0;
	case TOKEN_GT:
		return order > 0;
	case TOKEN_LE:
		return order <= 0;
	default:
		return order >= 0;
	}
}

static bool match_node(const struct filter *f, unsigned int index, const struct record *r)
{
	const struct node *n = &f->node[index];
	struct field_value v;

	if (n->kind == NODE_AND)
		return match_node(f, n->left, r) && match_node(f, n->right, r);
	if (n->kind == NODE_OR)
		return match_node(f, n->left, r) || match_node(f, n->right, r);
	n->field->get(r, &v);
	if (v.null)
		return false;
	if (n->kind == NODE_NUMBER)
		return compare_number(n->op, v.number, n->number);
	if (n->kind == NODE_PREFIX)
		return (((uint32_t)v.number & n->mask) == n->net) == (n->op == TOKEN_EQ);
	return (strcmp(v.text, n->text) == 0) == (n->op == TOKEN_EQ);
}

bool filter_match(const struct filter *f, const struct record *r)
{
	return match_node(f, f->root, r);
}

void filter_free(struct filter *f)
{
	free(f);
}
