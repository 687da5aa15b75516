/* SPDX-License-Identifier: Apache-2.0 */
/* policy: the connection requirements as loaded: from files to a set that judges. */
#include "correlator/policy/policy.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/digest.h"
#include "common/file.h"
#include "correlator/policy/example.h"
#include "correlator/policy/set.h"
#include "correlator/alert/alert.h"
#include "correlator/sigma/sigma.h"

static int
parse_texts(struct model *model, const struct rule_text *texts, size_t count,
	    struct error *err)
{
	struct digester *digester = digester_new();
	int result = 0;

	model->file = arena_take(&model->arena, count * sizeof(*model->file));
	model->yaml = arena_take(&model->arena, count * sizeof(struct yaml *));
	for (size_t i = 0; i < count && result == 0; i++) {
		struct yaml *yaml =
			yaml_parse(texts[i].name, texts[i].text, texts[i].size, err);
		if (yaml == NULL) {
			result = -1;
			break;
		}
		model->yaml[model->file_count] = yaml;
		struct source_file *file = &model->file[model->file_count++];
		if (yaml_document_count(yaml) != 1)
			result = error_set(
				err, "%s:1:1: no rule file; expected one document",
				texts[i].name);
		else
			*file = (struct source_file){ texts[i].name,
						      yaml_root(yaml, 0) };
		digester_add(digester, texts[i].text, texts[i].size);
	}
	struct digest digest = digester_end(digester);
	digest_to_text(&digest, model->sha256);
	return result;
}

struct model *
policy_read_model(const struct rule_text *texts, size_t count, struct error *err)
{
	struct model *model = calloc(1, sizeof(*model));

	assert(model != NULL);
	if (parse_texts(model, texts, count, err) == -1 ||
	    model_read(model, err) == -1 || model_lint(model, err) == -1 ||
	    example_check_cover(model, err) == -1) {
		policy_free_model(model);
		return NULL;
	}
	return model;
}

void
policy_free_model(struct model *model)
{
	if (model == NULL)
		return;
	model_release(model);
	free(model);
}

/* The rule files of a folder, in order of name, or the file itself. */
struct listing {
	size_t count;
	char *path[POLICY_FILES_MAX];
	char *text[POLICY_FILES_MAX];
	struct rule_text file[POLICY_FILES_MAX];
};

static int
is_rule_file(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return entry->d_name[0] != '.' && size > 5 &&
	       strcmp(entry->d_name + size - 5, ".yaml") == 0;
}

static int
list_folder(const char *folder, struct listing *listing, struct error *err)
{
	struct dirent **entry = NULL;
	int count = scandir(folder, &entry, is_rule_file, NULL);
	int result = 0;

	if (count == -1)
		return error_errno(err, "cannot read %s", folder);
	if (count > POLICY_FILES_MAX)
		result = error_set(err, "%s has %d rule files; expected at most %d",
				   folder, count, POLICY_FILES_MAX);
	for (int i = 0; i < count; i++) {
		if (result == 0 && asprintf(&listing->path[listing->count], "%s/%s",
					    folder, entry[i]->d_name) > 0)
			listing->count++;
		free(entry[i]);
	}
	free(entry);
	return result;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
list_files(const char *path, struct listing *listing, struct error *err)
{
	struct stat about;
	char *below;

	if (stat(path, &about) == -1)
		return error_errno(err, "cannot find %s", path);
	if (!S_ISDIR(about.st_mode)) {
		listing->path[0] = strdup(path);
		listing->count = 1;
		return 0;
	}
	if (asprintf(&below, "%s/requirements", path) < 0)
		return error_set(err, "no memory for %s", path);
	bool has_below = stat(below, &about) == 0 && S_ISDIR(about.st_mode);
	int result = list_folder(has_below ? below : path, listing, err);
	free(below);
	qsort(listing->path, listing->count, sizeof(listing->path[0]), by_name);
	if (result == 0 && listing->count == 0)
		return error_set(err, "%s holds no rule file; expected *.yaml", path);
	return result;
}

static int
read_files(struct listing *listing, struct error *err)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct rule_text *file = &listing->file[i];
		if (file_read(listing->path[i], POLICY_FILE_SIZE_MAX, &listing->text[i],
			      &file->size, err) == -1)
			return -1;
		file->name = listing->path[i];
		file->text = listing->text[i];
	}
	return 0;
}

struct model *
policy_find_model(const char *path, struct error *err)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	struct model *model = NULL;

	assert(listing != NULL);
	if (list_files(path, listing, err) == 0 && read_files(listing, err) == 0)
		model = policy_read_model(listing->file, listing->count, err);
	for (size_t i = 0; i < listing->count; i++) {
		free(listing->path[i]);
		free(listing->text[i]);
	}
	free(listing);
	return model;
}

