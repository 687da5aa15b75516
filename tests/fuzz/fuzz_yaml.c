/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_yaml: any bytes are a tree or one line of complaint; both readers agree which.
 */
#include <assert.h>
#include <string.h>

#include "common/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
walk(const struct yaml_node *node)
{
	size_t sum = node->line + (node->text ? strlen(node->text) : 0);

	for (size_t i = 0; i < node->count; i++)
		sum += walk(node->item[i]);
	return sum;
}

static int
on_value(void *ctx, const struct yaml_node *key, const struct yaml_node *value,
	 bool is_item, struct error *err)
{
	size_t *sum = ctx;

	(void)err;
	*sum += walk(key) + walk(value) + is_item;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const known[] = { "name", "list", NULL };
	struct error err = { "" };
	size_t sum = 0;
	struct yaml *yaml = yaml_parse("fuzz", (const char *)data, size, &err);

	for (size_t i = 0; yaml != NULL && i < yaml_document_count(yaml); i++) {
		sum += walk(yaml_root(yaml, i));
		yaml_only(yaml_root(yaml, i), known, &err);
	}
	assert(strchr(err.text, '\n') == NULL);
	int streamed =
		yaml_stream("fuzz", (const char *)data, size, on_value, &sum, &err);
	assert(streamed == -1 || yaml != NULL);
	yaml_free(yaml);
	return 0;
}
