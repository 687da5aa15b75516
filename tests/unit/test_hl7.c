/* SPDX-License-Identifier: Apache-2.0 */
/* test_hl7: HL7 v2 over MLLP: whole, in pieces, in batches, in Japanese, one-sided,
 * lossy, damaged. */
#include "tests/unit/dissect_play.h"

#include "sensor/dissect/hl7_state.h"

extern const struct dissector dissector_hl7;

#define START "\x0b"
#define END   "\x1c\r"
#define ADT                                                                           \
	"MSH|^~\\&|HIS|HOSP-A|LAB|LAB-B|20261120100000||ADT^A01^ADT_A01|C-1|P|2.5|||" \
	"AL|NE|JPN|"                                                                  \
	"~ISO IR87\rEVN|A01|20261120\rPID|1||MARKER-0001^^^A||MARKER^TARO\rPV1|1|I\r"
#define ACK                                                                          \
	"MSH|^~\\&|LAB|LAB-B|HIS|HOSP-A|20261120100001||ACK^A01^ACK|K-1|P|2.5\rMSA|" \
	"AA|C-1|"                                                                    \
	"MARKER says the receiver\r"

static struct dissect_lane *lane;
static struct play play;

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_hl7.shared_new();
	return lane ? 0 : -1;
}

static int
free_lane(void **state)
{
	(void)state;
	assert_int_equal(lane->budget.held, 0);
	dissector_hl7.shared_free(lane);
	return 0;
}

static void
start(void)
{
	play_begin(&play, &dissector_hl7, lane);
}

/* Whatever was sent, no patient is told of. */
static void
stop(void)
{
	play_end(&play);
	for (unsigned i = 0; i < play.count; i++)
		assert_does_not_say(play.line[i], "MARKER");
}

static enum recognition
recognise(const char *text)
{
	return dissector_hl7.recognise(bytes_over(text, strlen(text)), 0);
}

static void
it_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	assert_int_equal(recognise(START "MSH|^~\\&|"), RECOGNISED_YES);
	assert_int_equal(recognise(START "FHS#"), RECOGNISED_YES);
	assert_int_equal(recognise(START "BHS|"), RECOGNISED_YES);
	assert_int_equal(recognise(""), RECOGNISED_MAYBE);
	assert_int_equal(recognise(START), RECOGNISED_MAYBE);
	assert_int_equal(recognise(START "MS"), RECOGNISED_MAYBE);
	assert_int_equal(recognise(START "MSH"), RECOGNISED_MAYBE);
	assert_int_equal(recognise(START "MSHA"), RECOGNISED_NO);
	assert_int_equal(recognise(START "MSH\xff"), RECOGNISED_NO);
	assert_int_equal(recognise(START "PID|"), RECOGNISED_NO);
	assert_int_equal(recognise("MSH|^~\\&|"), RECOGNISED_NO);
	assert_int_equal(recognise("GET / HTTP/1.1"), RECOGNISED_NO);
}

static void
a_message_and_its_answer_are_told(void **state)
{
	(void)state;
	start();
	play.at = (struct instant){ 1000000 };
	play_text(&play, 0, START ADT END);
	play.at = (struct instant){ 1250000 };
	play_text(&play, 1, START ACK END);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(play.count, 2);
	assert_int_equal(play.client, 0);
	assert_says(
		play.line[0],
		"\"hl7\":{\"kind\":\"message\",\"sending_app\":\"HIS\","
		"\"sending_facility\":\"HOSP-A\",\"receiving_app\":\"LAB\","
		"\"receiving_facility\":\"LAB-B\",\"time\":\"20261120100000\","
		"\"type\":\"ADT\",\"event\":\"A01\",\"structure\":\"ADT_A01\","
		"\"control_id\":\"C-1\",\"processing_id\":\"P\",\"version\":\"2.5\","
		"\"accept_ack\":\"AL\",\"application_ack\":\"NE\",\"country\":\"JPN\","
		"\"character_sets\":[\"\",\"ISO IR87\"],\"size\":");
	assert_says(play.line[0], "\"is_final\":false");
	assert_says(play.line[1], "\"kind\":\"ack\"");
	assert_says(play.line[1], "\"ack\":{\"code\":\"AA\",\"control_id\":\"C-1\","
				  "\"message\":\"ADT^A01\",\"latency_usec\":250000}");
	assert_says(play.line[1], "\"character_sets\":null");
	assert_says(play.line[1], "\"is_final\":true");
}

