/* SPDX-License-Identifier: Apache-2.0 */
/* spool_shed: what goes when the spool reaches its soft limit, in which order, and its
 * count. */
#include <stdlib.h>
#include <string.h>

#include "store/spool_private.h"

/* As our writer has it; within a JSON string the quotes would be escaped. */
static const char flow_mark[] = "\"event_type\":\"flow"; /* and flow_summary */

static int
is_above(struct spool *spool, bool *above, struct error *err)
{
	int64_t pages = 0, unused = 0;

	if (spool_ask(spool, spool_bind(spool, QUERY_PAGES, NULL, 0), &pages, err) ==
		    -1 ||
	    spool_ask(spool, spool_bind(spool, QUERY_FREE, NULL, 0), &unused, err) ==
		    -1)
		return -1;
	*above = pages - unused > spool->soft_pages;
	return 0;
}

static int
delete_frame(struct spool *spool, int64_t id, struct error *err)
{
	return spool_run(spool, spool_bind(spool, QUERY_DELETE, &id, 1), err);
}

/* Nothing is lost by this.  1 = a frame went, 0 = there is none. */
static int
drop_committed(struct spool *spool, struct error *err)
{
	for (uint32_t i = 0; i < spool->lanes; i++) {
		const int64_t value[] = { i, (int64_t)spool->lane[i].committed };
		int64_t id;
		int found = spool_ask(
			spool, spool_bind(spool, QUERY_COMMITTED_OLDEST, value, 2), &id,
			err);
		if (found == 1 && delete_frame(spool, id, err) == -1)
			return -1;
		if (found != 0)
			return found;
	}
	return 0;
}

static void
count_lost(struct spool *spool, const struct frame_header *header, uint64_t count)
{
	struct spool_lane *lane = &spool->lane[header->lane];

	if (count == 0)
		return;
	if (lane->untold == 0 || instant_is_before(header->first, lane->untold_first))
		lane->untold_first = header->first;
	if (lane->untold == 0 || instant_is_before(lane->untold_last, header->last))
		lane->untold_last = header->last;
	lane->lost += count;
	lane->untold += count;
	spool->is_dirty = true;
}

struct found {
	int64_t id;
	struct frame_header header;
	const char *raw; /* NULL: its bytes are damaged */
};

/* The first frame of the query from 'from' on.  1, 0 or -1. */
static int
find(struct spool *spool, enum spool_query query, int64_t from, struct found *found,
     struct error *err)
{
	sqlite3_stmt *row = spool_bind(spool, query, &from, 1);
	struct error damage;
	int code = sqlite3_step(row);

	if (code == SQLITE_ROW) {
		found->id = sqlite3_column_int64(row, 0);
		found->raw = NULL;
		frame_open(spool->codec, sqlite3_column_blob(row, 4),
			   (size_t)sqlite3_column_bytes(row, 4), &found->header,
			   &found->raw, &damage);
		/* the row and not the frame says whose they are */
		found->header.lane =
			(uint32_t)sqlite3_column_int64(row, 1) % SPOOL_LANES_MAX;
		found->header.count = (uint16_t)sqlite3_column_int64(row, 3);
	} else if (code != SQLITE_DONE) {
		spool_failed(spool, err);
	}
	sqlite3_reset(row);
	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

struct lines {
	uint32_t flows, others; /* lines that are not empty */
};

/* Copies all lines but flows' to 'out', which may be NULL; of flows only the line ends.
 */
static struct lines
take_flows_out(const struct found *found, char *out, uint32_t *size)
{
	const char *end = found->raw + found->header.raw_size;
	struct lines lines = { 0 };
	char *start = out;

	for (const char *at = found->raw; at < end;) {
		size_t length =
			(size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) -
				 at);
		bool is_flow =
			memmem(at, length, flow_mark, sizeof(flow_mark) - 1) != NULL;

		lines.flows += is_flow;
		lines.others += !is_flow && length > 0;
		if (out != NULL) {
			memcpy(out, at, is_flow ? 0 : length);
			out += is_flow ? 0 : length;
			*out++ = '\n';
		}
		at += length + 1;
	}
	if (out != NULL)
		*size = (uint32_t)(out - start);
	return lines;
}

