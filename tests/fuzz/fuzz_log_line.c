/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_log_line: any bytes as a line of each log we have a mapping for; what comes of
 * it is a record our reader takes. */
#include <assert.h>
#include <stdint.h>

#include "common/record_read.h"
#include "common/record_write.h"
#include "correlator/logs/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const ids[] = { "nginx",    "haproxy",   "strongswan", "keycloak",
				   "suricata", "zeek-conn", "zeek-ssl" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log_mappings *mappings;
	static char out[RECORD_SIZE_MAX];
	struct log_reader *reader = log_reader_new();
	struct record_reader *back = record_reader_new();
	struct error err;

	if (mappings == NULL)
		mappings = log_mappings_load("rules/evidence", &err);
	for (size_t i = 0; mappings != NULL && i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct log_mapping *mapping =
			log_mappings_find(mappings, ids[i], &err);
		struct record record, again;
		if (mapping == NULL ||
		    log_read(reader, mapping, "poi", (const char *)data, size,
			     &record) != LOG_RECORD)
			continue;
		size_t written = record_write(&record, NULL, out);
		bool is_read = record_read(back, out, written, &again, &err);
		assert(is_read);
	}
	record_reader_free(back);
	log_reader_free(reader);
	return 0;
}