int
policy_compile(struct policy *policy, struct model *model,
	       const struct inventory *inventory, struct error *err)
{
	struct digester *digester;

	*policy = (struct policy){ .model = model,
				   .inventory = inventory,
				   .detections = policy->detections };
	if (model_check_references(model, inventory, err) == -1)
		return -1;
	reach_compile(&policy->reach, &policy->arena, model, inventory);
	digester = digester_new();
	digester_add(digester, model->sha256, strlen(model->sha256));
	digester_add(digester, inventory_sha256(inventory),
		     strlen(inventory_sha256(inventory)));
	if (policy->detections != NULL)
		digester_add(digester, sigma_sha256(policy->detections),
			     strlen(sigma_sha256(policy->detections)));
	struct digest digest = digester_end(digester);
	digest_to_text(&digest, policy->sha256);
	return 0;
}

void
policy_release(struct policy *policy)
{
	arena_release(&policy->arena);
}

/* The first failed test's complaint. */
static void
keep_first(void *ctx, const char *name, const char *why)
{
	struct error *first = ctx;

	(void)name;
	if (first->text[0] == '\0' && why[0] != '\0')
		error_set(first, "%s", why);
}

static int
run_tests(const struct policy *policy, struct error *err)
{
	struct error first = { "" };
	int failed = policy_test(policy, keep_first, &first, err);

	if (failed > 0)
		*err = first;
	return failed == 0 ? 0 : -1;
}

static int
run_both(const struct policy *policy, const struct sigma *detections,
	 policy_test_sink *sink, void *ctx, struct error *err)
{
	int failed = example_run(policy, sink, ctx, err);
	int more = failed == -1 || detections == NULL
			   ? 0
			   : sigma_test(detections, policy, sink, ctx, err);

	return failed == -1 || more == -1 ? -1 : failed + more;
}

int
policy_test(const struct policy *policy, policy_test_sink *sink, void *ctx,
	    struct error *err)
{
	const char *path = policy->model->test_inventory;
	struct policy tested = { 0 };
	int failed = -1;

	if (path == NULL)
		return run_both(policy, policy->detections, sink, ctx, err);
	struct inventory *inventory = inventory_load(path, err);
	if (inventory == NULL)
		return -1;
	if (policy_compile(&tested, policy->model, inventory, err) == 0)
		failed = run_both(&tested, policy->detections, sink, ctx, err);
	policy_release(&tested);
	inventory_free(inventory);
	return failed;
}

/* EVE's alerts name a rule by 31 bits of a digest: two of them must not share these. */
static int
check_signatures(const struct policy *policy, struct error *err)
{
	for (size_t i = 0; i < sigma_count(policy->detections); i++) {
		const struct detection_row *row = sigma_row(policy->detections, i);
		uint32_t signature = alert_signature_id(row->about.id);
		for (size_t r = 0; r < policy_requirement_count(policy); r++) {
			const char *id = policy_requirement(policy, r)->id;
			if (alert_signature_id(id) == signature)
				return error_set(err,
						 "%s:%u:1: id %s has the signature_id "
						 "of requirement %s; expected another",
						 row->file, row->line, row->about.id,
						 id);
		}
	}
	return 0;
}

struct policy *
policy_load_untested(const char *path, const struct inventory *inventory,
		     struct error *err)
{
	struct model *model = policy_find_model(path, err);
	struct policy *policy = calloc(1, sizeof(*policy));

	assert(policy != NULL);
	if (model != NULL && (policy->detections = sigma_load(path, err)) != NULL &&
	    policy_compile(policy, model, inventory, err) == 0 &&
	    check_signatures(policy, err) == 0)
		return policy;
	sigma_free(policy->detections);
	policy_release(policy);
	policy_free_model(model);
	free(policy);
	return NULL;
}

struct policy *
policy_load(const char *path, const struct inventory *inventory, struct error *err)
{
	struct policy *policy = policy_load_untested(path, inventory, err);

	if (policy != NULL && run_tests(policy, err) == -1) {
		policy_free(policy);
		return NULL;
	}
	return policy;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	policy_release(policy);
	policy_free_model(policy->model);
	sigma_free(policy->detections);
	free(policy);
}

const struct sigma *
policy_detections(const struct policy *policy)
{
	return policy->detections;
}

bool
policy_knows_parties(const struct policy *policy)
{
	return !inventory_is_empty(policy->inventory);
}

size_t
policy_requirement_count(const struct policy *policy)
{
	return policy->model->rule_count;
}

const struct requirement *
policy_requirement(const struct policy *policy, size_t index)
{
	return &policy->model->rule[index].requirement;
}

const char *
policy_id(const struct policy *policy)
{
	return policy->model->id;
}

const char *
policy_version(const struct policy *policy)
{
	return policy->model->version;
}

const char *
policy_sha256(const struct policy *policy)
{
	return policy->sha256;
}

int
policy_zone(const struct policy *policy)
{
	return policy->model->zone;
}
