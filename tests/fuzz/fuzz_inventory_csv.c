/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_inventory_csv: any bytes are a table or one line; what a good table becomes is
 * YAML. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/yaml.h"
#include "correlator/inventory/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { "" };
	size_t rows, length;
	char *yaml;
	FILE *out = open_memstream(&yaml, &length);
	int result = inventory_csv_to_yaml("fuzz", (const char *)data, size, out, &rows,
					   &err);

	fclose(out);
	assert(result == 0 || strncmp(err.text, "fuzz:", 5) == 0);
	assert(strchr(err.text, '\n') == NULL);
	if (result == 0) {
		struct yaml *tree = yaml_parse("made", yaml, length, &err);
		assert(tree != NULL);
		yaml_free(tree);
	}
	free(yaml);
	return 0;
}
