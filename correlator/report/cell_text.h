/* SPDX-License-Identifier: Apache-2.0 */
/* cell_text: text that is not ours, as HTML shows it and as a spreadsheet does not
 * compute it. */
#ifndef CORRELATOR_REPORT_CELL_TEXT_H
#define CORRELATOR_REPORT_CELL_TEXT_H

#include <stdio.h>

void cell_text_html(FILE *out, const char *text);
/* In quotes, 'end' behind it; what a spreadsheet would take for a formula gets an
 * apostrophe before it. */
void cell_text_csv(FILE *out, const char *text, char end);

#endif
