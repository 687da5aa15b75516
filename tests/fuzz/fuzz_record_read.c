/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_record_read: any bytes as a record's line.
 *
 * What is read must be writable, and what was written must read as the same
 * bytes again without a member that is foreign, bad or unknown.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/record_read.h"
#include "common/record_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_record_read: %s\n", what);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record record;
	static char first[RECORD_SIZE_MAX], second[RECORD_SIZE_MAX];
	struct record_reader *reader = record_reader_new();
	struct error err;

	if (record_read(reader, (const char *)data, size, &record, &err)) {
		struct record_reader_counters before = record_reader_counters(reader);
		size_t first_size = record_write(&record, NULL, first);

		expect(record_read(reader, first, first_size, &record, &err), err.text);
		size_t second_size = record_write(&record, NULL, second);
		struct record_reader_counters after = record_reader_counters(reader);
		expect(first_size == second_size &&
			       memcmp(first, second, first_size) == 0,
		       "a record changes when it is read again");
		expect(before.foreign == after.foreign &&
			       before.bad_members == after.bad_members &&
			       before.unknown_members == after.unknown_members,
		       "our own line is not canonical");
	}
	record_reader_free(reader);
	return 0;
}
