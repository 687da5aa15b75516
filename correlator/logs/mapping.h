/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapping: how lines of another device's log become records ("evidence/1").
 *
 * A mapping gives evidence (what the wire hid of a session, joined to it by
 * client address, port and server) or whole records, such as Suricata's and
 * Zeek's.  Read from *.yaml of a folder; immutable.
 */
#ifndef CORRELATOR_LOGS_MAPPING_H
#define CORRELATOR_LOGS_MAPPING_H

#include "common/arena.h"
#include "common/record.h"
#include "common/yaml.h"
#include "correlator/policy/pattern.h"

enum {
	MAPPING_FILES_MAX = 64,
	MAPPING_FILE_SIZE_MAX = 1 << 20,
	MAPPING_NAME_MAX = 32 /* bytes of an id */
};

/* One word of a log and what it means; 'to' NULL: looked, and not there. */
struct translation {
	const char *from, *to;
};

/* Where a field's value comes from. */
struct log_value {
	enum field_id field;
	const char *from;     /* name in the line; NULL: always 'constant' */
	const char *constant; /* NULL if 'from' */
	size_t translation_count;
	const struct translation *translation;
	const struct translation *otherwise; /* "*", or NULL: the word itself */
};

enum log_time { LOG_TIME_RFC3339, LOG_TIME_SECONDS, LOG_TIME_MILLISECONDS };

struct log_mapping {
	const char *id;
	bool is_evidence; /* else whole records */
	bool is_attested; /* evidence: else declared */
	bool takes_same;  /* fields of the same path are taken as they are */
	bool is_text;     /* lines matched by 'pattern', else JSON objects */
	const struct pattern *pattern;
	size_t need_count;
	const char *const *need; /* names without which a line is none of ours */
	enum event event;
	const char *event_from;             /* NULL: 'event' */
	const char *time_from, *time_minus; /* minus: seconds, "" for none */
	enum log_time time_form;
	size_t value_count;
	const struct log_value *value;
};

struct log_mappings;

/* A folder's *.yaml; a folder that is not there has none.  NULL with the complaint. */
struct log_mappings *log_mappings_load(const char *folder, struct error *err);
/* One file from memory. */
struct log_mappings *log_mappings_parse(const char *name, const char *text, size_t size,
					struct error *err);
void log_mappings_free(struct log_mappings *mappings);
/* NULL with "did you mean" in '*err'. */
const struct log_mapping *log_mappings_find(const struct log_mappings *mappings,
					    const char *id, struct error *err);

#endif