static void
the_size_is_what_stands_between_the_frame(void **state)
{
	char size[32];

	(void)state;
	start();
	play_text(&play, 0,
		  START ADT "\x1c" START ADT END); /* the first without its <CR> */
	stop();
	snprintf(size, sizeof(size), "\"size\":%zu}", strlen(ADT));
	assert_says(play.line[0], size);
	assert_says(play.line[1], size);
}

static void
every_cut_into_pieces_tells_the_same(void **state)
{
	static const char talk[] = START ADT END START ADT END;
	static struct play whole;

	(void)state;
	play_begin(&whole, &dissector_hl7, lane);
	play_text(&whole, 0, talk);
	play_end(&whole);
	for (size_t cut = 0; cut < sizeof(talk); cut++) {
		start();
		play_bytes(&play, 0, talk, cut);
		play_bytes(&play, 0, talk + cut, sizeof(talk) - 1 - cut);
		stop();
		assert_int_equal(play.count, whole.count);
		for (unsigned i = 0; i < play.count; i++)
			assert_string_equal(play.line[i], whole.line[i]);
	}
	start();
	for (size_t i = 0; i < sizeof(talk) - 1; i++)
		play_bytes(&play, 0, talk + i, 1);
	stop();
	assert_int_equal(play.count, whole.count);
	assert_string_equal(play.line[0], whole.line[0]);
}

static void
other_delimiters_are_taken_from_the_header(void **state)
{
	(void)state;
	start();
	play_text(&play, 0,
		  START
		  "MSH*+-!/*HIS*H|O*LAB*L^B*1**ORU+R01*7*T*2.4\rPID*1**MARKER\r" END);
	play_text(&play, 1,
		  START
		  "MSH#$-!/#LAB#B#HIS#A#1##ACK$R01#8#T#2.4\rMSA#AE#7#MARKER\r" END);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"sending_facility\":\"H|O\"");
	assert_says(play.line[0], "\"receiving_facility\":\"L^B\"");
	assert_says(play.line[0],
		    "\"type\":\"ORU\",\"event\":\"R01\",\"structure\":null");
	assert_says(play.line[0], "\"processing_id\":\"T\"");
	assert_says(play.line[1],
		    "\"code\":\"AE\",\"control_id\":\"7\",\"message\":\"ORU^R01\"");
}

static void
half_a_kanji_is_no_delimiter(void **state)
{
	(void)state;
	start();
	/* the second bytes of these are | ^ ~ \ and & */
	play_text(&play, 0,
		  START "MSH|^~\\&|\x1b$B!|!^!~!\\!&\x1b(B|\x1b(I^\\1\x1b(J|\x1b$(D0|"
			"\x1b(B|B|1||"
			"ADT^A08|9|P|2.5||||||~ISO IR87\r" END);
	stop();
	assert_int_equal(play.count, 2); /* it was not answered */
	assert_says(play.line[0],
		    "\"sending_app\":\"\\u001b$B!|!^!~!\\\\!&\\u001b(B\"");
	assert_says(play.line[0], "\"sending_facility\":\"\\u001b(I^\\\\1\\u001b(J\"");
	assert_says(play.line[0], "\"receiving_app\":\"\\u001b$(D0|\\u001b(B\"");
	assert_says(play.line[0], "\"receiving_facility\":\"B\"");
	assert_says(play.line[0], "\"event\":\"A08\"");
	assert_says(play.line[0], "\"character_sets\":[\"\",\"ISO IR87\"]");
}

