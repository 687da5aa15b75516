/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_page: headings, paragraphs and tables on A4 pages, tagged, as a PDF; the door to
 * Pango and Cairo.
 *
 * Text wraps, pages break between rows, and a table's heading is repeated.  A
 * character that no font has is remembered, so that the caller can refuse to
 * hand out a page of boxes.
 */
#ifndef CORRELATOR_REPORT_PDF_PAGE_H
#define CORRELATOR_REPORT_PDF_PAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"

enum { PDF_COLUMNS_MAX = 10 };

struct pdf;

/* 'created' is microseconds since 1970 UTC, so that the same report is the same file.
 * Borrows 'out'. */
struct pdf *pdf_new(FILE *out, const char *title, int64_t created);
/* Ends the file and frees; -1 if it could not be written, or characters have no glyph.
 */
int pdf_end(struct pdf *pdf, struct error *err);

void pdf_heading(struct pdf *pdf, int level, const char *text);
void pdf_paragraph(struct pdf *pdf, const char *text);
void pdf_item(struct pdf *pdf, const char *text);

struct pdf_table {
	size_t columns;
	int share[PDF_COLUMNS_MAX];        /* of the width, per mille */
	unsigned right;                    /* bit i: column i is of numbers */
	const char *head[PDF_COLUMNS_MAX]; /* borrowed until the table's end */
};
void pdf_table_begin(struct pdf *pdf, const struct pdf_table *table);
void pdf_row(struct pdf *pdf, const char *const *cell);
void pdf_table_end(struct pdf *pdf);
/* Empty squares for names or seals, with a word above each. */
void pdf_boxes(struct pdf *pdf, const char *const *word, size_t count);

#endif
