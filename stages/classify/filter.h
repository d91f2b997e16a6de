/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --output-filter: ZMap's grammar over the field table.
 *
 *   expr  := expr "||" expr | expr "&&" expr | "(" expr ")" | FIELD op VALUE      (&& binds tighter)
 *   op    := = != < > <= >=        (numbers);  = !=  (strings, booleans)
 *   VALUE := integer (also negative), word, "quoted", address, CIDR (addresses match within it)
 */
#ifndef CLASSIFY_FILTER_H
#define CLASSIFY_FILTER_H

#include <stdbool.h>

#include "anyscan/error.h"
#include "anyscan/record.h"

#define FILTER_DEFAULT "success = 1 && repeat = 0"

struct filter;

int filter_parse(const char *text, struct filter **out,
		 struct error *); /* message names column, field or value */
bool filter_match(const struct filter *, const struct record *); /* classify thread */
void filter_free(struct filter *);

#endif