static void
an_escape_that_ends_nowhere_ends_with_its_segment(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START "MSH|^~\\&|\x1b$B!|A|B\rPID|MARKER\r" END);
	play_text(&play, 0, START "MSH|^~\\&|A|B|\x1b\rPID|MARKER\r" END);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0],
		    "\"sending_app\":\"\\u001b$B!|A|B\",\"sending_facility\":null");
	assert_says(play.line[1], "\"receiving_app\":\"\\u001b\"");
}

static void
what_is_no_utf8_becomes_text(void **state)
{
	(void)state;
	start();
	play_text(&play, 0,
		  START "MSH|^~\\&|\x83\x81|\xe7\x97\x85\xe9\x99\xa2|A|B|1||ADT^A01|1|"
			"P|2.5\r" END);
	stop();
	assert_says(play.line[0], "\"sending_app\":\"\\\\x83\\\\x81\"");
	assert_says(play.line[0], "\"sending_facility\":\"病院\"");
}

static void
segments_ended_by_line_feeds_keep_the_patient_out(void **state)
{
	(void)state;
	start();
	play_text(&play, 0,
		  START "MSH|^~\\&|A|B|C|D|1||ADT^A01|1|P|2.3\nPID|1||MARKER|MARKER|"
			"MARKER\n" END);
	play_text(
		&play, 0,
		START
		"MSH|^~\\&|A|B|C|D|1||ADT^A01|2|P|2.3\r\nPID|1||MARKER|MARKER\r\n" END);
	stop();
	assert_int_equal(play.count, 4); /* and none was answered */
	assert_says(play.line[0], "\"version\":\"2.3\",\"accept_ack\":null");
	assert_says(play.line[1], "\"control_id\":\"2\"");
}

static void
a_batch_in_one_block_is_told_message_by_message(void **state)
{
	(void)state;
	start();
	play_text(&play, 0,
		  START "FHS|^~\\&|A|B|C|D|1||MARKER.hl7|MARKER|F-1\rBHS|^~\\&|A|B|C|D|"
			"1||MARKER||B-1\r"
			"MSH|^~\\&|A|B|C|D|1||ORU^R01|1|P|2.5|||NE|NE\rPID|MARKER\r"
			"MSH|^~\\&|A|B|C|D|1||ORU^R01|2|P|2.5|||NE|NE\rPID|MARKER\r"
			"BTS|3|MARKER\rFTS|1\r" END);
	stop();
	assert_int_equal(play.count, 6);
	assert_says(play.line[0], "\"kind\":\"file\",\"sending_app\":\"A\"");
	assert_says(play.line[0], "\"control_id\":\"F-1\"");
	assert_says(play.line[1], "\"kind\":\"batch\"");
	assert_says(play.line[1], "\"control_id\":\"B-1\"");
	assert_says(play.line[2], "\"control_id\":\"1\"");
	assert_says(play.line[2], "\"is_final\":true"); /* it wants no answer */
	assert_says(play.line[3], "\"control_id\":\"2\"");
	assert_says(play.line[4],
		    "{\"kind\":\"batch_end\",\"batch\":{\"count\":3,\"seen\":2}}");
	assert_says(play.line[5],
		    "{\"kind\":\"file_end\",\"batch\":{\"count\":1,\"seen\":1}}");
}

static void
a_batch_over_several_blocks_is_counted_too(void **state)
{
	(void)state;
	start();
	play_text(&play, 0,
		  START "BHS|^~\\&|A\r" END START ADT END START ADT END START
			"BTS|x\r" END);
	stop();
	assert_says(play.line[3],
		    "{\"kind\":\"batch_end\",\"batch\":{\"count\":null,\"seen\":2}}");
}

