/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_head: any bytes as a request head; what passes has one host, whole lines and no
 * NUL. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dashboards/console/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fields of that name, counted another way than head_check does. */
static int
count_fields(const char *head, size_t size, const char *name)
{
	size_t length = strlen(name);
	int count = 0;

	for (size_t i = 0; i + length < size; i++)
		if (head[i] == '\n' && strncasecmp(head + i + 1, name, length) == 0)
			count++;
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1); /* exact but for one byte */
	size_t body;

	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	size_t length = head_length(copy, size);
	assert(length <= size);
	if (length > 0 && head_check(copy, length, &body) == HEAD_OK) {
		assert(memchr(copy, '\0', length) == NULL);
		assert(count_fields(copy, length, "host:") == 1);
		assert(count_fields(copy, length, "content-length:") <= 1);
		assert(count_fields(copy, length, "transfer-encoding:") == 0);
		assert(body <= BODY_SIZE_MAX);
		for (size_t i = 1; i < length; i++)
			assert((copy[i] == '\n') == (copy[i - 1] == '\r'));
	}
	free(copy);
	return 0;
}
