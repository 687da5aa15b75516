/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_policy: any bytes as a rule file: read, linted, compiled, its tests run. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "correlator/policy/example.h"
#include "correlator/policy/set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_test(void *ctx, const char *name, const char *why)
{
	size_t *bytes = ctx;

	*bytes += strlen(name) + strlen(why);
}

/* A refusal says where and why in one line, or it helps nobody. */
static void
check_said(const struct error *err)
{
	assert(err->text[0] != '\0');
	assert(strchr(err->text, '\n') == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct inventory *inventory;
	struct rule_text file = { "fuzz.yaml", (const char *)data, size };
	struct policy policy = { 0 };
	struct error err = { "" };
	size_t bytes = 0;

	if (inventory == NULL)
		inventory = inventory_load("rules/inventory-example", &err);
	if (inventory == NULL) /* not run from the root of the tree */
		inventory = inventory_empty();
	err.text[0] = '\0';
	struct model *model = policy_read_model(&file, 1, &err);
	if (model == NULL || policy_compile(&policy, model, inventory, &err) == -1 ||
	    example_run(&policy, on_test, &bytes, &err) == -1)
		check_said(&err);
	policy_release(&policy);
	policy_free_model(model);
	return 0;
}
