/* SPDX-License-Identifier: Apache-2.0 */
/* ldap: who binds to a directory, how, and what is done there in counts (RFC 4511). */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/ldap_state.h"
#include "sensor/dissect/tls_upgrade.h"

enum { SEQUENCE = 0x30, HEAD_MAX = 6, RECOGNISED_BY = 24 };

/* What an operation begins with, behind its size: a version, a DN, a result, a name. */
struct beginning {
	uint8_t operation, tag, size; /* 0: any */
};

static const struct beginning beginnings[] = {
	{ 0x60, 0x02, 1 }, { 0x61, 0x0a, 1 }, { 0x63, 0x04, 0 }, { 0x64, 0x04, 0 },
	{ 0x65, 0x0a, 1 }, { 0x77, 0x80, 0 }, { 0x78, 0x0a, 1 },
};

static uint8_t
pass_head(struct bytes *from)
{
	uint8_t tag = bytes_u8(from);
	uint8_t length = bytes_u8(from);

	if (length > 0x84)
		return 0;
	if (length > 0x80)
		bytes_take(from, length & 0x7f);
	return tag;
}

static enum recognition
recognise(struct bytes first, int side)
{
	struct bytes from = first;

	(void)side;
	if (first.left > 0 && first.at[0] != SEQUENCE)
		return RECOGNISED_NO;
	uint8_t outer = pass_head(&from);
	uint8_t id = bytes_u8(&from), id_size = bytes_u8(&from);
	if (bytes_ok(&from) &&
	    (outer != SEQUENCE || id != 2 || id_size == 0 || id_size > 4))
		return RECOGNISED_NO;
	bytes_take(&from, id_size);
	uint8_t operation = pass_head(&from);
	uint8_t tag = bytes_u8(&from), size = bytes_u8(&from);
	if (!bytes_ok(&from))
		return first.left < RECOGNISED_BY ? RECOGNISED_MAYBE : RECOGNISED_NO;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (beginnings[i].operation == operation && beginnings[i].tag == tag &&
		    (beginnings[i].size == 0 || beginnings[i].size == size))
			return RECOGNISED_YES;
	return RECOGNISED_NO;
}

static void *
begin(void *shared)
{
	struct behind_lane *lane = shared;
	struct ldap *ldap = calloc(1, sizeof(*ldap));

	if (ldap == NULL || !behind_begin(&ldap->tls, &tls_behind_ldap, lane)) {
		lane->lane.counters.no_memory++;
		free(ldap);
		return NULL;
	}
	ldap->lane = lane;
	ldap->client = -1;
	return ldap;
}

static uint64_t
size_of(struct bytes first)
{
	uint64_t size = 0;
	uint8_t tag = bytes_u8(&first);

	if (tag != SEQUENCE)
		return PIECE_BROKEN;
	uint8_t length = bytes_u8(&first);
	if (length == 0x80 || length > 0x84)
		return PIECE_BROKEN;
	unsigned count = length > 0x80 ? length & 0x7fu : 0;
	if (count == 0)
		size = length;
	for (unsigned i = 0; i < count; i++)
		size = size << 8 | bytes_u8(&first);
	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	return size > LDAP_MESSAGE_MAX ? PIECE_BROKEN : 2 + count + size;
}

/* Where a message would begin stands something else: TLS, or what SASL wrapped. */
static bool
is_something_else(const struct ldap *ldap, int side, struct bytes data)
{
	const struct pieces *pieces = &ldap->pieces[side];
	bool is_between = pieces->is_handed_out || pieces->kept.size == 0;

	return pieces->skip == 0 && is_between && data.left > 0 &&
	       data.at[0] != SEQUENCE &&
	       (behind_has_begun(&ldap->tls, side) || ldap->is_sasl_bound);
}

static void
take_clear(struct ldap *ldap, int side, struct bytes data, struct instant at,
	   const struct dissect_out *out)
{
	struct piece piece;

	while (ldap->violation == NULL) {
		if (is_something_else(ldap, side, data)) {
			ldap->is_hidden = true;
			return;
		}
		switch (pieces_message(&ldap->pieces[side], &ldap->lane->lane.budget,
				       size_of, HEAD_MAX, LDAP_KEPT_MAX, &data,
				       &piece)) {
		case PIECES_ONE:
			ldap_message(ldap, side, piece.data, at, out);
			break;
		case PIECES_BROKEN:
			ldap->violation = "ldap.malformed_data";
			return;
		case PIECES_NONE:
			return;
		}
	}
}

static bool
is_tls(const struct ldap *ldap)
{
	return behind_has_begun(&ldap->tls, 0) || behind_has_begun(&ldap->tls, 1);
}

static enum dissect_result
conclude(struct ldap *ldap, bool is_good)
{
	if (!is_good)
		ldap->violation = behind_violation(&ldap->tls);
	if (ldap->violation)
		return DISSECT_VIOLATION;
	bool is_over = is_tls(ldap) ? ldap->tls.is_over
				    : ldap->is_hidden ||
					      (ldap->is_lost[0] && ldap->is_lost[1]);
	return is_over ? DISSECT_DONE : DISSECT_MORE;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct ldap *ldap = state;
	bool was_tls = behind_has_begun(&ldap->tls, side);
	bool is_good = behind_feed(&ldap->tls, side, data, at, out);

	if (!was_tls && !ldap->is_hidden && !ldap->is_lost[side])
		take_clear(ldap, side, data, at, out);
	return conclude(ldap, is_good);
}

/* Lost within a message that is passed over, nothing is lost. */
static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct ldap *ldap = state;
	bool is_good = behind_gap(&ldap->tls, side, missing, at, out);

	ldap->is_lost[side] |=
		!pieces_gap(&ldap->pieces[side], &ldap->lane->lane.budget, missing);
	return conclude(ldap, is_good);
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct ldap *ldap = state;

	if (ldap->waits != LDAP_FOR_NOTHING)
		ldap_report_request(ldap, false, 0, at, out);
	ldap_report_end(ldap, at, out);
	behind_finish(&ldap->tls, at, out);
}

static void
end(void *state)
{
	struct ldap *ldap = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&ldap->pieces[side], &ldap->lane->lane.budget);
	behind_end(&ldap->tls);
	free(ldap);
}

static const char *
violation(const void *state)
{
	return ((const struct ldap *)state)->violation;
}

const struct dissector dissector_ldap = {
	.name = "ldap",
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = behind_lane_new,
	.shared_free = behind_lane_free,
	.counters = dissect_lane_counters,
};
