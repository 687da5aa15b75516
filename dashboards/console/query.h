/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query: what an analyst types above the queue, as terms of a filter.
 *
 * word := ["-"] [key ":"] value | ["-"] '"' text '"'; words are separated by
 * blanks and must all hold.  The keys are those of docs/API.md.  Never touches
 * SQL: the store turns terms into bound parameters.
 */
#ifndef DASHBOARDS_CONSOLE_QUERY_H
#define DASHBOARDS_CONSOLE_QUERY_H

#include "store/console_reads.h"

enum { QUERY_SIZE_MAX = 4000 };

struct query_fault {
	unsigned at;    /* character of the query, from 0 */
	char token[64]; /* what stands there, whole characters of UTF-8 */
	const char *expected;
};

/*
 * Adds the terms of 'text' to 'filter', whose 'me' is set ('is:mine').  False,
 * with '*fault' filled, if it is no query; the filter then holds what came before.
 */
bool query_parse(const char *text, struct alert_filter *filter,
		 struct query_fault *fault) __attribute__((warn_unused_result));

#endif