static void
what_is_not_answered_is_said_at_the_end(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START ADT END);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[1],
		    "\"kind\":\"outstanding\",\"type\":\"ADT\",\"event\":\"A01\","
		    "\"control_id\":\"C-1\",\"ack\":{\"code\":null}");
	assert_says(play.line[1], "\"is_final\":true");
	assert_does_not_say(play.line[1], "unobservable");
}

static void
what_is_followed_no_more_is_not_called_unanswered(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START ADT END);
	play.is_cut = true;
	stop();
	assert_says(play.line[1], "\"unobservable\":{\"hl7.ack\":\"truncated\"}");
	assert_does_not_say(play.line[1], "null");
}

static void
a_side_that_was_not_seen_is_not_blamed(void **state)
{
	(void)state;
	start();
	play.is_unseen[1] = true;
	play_text(&play, 0, START ADT END);
	stop();
	assert_says(play.line[1], "\"kind\":\"outstanding\"");
	assert_says(play.line[1], "\"unobservable\":{\"hl7.ack\":\"asymmetric\"}");
	assert_does_not_say(play.line[1], "null");
}

static void
answers_alone_are_told_without_latency(void **state)
{
	(void)state;
	start();
	play.is_unseen[0] = true;
	play_text(&play, 1, START ACK END);
	stop();
	assert_int_equal(play.count, 1);
	assert_int_equal(play.client, 0);
	assert_says(play.line[0], "\"ack\":{\"code\":\"AA\",\"control_id\":\"C-1\"}");
	assert_says(play.line[0],
		    "\"unobservable\":{\"hl7.ack.message\":\"asymmetric\","
		    "\"hl7.ack.latency_usec\":\"asymmetric\"}");
}

static void
an_answer_to_nothing_is_null(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START "MSH|^~\\&|A|B|C|D|1||ADT^A01|X|P|2.5\r" END);
	play_text(&play, 1, START ACK END);
	stop();
	assert_says(play.line[1], "\"message\":null,\"latency_usec\":null");
	start();
	play_text(&play, 1,
		  START ACK END); /* to something before the capture began, maybe */
	stop();
	assert_says(play.line[0], "\"hl7.ack.message\":\"truncated\"");
}

static void
an_accepted_message_still_waits_for_its_application(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START "MSH|^~\\&|A|B|C|D|1||ORM^O01|5|P|2.5|||AL|AL\r" END);
	play_text(&play, 1, START "MSH|^~\\&|C|D|A|B|1||ACK|6|P|2.5\rMSA|CA|5\r" END);
	play.at = (struct instant){ 7000000 };
	play_text(&play, 1,
		  START
		  "MSH|^~\\&|C|D|A|B|1||ORR^O02|7|P|2.5\rMSA|AA|5\rPID|MARKER\r" END);
	stop();
	assert_int_equal(play.count, 3);
	assert_says(play.line[1],
		    "\"code\":\"CA\",\"control_id\":\"5\",\"message\":\"ORM^O01\"");
	assert_says(play.line[2], "\"kind\":\"ack\"");
	assert_says(play.line[2], "\"type\":\"ORR\",\"event\":\"O02\"");
	assert_says(play.line[2], "\"latency_usec\":7000000");
}

static void
an_answer_wanted_on_errors_only_may_stay_out(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START "MSH|^~\\&|A|B|C|D|1||ADT^A01|5|P|2.5|||NE|ER\r" END);
	play_text(&play, 0, START "MSH|^~\\&|A|B|C|D|1||ADT^A01|6|P|2.5|||NE|ER\r" END);
	play_text(&play, 1, START "MSH|^~\\&|C|D|A|B|1||ACK|7|P|2.5\rMSA|AR|6\r" END);
	stop();
	assert_int_equal(play.count, 3);
	assert_says(play.line[2],
		    "\"code\":\"AR\",\"control_id\":\"6\",\"message\":\"ADT^A01\"");
}

