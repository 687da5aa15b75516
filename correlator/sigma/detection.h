/* SPDX-License-Identifier: Apache-2.0 */
/* detection: what a detection is inside; for correlator/sigma only. */
#ifndef CORRELATOR_SIGMA_DETECTION_H
#define CORRELATOR_SIGMA_DETECTION_H

#include "common/yaml.h"
#include "correlator/policy/pattern.h"
#include "correlator/policy/read.h"
#include "correlator/sigma/glob.h"
#include "correlator/sigma/sigma.h"

/* Fields a record gets from the inventory, behind those of the table. */
enum virtual_field {
	VIRTUAL_CLIENT_PARTICIPANT = FIELD_COUNT,
	VIRTUAL_CLIENT_PARTITION,
	VIRTUAL_CLIENT_KIND,
	VIRTUAL_CLIENT_REGISTERED,
	VIRTUAL_SERVER_PARTICIPANT,
	VIRTUAL_SERVER_PARTITION,
	VIRTUAL_SERVER_KIND,
	VIRTUAL_SERVER_REGISTERED,
	VIRTUAL_SERVER_SERVICE,
	VIRTUAL_SERVER_SERVICE_KIND,
	VIRTUAL_SAME_PARTICIPANT,
	VIRTUAL_SAME_PARTITION,
	FIELDS_ALL,
	FIELD_KEYWORDS = FIELDS_ALL, /* every text of the record */
	FIELD_CONSTANT               /* a mapping's own value */
};

/* Paths of the virtual ones, from VIRTUAL_CLIENT_PARTICIPANT on. */
extern const char *const virtual_paths[FIELDS_ALL - FIELD_COUNT];
/* FIELDS_ALL if there is none. */
unsigned field_of_path(const char *path);
const char *path_of_field(unsigned field);

enum want_kind {
	WANT_TEXT,    /* glob */
	WANT_NULL,    /* absent or null */
	WANT_PATTERN, /* PCRE */
	WANT_PREFIX,  /* CIDR */
	WANT_EXISTS,
	WANT_LESS,
	WANT_LESS_EQUAL,
	WANT_MORE,
	WANT_MORE_EQUAL,
	WANT_FIELD /* another field's value */
};

struct want {
	enum want_kind kind;
	struct glob glob; /* folded unless the item is cased */
	struct text
		needed; /* WANT_TEXT: folded bytes that a match holds; size 0 if none */
	bool is_whole;  /* 'needed' is all of it */
	const char *source; /* WANT_PATTERN */
	struct pattern *pattern;
	struct prefix prefix;
	bool flag;                           /* WANT_EXISTS */
	long double number;                  /* comparisons */
	unsigned field;                      /* WANT_FIELD */
	bool is_open_before, is_open_behind; /* WANT_FIELD: what the other may lack */
};

/* One value as written, and what modifiers made of it: any of them will do. */
struct group {
	size_t count;
	const struct want *want;
	const char *written;
};

struct item {
	unsigned field;
	const char *name;     /* as the rule calls the field */
	const char *words;    /* modifiers, such as "contains|all" */
	const char *constant; /* FIELD_CONSTANT */
	bool is_all, is_not, is_cased;
	size_t count;
	const struct group *group;
};

enum tree_kind { TREE_ALL, TREE_ANY, TREE_NOT, TREE_ITEM };

struct tree {
	enum tree_kind kind;
	size_t count;
	const struct tree *const *part;
	const struct item *item;
};

struct detection {
	struct detection_row row;
	uint64_t events; /* bit per event type */
	bool skips;      /* sekisho.unknown: skip */
	const char *name; /* correlations may call it so; or "" */
	const struct logsource_map *map; /* NULL: its names are ours */
	struct correlation *correlation; /* NULL: a detection */
	bool is_looked_for, generates; /* by a correlation, and alerts all the same */
	size_t feed_count; /* correlations that look for it */
	const struct feed *feed;
	const struct tree *tree;
	const struct yaml_node *tests; /* or NULL */
	const struct yaml_node *at;
};

struct logsource_map;
struct correlation;
struct feed;

struct sigma {
	struct arena arena;
	size_t yaml_count;
	struct yaml **yaml; /* owned */
	size_t count, room;
	struct detection *detection;
	size_t map_count;
	struct logsource_map *map;
	size_t pattern_count, pattern_room;
	struct pattern **pattern;    /* owned */
	size_t correlation_count; /* that are loaded */
	const struct correlation *const *correlation;
	struct prefilter *prefilter; /* owned */
	struct view *view;           /* owned; scratch of one record */
	char sha256[65];
};

/* What is the same while one detection is read. */
struct reading {
	struct sigma *sigma;
	struct detection *detection;
	const struct logsource_map *map; /* NULL: paths are ours */
	const struct yaml_node *searches;
	const struct tree **search; /* of each of them; that of "condition" is NULL */
	size_t wants;               /* so far */
	unsigned depth;
	struct error *err;
};

/*
 * Rules that cannot work here: fills state and reason, returns -1 like a
 * mistake; detection.row.state tells them apart.
 */
int reading_refuse(struct reading *reading, enum detection_state state, const char *fmt,
		   ...) __attribute__((format(printf, 3, 4)));

/* True if records are to be held against it. */
static inline bool
detection_is_live(const struct detection *detection)
{
	return detection->tree != NULL &&
	       (detection->row.state == DETECTION_LOADED ||
		(detection->row.state == DETECTION_SILENT && detection->feed_count > 0));
}

/* The tree of a search or of the condition.  NULL with the complaint, or refused. */
const struct tree *search_read(struct reading *reading, const struct yaml_node *node);
const struct tree *condition_read(struct reading *reading,
				  const struct yaml_node *condition);
/* One entry of a map, or (key NULL) keywords. */
const struct item *item_read(struct reading *reading, const struct yaml_node *key,
			     const struct yaml_node *value);
const struct tree *tree_of(struct reading *reading, enum tree_kind kind,
			   const struct tree *const *part, size_t count);

/* Mappings (mapping.c). */
int mapping_read(struct sigma *sigma, const struct yaml_node *root, struct error *err);
/* Sets events and map of the detection by its logsource, and '*where' to what its
 * records must be beside. -1 as above. */
int mapping_route(struct reading *reading, const struct yaml_node *logsource,
		  const struct yaml_node **where);
/* Fills field, or constant; '*values' to the table of values or NULL. */
int mapping_field(struct reading *reading, const char *name, const struct yaml_node *at,
		  struct item *item, const struct yaml_node **values);

/* All files into the set (catalogue.c); then compiled. */
int catalogue_read(struct sigma *sigma, const struct rule_text *texts, size_t count,
		   bool are_mappings, struct error *err);

#endif
