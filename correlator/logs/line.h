/* SPDX-License-Identifier: Apache-2.0 */
/* line: one line of a log as a record, by its mapping; the lines are foreign, so JSON
 * goes to Jansson. */
#ifndef CORRELATOR_LOGS_LINE_H
#define CORRELATOR_LOGS_LINE_H

#include "correlator/logs/mapping.h"

enum { LOG_LINE_MAX = 65536 };

enum log_result {
	LOG_RECORD,
	LOG_OTHER, /* a line that is not about this: it matches nothing, or lacks a need
		    */
	LOG_REFUSED /* no JSON, no time, or an address that is none */
};

/* Memory of one record at a time. */
struct log_reader;

struct log_reader *log_reader_new(void);
void log_reader_free(struct log_reader *reader);
/*
 * Fills '*record', which borrows reader and mapping until the next call.  'poi'
 * (may be "") is set where the line does not name one.
 */
enum log_result log_read(struct log_reader *reader, const struct log_mapping *mapping,
			 const char *poi, const char *line, size_t size,
			 struct record *record);

#endif
