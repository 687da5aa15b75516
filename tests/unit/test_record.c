/* SPDX-License-Identifier: Apache-2.0 */
/* test_record: the field table keeps its own rules, and what common/record promises. */
#include "common/record.h"

#include "common/record_layout.h"
#include "tests/unit/test.h"

static void
paths_are_unique_and_found(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++)
		assert_int_equal(record_field_find(text_of(record_fields[i].path)), i);
	assert_int_equal(record_field_find(text_of("tls")), FIELD_COUNT);
	assert_int_equal(record_field_find(text_of("")), FIELD_COUNT);
	assert_int_equal(record_field_find(text_of("tls.snix")), FIELD_COUNT);
}

/* Or the writer would open an object twice. */
static void
members_of_one_object_stand_together(void **state)
{
	const struct record_layout *layout = record_layout();
	bool is_over[LAYOUT_OBJECTS_MAX] = { false };
	uint8_t open = 0;

	(void)state;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		uint8_t to = layout->field[i].object;

		for (uint8_t at = to;; at = layout->object[at].parent) {
			if (is_over[at])
				fail_msg("%s stands apart", record_fields[i].path);
			if (at == 0)
				break;
		}
		for (; open != 0 && open != to; open = layout->object[open].parent) {
			uint8_t up = to;

			while (up != 0 && up != open)
				up = layout->object[up].parent;
			if (up == open)
				break;
			is_over[open] = true;
		}
		open = to;
	}
}

static void
the_layout_finds_every_member_and_no_other(void **state)
{
	const struct record_layout *layout = record_layout();

	(void)state;
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		assert_int_equal(record_layout_find(layout, layout->field[i].object,
						    layout->field[i].name),
				 i);
	for (unsigned i = 1; i < layout->object_count; i++)
		assert_int_equal(record_layout_find(layout, layout->object[i].parent,
						    layout->object[i].name),
				 FIELD_COUNT + i);
	assert_int_equal(record_layout_find(layout, 0, text_of("sni")),
			 LAYOUT_MEMBER_NONE);
	assert_int_equal(record_layout_find(layout, 0, text_of("")),
			 LAYOUT_MEMBER_NONE);
}

static void
each_row_of_the_table_is_sound(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		const struct field *field = &record_fields[i];
		const char *at = field->producers;

		assert_true(strlen(field->meaning) > 0);
		/* the writer makes pseudonyms of texts and lists of them only */
		assert_true(field->privacy != PRIVACY_PSEUDONYM ||
			    field->type == TYPE_TEXT || field->type == TYPE_TEXTS ||
			    field->type == TYPE_TEXT_COLUMN);
		assert_true(field->order == NULL || field->type == TYPE_TEXT);
		while (*at != '\0' && *at != '*') {
			size_t size = strcspn(at, ",");

			struct text word = { at, (uint32_t)size };

			if (!text_is(word, "protocol") &&
			    record_event_find(word) == EVENT_COUNT)
				fail_msg("%s: no event type '%s'", field->path, at);
			at += size + (at[size] == ',');
		}
	}
}

static void
event_names_go_both_ways(void **state)
{
	(void)state;
	for (int event = 0; event < EVENT_COUNT; event++)
		assert_int_equal(record_event_find(
					 text_of(record_event_name((enum event)event))),
				 event);
	assert_int_equal(record_event_find(text_of("flo")), EVENT_COUNT);
}

static void
tls_versions_are_in_order(void **state)
{
	const char *const *order = record_fields[FIELD_TLS_VERSION].order;
	static const char *const expected[] = { "SSLv2",   "SSLv3",    "TLSv1",
						"TLS 1.1", "DTLS 1.0", "TLS 1.2",
						"DTLS 1.2", "TLS 1.3", "DTLS 1.3" };

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_string_equal(order[i], expected[i]);
	assert_null(order[9]);
}

static void
a_value_a_null_and_a_missing_field_differ(void **state)
{
	static struct record record;

	(void)state;
	memset(&record, 0xff, sizeof(record));
	record_begin(&record, EVENT_TLS);
	assert_int_equal(record_event(&record), EVENT_TLS);
	for (int i = 0; i < FIELD_COUNT; i++) {
		enum field_id field = (enum field_id)i;

		assert_int_equal(record_has(&record, field), field == FIELD_EVENT_TYPE);
		assert_false(record_is_null(&record, field));
	}
	record_set_null(&record, FIELD_TLS_SNI);
	assert_true(record_is_null(&record, FIELD_TLS_SNI));
	record_set_text(&record, FIELD_TLS_SNI, text_of("a"));
	assert_false(record_is_null(&record, FIELD_TLS_SNI));
	assert_true(record_has(&record, FIELD_TLS_SNI));
	record_remove(&record, FIELD_TLS_SNI);
	assert_false(record_has(&record, FIELD_TLS_SNI));
}

static void
the_most_exact_key_says_why_a_field_is_missing(void **state)
{
	static struct record record;
	const struct text pairs[] = {
		text_of("tls"),
		text_of("loss"),
		text_of("tls.certificate"),
		text_of("encrypted"),
		text_of("tls.client.subject"),
		text_of("resumed"),
		text_of("tls.cl"),
		text_of("truncated"),
	};

	(void)state;
	record_begin(&record, EVENT_TLS);
	assert_int_equal(record_unobservable(&record, FIELD_TLS_SNI).size, 0);
	record_set_texts(&record, FIELD_SEKISHO_UNOBSERVABLE, pairs, 8);
	/* below tls, and its hidden_as is not named */
	assert_true(text_is(record_unobservable(&record, FIELD_TLS_SNI), "loss"));
	/* by hidden_as, before the folder */
	assert_true(
		text_is(record_unobservable(&record, FIELD_TLS_SUBJECT), "encrypted"));
	/* by its own path */
	assert_true(text_is(record_unobservable(&record, FIELD_TLS_CLIENT_SUBJECT),
			    "resumed"));
	/* tls.cl is no folder of tls.client */
	assert_true(
		text_is(record_unobservable(&record, FIELD_TLS_CLIENT_SERIAL), "loss"));
	/* hidden_as tls.certificate, though it lies elsewhere */
	assert_true(text_is(record_unobservable(&record, FIELD_STLS_KEY_SIZE),
			    "encrypted"));
	/* hidden_as lies below tls */
	assert_true(text_is(record_unobservable(&record, FIELD_STLS_DH_SIZE), "loss"));
	assert_int_equal(record_unobservable(&record, FIELD_FLOW_AGE).size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_unique_and_found),
		cmocka_unit_test(members_of_one_object_stand_together),
		cmocka_unit_test(the_layout_finds_every_member_and_no_other),
		cmocka_unit_test(each_row_of_the_table_is_sound),
		cmocka_unit_test(event_names_go_both_ways),
		cmocka_unit_test(tls_versions_are_in_order),
		cmocka_unit_test(a_value_a_null_and_a_missing_field_differ),
		cmocka_unit_test(the_most_exact_key_says_why_a_field_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
