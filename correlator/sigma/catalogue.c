/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue: files of detections and mappings as one set. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "correlator/alert/alert.h"
#include "correlator/sigma/correlation.h"

enum {
	FILES_MAX = 8192,
	FILE_SIZE_MAX = 1 << 20,
	DOCUMENTS_MAX = 256,
	SEARCHES_MAX = 1024
};

static const char *const statuses[] = { "stable",     "test",        "experimental",
					"deprecated", "unsupported", NULL };
static const char *const levels[] = { "informational", "low",      "medium",
				      "high",          "critical", NULL };

static int
read_id(const struct yaml_node *root, const char **id, struct error *err)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (read_text(root, "id", id, err) == -1)
		return -1;
	bool is_good = strlen(*id) == sizeof(form) - 1;
	for (size_t i = 0; is_good && i < sizeof(form) - 1; i++)
		is_good = form[i] == '-' ? (*id)[i] == '-'
					 : isxdigit((unsigned char)(*id)[i]) != 0;
	return is_good ? 0
		       : yaml_complain(err, yaml_find(root, "id"),
				       "\"%s\" is no UUID; expected %s", *id, form);
}

static int
check_tags(const struct yaml_node *tags, struct error *err)
{
	if (tags == NULL)
		return 0;
	if (tags->kind != YAML_LIST)
		return yaml_complain(err, tags, "no tags; expected a list");
	for (size_t i = 0; i < tags->count; i++)
		if (tags->item[i]->kind != YAML_TEXT ||
		    strchr(tags->item[i]->text, '.') == NULL)
			return yaml_complain(
				err, tags->item[i],
				"no tag; expected one such as attack.t1021.001");
	return 0;
}