static void
a_gap_loses_what_it_covers_and_no_more(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START ADT);
	play_gap(&play, 0, 100);
	play_text(&play, 0, "MARKER|\x0bMARKER\r" END START ADT END);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_says(play.line[0], "\"hl7.size\":\"loss\"");
	assert_says(play.line[0], "\"hl7.ack\":\"loss\"");
	assert_says(play.line[1], "\"kind\":\"message\"");
	assert_says(play.line[1], "\"size\":");
	start();
	play_text(&play, 0, START ADT END);
	play_gap(&play, 1, 100);
	stop();
	assert_says(play.line[1], "\"unobservable\":{\"hl7.ack\":\"loss\"}");
}

static void
a_message_cut_by_the_end_is_told(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START ADT);
	stop();
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"control_id\":\"C-1\"");
	assert_says(play.line[0], "\"unobservable\":{\"hl7.size\":\"truncated\",\"hl7."
				  "ack\":\"truncated\"}");
}

static void
the_first_violation_ends_it(void **state)
{
	static const struct {
		const char *bytes, *violation;
	} breaks[] = {
		{ START ADT END "GET / HTTP/1.1\r\n", "hl7.block_start" },
		{ START ADT START, "hl7.block_in_block" },
		{ START ADT END START "PID|1|MARKER\r" END, "hl7.first_segment" },
		{ START ADT END START END, "hl7.first_segment" },
		{ START "MSH|\r", "hl7.delimiters" },
		{ START "MSH|^^\\&|A\r", "hl7.delimiters" },
		{ START "MSH|^~|\\&\r" START, "hl7.block_in_block" },
		{ START "MSH|^~ &|A\r", "hl7.delimiters" },
		{ START "MSHA^~\\&A\r", "hl7.delimiters" },
		{ START "MSH|^~\\&#!%|A\r", "hl7.delimiters" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		start();
		play_text(&play, 0, breaks[i].bytes);
		assert_int_equal(play.result, DISSECT_VIOLATION);
		assert_string_equal(play.violation, breaks[i].violation);
		stop();
	}
}

static void
a_commit_of_mllp_2_is_no_violation(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, START ADT END);
	play_text(&play, 1, START "\x06" END START ACK END);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(play.count, 2);
}

static void
more_that_wait_than_the_cap_are_told_and_counted(void **state)
{
	uint64_t before = lane->counters.dropped;
	char text[200];

	(void)state;
	start();
	for (int i = 0; i < HL7_WAITING_MAX + 2; i++) {
		snprintf(text, sizeof(text),
			 START "MSH|^~\\&|A|B|C|D|1||ADT^A01|N%d|P|2.5\r" END, i);
		play_text(&play, 0, text);
	}
	assert_int_equal(play.count, HL7_WAITING_MAX + 4);
	assert_int_equal(lane->counters.dropped, before + 2);
	assert_says(play.line[HL7_WAITING_MAX], "\"kind\":\"outstanding\"");
	assert_says(play.line[HL7_WAITING_MAX], "\"control_id\":\"N0\"");
	assert_says(play.line[HL7_WAITING_MAX], "\"hl7.ack\":\"truncated\"");
	play_text(&play, 1, START "MSH|^~\\&|C|D|A|B|1||ACK|1|P|2.5\rMSA|AA|N0\r" END);
	assert_says(play.line[play.count - 1], "\"hl7.ack.message\":\"truncated\"");
	play_text(&play, 1, START "MSH|^~\\&|C|D|A|B|1||ACK|1|P|2.5\rMSA|AA|N2\r" END);
	assert_says(play.line[play.count - 1], "\"message\":\"ADT^A01\"");
	stop();
}

