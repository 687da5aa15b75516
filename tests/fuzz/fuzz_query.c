/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_query: any text above the queue is terms within their caps, or a fault with a
 * place in it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "dashboards/console/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_term(const struct alert_term *term)
{
	size_t used = 0;

	assert(term->key < ALERT_KEY_COUNT && term->values >= 1);
	for (int i = 0; i < term->values; i++) {
		size_t length = strnlen(term->value + used, sizeof(term->value) - used);
		assert(used + length < sizeof(term->value));
		assert(text_is_valid(term->value + used, length));
		used += length + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alert_filter filter = { .me = "ana" };
	struct query_fault fault;
	char *text = malloc(size + 1);
	int values = 0;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!query_parse(text, &filter, &fault)) {
		assert(fault.at <= strlen(text) && fault.expected != NULL);
		assert(text_is_valid(fault.token, strlen(fault.token)));
	}
	assert(filter.term_count <= ALERT_TERMS_MAX);
	for (size_t i = 0; i < filter.term_count; i++) {
		check_term(&filter.term[i]);
		values += filter.term[i].values;
	}
	assert(values <= ALERT_VALUES_MAX);
	free(text);
	return 0;
}