/* The number or text behind 'key' in a line of ours; NULL if it has none. */
static const char *
behind(const char *line, size_t length, const char *key)
{
	const char *at = memmem(line, length, key, strlen(key));

	return at == NULL ? NULL : at + strlen(key);
}

/* Coverage records of earlier losses go too: what they told is to be told again. */
static void
take_back(struct spool *spool, const struct found *found)
{
	struct spool_lane *lane = &spool->lane[found->header.lane];
	const char *end = found->raw + found->header.raw_size;

	for (const char *at = found->raw; at < end;) {
		size_t length =
			(size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) -
				 at);
		const char *count = behind(at, length, "\"spool\":");
		const char *start = behind(at, length, "\"start\":\"");
		struct instant first;

		if (count != NULL && start != NULL &&
		    behind(at, length, "\"reason\":\"spool_full\"") != NULL &&
		    (size_t)(at + length - start) > INSTANT_TEXT_SIZE &&
		    instant_from_text(start, INSTANT_TEXT_SIZE - 1, &first)) {
			lane->untold += strtoull(count, NULL, 10);
			if (instant_is_before(first, lane->untold_first))
				lane->untold_first = first;
		}
		at += length + 1;
	}
}

static int
drop_whole(struct spool *spool, const struct found *found, struct error *err)
{
	struct lines lines = { .others = found->header.count };

	if (found->raw != NULL)
		lines = take_flows_out(found, NULL, NULL);
	count_lost(spool, &found->header, lines.flows + lines.others);
	if (found->raw != NULL)
		take_back(spool, found);
	return delete_frame(spool, found->id, err);
}

/* The frame without its flow summaries. */
static int
thin(struct spool *spool, struct found *found, struct error *err)
{
	const void *frame;
	size_t size;

	if (found->raw == NULL)
		return drop_whole(spool, found, err);
	struct lines lines =
		take_flows_out(found, spool->thinned, &found->header.raw_size);
	count_lost(spool, &found->header, lines.flows);
	if (lines.others == 0)
		return delete_frame(spool, found->id, err);
	frame_pack(spool->codec, &found->header, spool->thinned, &frame, &size);
	sqlite3_stmt *update = spool_bind(spool, QUERY_THIN, &found->id, 1);
	sqlite3_bind_blob64(update, 2, frame, size, SQLITE_TRANSIENT);
	return spool_run(spool, update, err);
}

/* 1 = something went, 0 = nothing is left that could, -1 = failure. */
static int
shed_one(struct spool *spool, struct error *err)
{
	struct found found;
	int done = drop_committed(spool, err);

	if (done != 0)
		return done;
	if (spool->flows_from <= spool->sent)
		spool->flows_from = spool->sent + 1;
	done = find(spool, QUERY_FLOWS_OLDEST, spool->flows_from, &found, err);
	if (done == 1) {
		spool->flows_from = found.id + 1;
		return thin(spool, &found, err) == -1 ? -1 : 1;
	}
	/* evidence; of what is already on its way only when there is nothing else */
	if (done == 0)
		done = find(spool, QUERY_OLDEST, spool->sent, &found, err);
	if (done == 0 && spool->sent > 0)
		done = find(spool, QUERY_OLDEST, 0, &found, err);
	if (done == 1 && drop_whole(spool, &found, err) == -1)
		return -1;
	return done;
}

int
spool_shed(struct spool *spool, struct error *err)
{
	bool above;
	int done = 1;

	while (done == 1) {
		if (is_above(spool, &above, err) == -1)
			return -1;
		if (!above)
			return 0;
		done = shed_one(spool, err);
	}
	return done;
}