static void
a_long_header_is_cut_counted_and_said(void **state)
{
	static char text[3 * HL7_SEGMENT_MAX];
	uint64_t before = lane->counters.cut;

	(void)state;
	memset(text, 'x', sizeof(text));
	start();
	play_text(&play, 0, START "MSH|^~\\&|A|B|C|");
	play_bytes(&play, 0, text, sizeof(text));
	play_text(&play, 0, "|1||ADT^A01|1|P|2.5\rPID|MARKER\r" END);
	stop();
	assert_int_equal(lane->counters.cut, before + 1);
	assert_says(play.line[0], "\"truncated\":true");
	assert_says(play.line[0], "\"receiving_app\":\"C\"");
	assert_does_not_say(play.line[0], "\"control_id\"");
}

static void
without_memory_for_it_nothing_is_made_up(void **state)
{
	uint64_t cut = lane->counters.cut, none = lane->counters.no_memory;

	(void)state;
	lane->budget.most = 0;
	start();
	play_text(&play, 0, START ADT END);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(play.count, 0);
	assert_int_equal(lane->counters.cut, cut + 1);
	lane->budget.most = 1024; /* enough for a header, not for those that wait */
	start();
	play_text(&play, 0, START ADT END);
	stop();
	assert_int_equal(play.count, 1);
	assert_int_equal(lane->counters.no_memory, none + 1);
	lane->budget.most = DISSECT_HELD_MAX;
}

static void
every_prefix_and_every_damage_is_survived(void **state)
{
	static const char up[] = START ADT END, down[] = START ACK END;
	char damaged[sizeof(up)];

	(void)state;
	for (size_t size = 0; size < sizeof(up); size++) {
		start();
		play_bytes(&play, 0, up, size);
		stop();
		assert_int_equal(play.result, DISSECT_MORE);
		assert_true(play.count <= 2);
	}
	for (size_t at = 0; at < sizeof(up) - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(damaged, up, sizeof(up));
			damaged[at] = (char)byte;
			play_begin(&play, &dissector_hl7, lane);
			play_bytes(&play, 0, damaged, sizeof(up) - 1);
			play_text(&play, 1, down);
			play_end(&play);
			assert_true(play.count <= 4);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_known_by_its_first_bytes),
		cmocka_unit_test(a_message_and_its_answer_are_told),
		cmocka_unit_test(the_size_is_what_stands_between_the_frame),
		cmocka_unit_test(every_cut_into_pieces_tells_the_same),
		cmocka_unit_test(other_delimiters_are_taken_from_the_header),
		cmocka_unit_test(half_a_kanji_is_no_delimiter),
		cmocka_unit_test(an_escape_that_ends_nowhere_ends_with_its_segment),
		cmocka_unit_test(what_is_no_utf8_becomes_text),
		cmocka_unit_test(segments_ended_by_line_feeds_keep_the_patient_out),
		cmocka_unit_test(a_batch_in_one_block_is_told_message_by_message),
		cmocka_unit_test(a_batch_over_several_blocks_is_counted_too),
		cmocka_unit_test(what_is_not_answered_is_said_at_the_end),
		cmocka_unit_test(what_is_followed_no_more_is_not_called_unanswered),
		cmocka_unit_test(a_side_that_was_not_seen_is_not_blamed),
		cmocka_unit_test(answers_alone_are_told_without_latency),
		cmocka_unit_test(an_answer_to_nothing_is_null),
		cmocka_unit_test(an_accepted_message_still_waits_for_its_application),
		cmocka_unit_test(an_answer_wanted_on_errors_only_may_stay_out),
		cmocka_unit_test(a_gap_loses_what_it_covers_and_no_more),
		cmocka_unit_test(a_message_cut_by_the_end_is_told),
		cmocka_unit_test(the_first_violation_ends_it),
		cmocka_unit_test(a_commit_of_mllp_2_is_no_violation),
		cmocka_unit_test(more_that_wait_than_the_cap_are_told_and_counted),
		cmocka_unit_test(a_long_header_is_cut_counted_and_said),
		cmocka_unit_test(without_memory_for_it_nothing_is_made_up),
		cmocka_unit_test(every_prefix_and_every_damage_is_survived),
	};

	return cmocka_run_group_tests(tests, make_lane, free_lane);
}
