/* SPDX-License-Identifier: Apache-2.0 */
/* engine_counts: what the engine could not use or had to leave out, by name, for table
 * counter. */
#include "correlator/engine_counts.h"

#include "store/effects.h"

static const char *const names[ENGINE_COUNT_COUNT] = {
#define COUNT(id, name, meaning) name,
	ENGINE_COUNTS(COUNT)
#undef COUNT
};

static int
add(struct store *store, const char *name, uint64_t now, uint64_t *written,
    struct error *err)
{
	uint64_t more = now - *written;

	*written = now;
	return more == 0 ? 0 : store_add_counter(store, name, more, err);
}

int
engine_counts_flush(struct engine_counts *counts, const struct record_reader *reader,
		    struct store *store, struct error *err)
{
	struct record_reader_counters now = record_reader_counters(reader);

	for (size_t i = 0; i < ENGINE_COUNT_COUNT; i++)
		if (add(store, names[i], counts->value[i], &counts->written[i], err) ==
		    -1)
			return -1;
	if (add(store, "members_unknown", now.unknown_members,
		&counts->reader.unknown_members, err) == -1 ||
	    add(store, "members_refused", now.bad_members, &counts->reader.bad_members,
		err) == -1)
		return -1;
	return add(store, "records_foreign", now.foreign, &counts->reader.foreign, err);
}