static bool
is_among(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

/* Our own members stand under dotted names, so that others read the file too. */
static int
read_own(struct detection *detection, const struct yaml_node *root, struct error *err)
{
	static const char *const known[] = { "sekisho.title.ja", "sekisho.unknown",
					     "sekisho.tests", "sekisho.across", NULL };
	struct title *title = &detection->row.about.title;
	const char *unknown;

	for (size_t i = 0; i < root->count; i++)
		if (strncmp(root->key[i]->text, "sekisho", 7) == 0 &&
		    !is_among(root->key[i]->text, known))
			return read_not_among(root->key[i], root->key[i]->text, known,
					      err);
	if (read_text_if_any(root, "sekisho.title.ja", &title->ja, err) == -1 ||
	    read_text_if_any(root, "sekisho.unknown", &unknown, err) == -1)
		return -1;
	if (title->ja[0] == '\0')
		title->ja = title->en;
	if (unknown[0] != '\0' && strcmp(unknown, "skip") != 0)
		return yaml_complain(err, yaml_find(root, "sekisho.unknown"),
				     "\"%s\"; expected skip", unknown);
	detection->skips = unknown[0] != '\0';
	detection->tests = yaml_find(root, "sekisho.tests");
	return 0;
}

/* Title, id, status, level: what an alert says of its rule. */
static int
read_head(struct reading *reading, const struct yaml_node *root)
{
	struct detection *detection = reading->detection;
	struct requirement *about = &detection->row.about;
	struct error *err = reading->err;
	int status, level;

	about->kind = REQUIREMENT_DETECTION;
	about->rationale = about->remedy = about->settled_by = about->document =
		(struct title){ "", "" };
	about->clause = "";
	if (read_text(root, "title", &about->title.en, err) == -1 ||
	    read_text_if_any(root, "name", &detection->name, err) == -1 ||
	    read_id(root, &about->id, err) == -1 ||
	    read_choice(root, "status", statuses, 0, &status, err) == -1 ||
	    read_choice(root, "level", levels, 0, &level, err) == -1 ||
	    check_tags(yaml_find(root, "tags"), err) == -1 ||
	    read_own(detection, root, err) == -1)
		return -1;
	about->status = status < 3 ? "active" : "retired";
	about->severity = level == 0 ? "info" : levels[level];
	detection->row.reason = "";
	if (status >= 3)
		return reading_refuse(reading, DETECTION_NOT_APPLICABLE,
				      "its status is %s", statuses[status]);
	if (level == 0)
		reading_refuse(reading, DETECTION_SILENT, "%s",
			       yaml_find(root, "level") != NULL
				       ? "its level is informational"
				       : "it has no level");
	return 0;
}

static int
read_searches(struct reading *reading, const struct yaml_node *node)
{
	if (node->count > SEARCHES_MAX)
		return yaml_complain(reading->err, node,
				     "%zu searches; expected at most %d", node->count,
				     SEARCHES_MAX);
	reading->searches = node;
	reading->search = arena_take(&reading->sigma->arena,
				     node->count * sizeof(*reading->search));
	for (size_t i = 0; i < node->count; i++)
		if (strcmp(node->key[i]->text, "condition") != 0 &&
		    (reading->search[i] = search_read(reading, node->item[i])) == NULL)
			return -1;
	return 0;
}

/* The mapping's own "where" and the rule's condition. */
static int
read_detection(struct reading *reading, const struct yaml_node *node,
	       const struct yaml_node *where)
{
	const struct logsource_map *map = reading->map;
	const struct yaml_node *condition;
	const struct tree *part[2];
	size_t count = 0;

	if (node == NULL || node->kind != YAML_MAP)
		return yaml_complain(reading->err,
				     node != NULL ? node : reading->detection->at,
				     "no detection; expected searches and a condition");
	condition = yaml_find(node, "condition");
	if (condition == NULL)
		return yaml_complain(reading->err, node,
				     "\"condition\" is missing; expected one");
	if (yaml_find(node, "timeframe") != NULL)
		return yaml_complain(
			reading->err, yaml_find(node, "timeframe"),
			"\"timeframe\" is gone in Sigma 2; expected a correlation");
	if (read_searches(reading, node) == -1)
		return -1;
	if (where != NULL) {
		reading->map = NULL; /* its names are ours */
		if ((part[count++] = search_read(reading, where)) == NULL)
			return -1;
		reading->map = map;
	}
	if ((part[count++] = condition_read(reading, condition)) == NULL)
		return -1;
	reading->detection->tree = tree_of(reading, TREE_ALL, part, count);
	return 0;
}

static int
read_rule(struct reading *reading, const struct yaml_node *root)
{
	const struct yaml_node *logsource = yaml_find(root, "logsource"), *where;

	if (logsource == NULL)
		return yaml_complain(reading->err, root,
				     "\"logsource\" is missing; expected category, "
				     "product or service");
	if (yaml_find(root, "detection") == NULL)
		return yaml_complain(
			reading->err, root,
			"\"detection\" is missing; expected searches and a condition");
	if (read_head(reading, root) == -1 ||
	    mapping_route(reading, logsource, &where) == -1)
		return -1;
	reading->detection->map = reading->map;
	return read_detection(reading, yaml_find(root, "detection"), where);
}

static bool
is_refused(const struct detection *detection)
{
	return detection->row.state >= DETECTION_NO_FIELD;
}

static int
check_id_once(const struct sigma *sigma, const struct detection *detection,
	      struct error *err)
{
	const struct requirement *about = &detection->row.about;
	uint32_t signature = alert_signature_id(about->id);

	for (const struct detection *other = sigma->detection; other < detection;
	     other++) {
		if (strcasecmp(other->row.about.id, about->id) == 0)
			return yaml_complain(
				err, detection->at,
				"id %s is that of %s:%u; expected one of its own",
				about->id, other->row.file, other->row.line);
		if (alert_signature_id(other->row.about.id) == signature)
			return yaml_complain(
				err, detection->at,
				"id %s has the signature_id of %s; expected another",
				about->id, other->row.about.id);
	}
	return 0;
}

static int
read_document(struct sigma *sigma, const struct yaml_node *root, struct error *err)
{
	if (root->kind != YAML_MAP)
		return yaml_complain(
			err, root,
			"no rule; expected a map with title, logsource and detection");
	if (yaml_find(root, "filter") != NULL)
		return yaml_complain(err, root,
				     "a filter; expected only detections, filters are "
				     "not applied yet");
	if (sigma->count == sigma->room) {
		sigma->room = 2 * sigma->room + 64;
		sigma->detection = reallocarray(sigma->detection, sigma->room,
						sizeof(*sigma->detection));
		assert(sigma->detection != NULL);
	}
	struct detection *detection = &sigma->detection[sigma->count];
	*detection = (struct detection){
		.at = root,
		.name = "",
		.row = { .file = root->file, .line = root->line, .reason = "" }
	};
	struct reading reading = { .sigma = sigma, .detection = detection, .err = err };
	if (yaml_find(root, "correlation") != NULL) {
		if (yaml_find(root, "detection") != NULL)
			return yaml_complain(err, root,
					     "a correlation and a detection in one; "
					     "expected one of them");
		if (read_head(&reading, root) == -1 ? !is_refused(detection)
						    : correlation_read(&reading, root))
			return -1;
	} else if (read_rule(&reading, root) == -1 && !is_refused(detection)) {
		return -1;
	}
	if (check_id_once(sigma, detection, err) == -1)
		return -1;
	sigma->count++;
	return 0;
}

static int
read_file(struct sigma *sigma, const struct yaml *yaml, const char *name,
	  bool are_mappings, struct error *err)
{
	size_t count = yaml_document_count(yaml);

	if (count > DOCUMENTS_MAX)
		return error_set(err, "%s:1:1: %zu documents; expected at most %d",
				 name, count, DOCUMENTS_MAX);
	for (size_t i = 0; i < count; i++)
		if ((are_mappings
			     ? mapping_read(sigma, yaml_root(yaml, i), err)
			     : read_document(sigma, yaml_root(yaml, i), err)) == -1)
			return -1;
	return 0;
}

int
catalogue_read(struct sigma *sigma, const struct rule_text *texts, size_t count,
	       bool are_mappings, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (texts[i].size > FILE_SIZE_MAX)
			return error_set(err, "%s:1:1: %zu bytes; expected at most %d",
					 texts[i].name, texts[i].size, FILE_SIZE_MAX);
		struct yaml *yaml =
			yaml_parse(texts[i].name, texts[i].text, texts[i].size, err);
		if (yaml == NULL)
			return -1;
		sigma->yaml[sigma->yaml_count++] = yaml;
		if (read_file(sigma, yaml, texts[i].name, are_mappings, err) == -1)
			return -1;
	}
	return 0;
}

