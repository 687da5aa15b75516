/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_docs: the field table as a page for people and as a JSON schema.
 *
 * docs/RECORDS.md and docs/record.schema.json are these two, written by
 * 'make docs'; a test fails when they are stale.
 */
#ifndef COMMON_RECORD_DOCS_H
#define COMMON_RECORD_DOCS_H

#include <stdio.h>

/* Markdown: objects with their fields, then event types with what they carry. */
void record_docs_page(FILE *out);
/* Draft 2020-12.  Closed at every level, so that what it does not know is an error. */
void record_docs_schema(FILE *out);

#endif
