/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv: an inventory's institutions and lines as a table (RFC 4180, UTF-8), and back.
 *
 * One row a line of an institution; further rows of the same id only add lines.
 * Lists in a cell are divided by blanks.  Regions, POIs, services and sensors
 * are few and stay in YAML.
 */
#ifndef CORRELATOR_INVENTORY_CSV_H
#define CORRELATOR_INVENTORY_CSV_H

#include <stdio.h>

#include "correlator/inventory/inventory.h"

void inventory_to_csv(const struct inventory *inventory, FILE *out);
/*
 * Checks each cell as the YAML loader would, and writes participants and lines
 * as inventory/1; what they refer to may stand in other files.  '*rows' counts.
 * -1 with "file:line:col: ..." in '*err', and then nothing was written.
 */
int inventory_csv_to_yaml(const char *name, const char *text, size_t size, FILE *out,
			  size_t *rows, struct error *err);

/* The columns, NULL at the end. */
extern const char *const csv_columns[];

#endif