/* The files of a folder and those below it, in order of path. */
struct files {
	size_t count;
	struct rule_text text[FILES_MAX];
};

static bool
is_rule_file(const char *name)
{
	size_t size = strlen(name);

	return (size > 4 && strcmp(name + size - 4, ".yml") == 0) ||
	       (size > 5 && strcmp(name + size - 5, ".yaml") == 0);
}

static int
take_file(struct files *files, char *path, struct error *err)
{
	struct rule_text *file = &files->text[files->count];
	char *text;

	if (files->count == FILES_MAX)
		return error_set(err, "%s: more than %d rule files", path, FILES_MAX);
	if (file_read(path, FILE_SIZE_MAX, &text, &file->size, err) == -1)
		return -1;
	file->text = text;
	file->name = strdup(path);
	files->count++;
	return 0;
}

static int
take_folder(struct files *files, const char *folder, unsigned depth, struct error *err)
{
	struct dirent **entry = NULL;
	int count = scandir(folder, &entry, NULL, alphasort), result = 0;

	for (int i = 0; i < count; i++) {
		struct stat about;
		char *path;
		if (entry[i]->d_name[0] != '.' && result == 0 &&
		    asprintf(&path, "%s/%s", folder, entry[i]->d_name) > 0) {
			bool is_there = stat(path, &about) == 0;
			if (is_there && S_ISDIR(about.st_mode) && depth < 8)
				result = take_folder(files, path, depth + 1, err);
			else if (is_there && S_ISREG(about.st_mode) &&
				 is_rule_file(path))
				result = take_file(files, path, err);
			free(path);
		}
		free(entry[i]);
	}
	free(entry);
	return result;
}

static int
take_below(struct files *files, const char *path, const char *name, struct error *err)
{
	char *folder;

	if (asprintf(&folder, "%s/%s", path, name) < 0)
		return error_set(err, "no memory for %s", path);
	int result = take_folder(files, folder, 0, err);
	free(folder);
	return result;
}

static void
let_go(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free((char *)files->text[i].name);
		free((char *)files->text[i].text);
	}
	free(files);
}

struct sigma *
sigma_load(const char *path, struct error *err)
{
	struct files *detections = calloc(1, sizeof(*detections)),
		     *mappings = calloc(1, sizeof(*mappings));
	struct sigma *sigma = NULL;

	assert(detections != NULL && mappings != NULL);
	if (take_below(detections, path, "detections", err) == 0 &&
	    take_below(mappings, path, "mappings", err) == 0)
		sigma = sigma_parse(detections->text, detections->count, mappings->text,
				    mappings->count, err);
	let_go(detections);
	let_go(mappings);
	return sigma;
}
