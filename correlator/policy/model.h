/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model: a rule set as its files say it, before it meets an inventory.
 *
 * Lives in one arena and borrows the YAML trees, which live as long.  Rows are
 * pairs of selectors: first one a requirement, then one an entry of a matrix,
 * each matrix's denying entries before its allowing ones.
 */
#ifndef CORRELATOR_POLICY_MODEL_H
#define CORRELATOR_POLICY_MODEL_H

#include "common/arena.h"
#include "common/yaml.h"
#include "correlator/policy/policy.h"
#include "correlator/policy/predicate.h"
#include "correlator/policy/selector.h"

enum {
	POLICY_FILES_MAX = 256,
	POLICY_FILE_SIZE_MAX = 4 << 20,
	ROWS_MAX = 8192 /* requirements and matrix entries together */
};

struct source_file {
	const char *name;
	const struct yaml_node *root;
};

struct row {
	struct selector from, to;
};

/* An entry of a matrix holds only for pairs that are, or are not, the same. */
struct same {
	bool is_asked, must_be;
	bool partition; /* else participant */
};

struct entry {
	const char *id;
	const struct yaml_node *at;
	size_t row;
	bool is_deny;
	struct same same;
};

struct matrix {
	const char *id;
	enum outcome otherwise;
	size_t count;
	struct entry *entry; /* denying ones first */
};

struct exemption {
	const struct yaml_node *at;
	const char *id, *participant;
	struct instant from, to;
	const struct predicate *match; /* NULL: any violation of the participant */
};

enum subject { SUBJECT_CLIENT, SUBJECT_SERVER, SUBJECT_KNOWN };

struct rule {
	struct requirement requirement; /* what others see */
	const struct yaml_node *at;
	enum subject subject;
	uint64_t events;                        /* bit per event type */
	const struct predicate *where, *expect; /* NULL: always true */
	const struct matrix *matrix;            /* of kind matrix */
	size_t exemption_count;
	struct exemption *exemption;
};

struct model {
	struct arena arena;
	size_t file_count;
	struct source_file *file;
	struct yaml **yaml; /* owned, one a file */
	const struct yaml_node *header;
	const char *id, *version;
	const char *test_inventory; /* path, or NULL: tests run against the inventory at
				       hand */
	const char *test_poi;       /* "", or of the tests' records */
	int zone;                   /* seconds east of UTC */
	size_t matrix_count, rule_count, row_count;
	struct matrix *matrix;
	struct rule *rule;
	uint32_t *signature; /* alert.signature_id of each rule */
	struct row *row;
	size_t pattern_count;
	struct pattern **pattern; /* owned */
	char sha256[65];          /* of the files */
};

/* Reads what the files' roots say into 'model', whose files are set.  -1 on the first
 * mistake. */
int model_read(struct model *model, struct error *err);
/* Mistakes that only the whole shows: shadowed entries, missing tests, wrong
 * references. */
int model_lint(const struct model *model, struct error *err);
int model_check_references(const struct model *model, const struct inventory *inventory,
			   struct error *err);
void model_release(struct model *model);

/* The rows of 'section' in all files, in order: calls back for each item of a list. */
typedef int model_item(struct model *model, const struct yaml_node *item, void *ctx,
		       struct error *err);
int model_each(struct model *model, const char *section, model_item *each, void *ctx,
	       struct error *err);
size_t model_count(const struct model *model, const char *section);
/* The set "$kind.name" stands for, or NULL with the complaint in '*err'. */
const struct yaml_node *model_set(const struct model *model,
				  const struct yaml_node *name, struct error *err);
/* The value under a key of a section that is a map, in any file, or NULL. */
const struct yaml_node *model_find(const struct model *model, const char *section,
				   const char *key);
const struct matrix *model_matrix(const struct model *model, const char *id);
struct rule *model_rule(const struct model *model, const char *id);
/* Complains at 'at' that no requirement is called 'id', with the nearest that is.
 * Returns -1. */
int model_no_rule(const struct model *model, const struct yaml_node *at, const char *id,
		  struct error *err);

/* The model frees it. */
void model_keep_pattern(struct model *model, struct pattern *pattern);

/* Parts of model_read, in their order. */
int model_read_matrices(struct model *model, struct error *err);
int model_read_requirements(struct model *model, struct error *err);
int model_read_exceptions(struct model *model, struct error *err);

#endif
