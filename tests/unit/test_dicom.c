/* SPDX-License-Identifier: Apache-2.0 */
/* test_dicom: associations whole, refused, aborted, one-sided, lossy, in pieces,
 * damaged at every byte. */
#include "tests/unit/dissect_play.h"

#include "sensor/dissect/dicom_state.h"
#include "tests/unit/dicom_bytes.h"

extern const struct dissector dissector_dicom;

static struct dicom_lane *lane;
static struct play play;
static struct made made;

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_dicom.shared_new();
	return lane ? 0 : -1;
}

static int
free_lane(void **state)
{
	(void)state;
	assert_int_equal(lane->budget.held, 0);
	dissector_dicom.shared_free(lane);
	return 0;
}

static void
start(void)
{
	play_begin(&play, &dissector_dicom, lane);
}

static void
send(int side)
{
	play_bytes(&play, side, made.at, made.size);
	made.size = 0;
}

/* Whatever was sent, no patient, instance or user is told of. */
static void
stop(void)
{
	play_end(&play);
	for (unsigned i = 0; i < play.count; i++)
		assert_does_not_say(play.line[i], "MARKER");
}

static void
associate(void)
{
	start();
	make_request(&made);
	send(0);
	make_accept(&made);
	send(1);
}

static void
release(void)
{
	put_fixed(&made, DICOM_RELEASE, 0, 0, 0);
	send(0);
	put_fixed(&made, DICOM_RELEASED, 0, 0, 0);
	send(1);
	stop();
}

static enum recognition
recognise(size_t size)
{
	return dissector_dicom.recognise(bytes_over(made.at, size), 0);
}

static void
it_is_known_by_its_first_pdu(void **state)
{
	(void)state;
	make_request(&made);
	for (size_t size = 0; size < 75; size++)
		assert_int_equal(recognise(size), RECOGNISED_MAYBE);
	assert_int_equal(recognise(75), RECOGNISED_YES);
	made.at[74] = 0x50;
	assert_int_equal(recognise(75), RECOGNISED_NO);
	make_accept(&made);
	assert_int_equal(recognise(made.size), RECOGNISED_YES);
	made.at[12] = 0x07;
	assert_int_equal(recognise(made.size), RECOGNISED_NO);
	made.size = 0;
	put_fixed(&made, DICOM_REJECT, 1, 1, 7);
	assert_int_equal(recognise(made.size), RECOGNISED_YES);
	made.at[7] = 9;
	assert_int_equal(recognise(made.size), RECOGNISED_NO);
	made.size = 0;
	put_command(&made, 0x0030, 1, 0, ECHO "\0", NULL);
	assert_int_equal(recognise(made.size), RECOGNISED_YES);
	made.at[12] = 8; /* not group 0000 */
	assert_int_equal(recognise(made.size), RECOGNISED_NO);
	memcpy(made.at, "\x16\x03\x01\x02\x00\x01", 6);
	assert_int_equal(recognise(6), RECOGNISED_NO);
}

static void
an_association_is_told_as_asked_and_answered(void **state)
{
	(void)state;
	associate();
	assert_int_equal(play.count, 1);
	assert_int_equal(play.client, 0);
	assert_says(play.line[0],
		    "\"dicom\":{\"kind\":\"association\",\"outcome\":\"accepted\","
		    "\"calling_ae\":\"MODALITY-A\",\"called_ae\":\"PACS-B\","
		    "\"application_context\":\"1.2.840.10008.3.1.1.1\","
		    "\"abstract_syntaxes\":[\"" CT "\",\"" ECHO "\"],"
		    "\"abstract_syntax_names\":[\"CT Image Storage\",\"Verification\"],"
		    "\"transfer_syntaxes\":[\"" LITTLE "\",\"" JPEG "\"],"
		    "\"contexts_offered\":3,\"contexts_accepted\":2,"
		    "\"accepted_abstract_syntaxes\":[\"" CT "\",\"" ECHO "\"],"
		    "\"accepted_transfer_syntaxes\":[\"" LITTLE "\"],"
		    "\"client\":{\"implementation_uid\":\"1.2.3.4\","
		    "\"implementation_version\":\"MOD_1\",\"max_length\":16384,"
		    "\"user_identity\":\"username_passcode\"},"
		    "\"server\":{\"implementation_uid\":\"1.2.3.5\","
		    "\"implementation_version\":\"PACS_2\",\"max_length\":32768}}");
	assert_says(play.line[0], "\"is_final\":false");
	assert_does_not_say(play.line[0], "unobservable");
	release();
	assert_int_equal(play.result, DISSECT_DONE);
	assert_int_equal(play.count, 2);
	assert_says(play.line[1],
		    "\"kind\":\"end\",\"outcome\":\"released\","
		    "\"calling_ae\":\"MODALITY-A\",\"called_ae\":\"PACS-B\"");
	assert_says(play.line[1], "\"is_final\":true");
}

static void
commands_are_counted_and_their_statuses_told(void **state)
{
	(void)state;
	associate();
	put_command(&made, 0x0001, 1, 0, CT "\0", NULL);
	put_data(&made, "MARKER^TARO", 11);
	put_command(&made, 0x0001, 2, 0, CT "\0", NULL);
	put_data(&made, "MARKER^HANAKO", 13);
	put_command(&made, 0x0020, 3, 0, STUDY_MOVE, NULL);
	put_command(&made, 0x0021, 4, 0, STUDY_MOVE, "ELSEWHERE ");
	put_command(&made, 0x0010, 5, 0, STUDY_MOVE, NULL);
	put_command(&made, 0x0030, 6, 0, ECHO, NULL);
	put_command(&made, 0x0130, 7, 0, ECHO, NULL);
	put_command(&made, 0x0fff, 3, 0, ECHO, NULL);
	send(0);
	put_command(&made, 0x8001, 1, 0x0000, CT, NULL);
	put_command(&made, 0x8001, 2, 0xa700, CT, NULL);
	put_command(&made, 0x8020, 3, 0xff00, STUDY_MOVE, NULL);
	put_data(&made, "MARKER", 6);
	put_command(&made, 0x8020, 3, 0xfe00, STUDY_MOVE, NULL);
	put_command(&made, 0x8021, 4, 0xb000, STUDY_MOVE, NULL);
	put_command(&made, 0x8130, 7, 0x0112, STUDY_MOVE, NULL);
	send(1);
	release();
	assert_says(
		play.line[1],
		"\"requests\":{\"c_store\":2,\"c_find\":1,\"c_get\":1,\"c_move\":1,"
		"\"c_echo\":1,\"c_cancel\":1,\"n\":1,\"unanswered\":2},"
		"\"responses\":{\"success\":1,\"pending\":1,\"warning\":1,\"cancel\":1,"
		"\"failure\":2},\"failures\":[\"A700\",\"B000\",\"0112\"],"
		"\"sop_classes\":[\"" CT "\",\"" STUDY_MOVE "\",\"" ECHO "\"],"
		"\"move_destinations\":[\"ELSEWHERE\"],"
		"\"data\":{\"bytes_toserver\":24,\"bytes_toclient\":6}}");
}

static void
a_command_may_lie_in_several_fragments(void **state)
{
	static struct made whole;

	(void)state;
	associate();
	whole.size = 0;
	put_command(&whole, 0x0030, 1, 0, ECHO, NULL);
	size_t inner = whole.size - 12;
	for (size_t cut = 0; cut <= inner; cut++) {
		size_t pdu = open_pdu(&made, 4), pdv = open_pdv(&made, 5, 1);
		put(&made, whole.at + 12, cut);
		close_u32(&made, pdv);
		pdv = open_pdv(&made, 5, 3);
		put(&made, whole.at + 12 + cut, inner - cut);
		close_u32(&made, pdv);
		close_u32(&made, pdu);
		send(0);
	}
	release();
	char says[32];
	snprintf(says, sizeof(says), "\"c_echo\":%zu,", inner + 1);
	assert_says(play.line[1], says);
}

static void
every_cut_into_pieces_tells_the_same(void **state)
{
	static struct made talk;
	static struct play whole;

	(void)state;
	make_request(&talk);
	put_command(&talk, 0x0030, 1, 0, ECHO, NULL);
	put_data(&talk, "MARKER", 6);
	put_fixed(&talk, DICOM_ABORT, 0, 2, 2);
	play_begin(&whole, &dissector_dicom, lane);
	play_bytes(&whole, 0, talk.at, talk.size);
	play_end(&whole);
	assert_int_equal(whole.count, 2);
	for (size_t cut = 0; cut <= talk.size; cut++) {
		start();
		play_bytes(&play, 0, talk.at, cut);
		play_bytes(&play, 0, talk.at + cut, talk.size - cut);
		stop();
		assert_int_equal(play.count, 2);
		assert_string_equal(play.line[0], whole.line[0]);
		assert_string_equal(play.line[1], whole.line[1]);
	}
	start();
	for (size_t i = 0; i < talk.size; i++)
		play_bytes(&play, 0, talk.at + i, 1);
	stop();
	assert_string_equal(play.line[1], whole.line[1]);
}

static void
a_refusal_says_why(void **state)
{
	(void)state;
	start();
	make_request(&made);
	send(0);
	put_fixed(&made, DICOM_REJECT, 1, 1, 7);
	send(1);
	stop();
	assert_int_equal(play.result, DISSECT_DONE);
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"outcome\":\"rejected\"");
	assert_says(play.line[0],
		    "\"reject\":{\"result\":\"permanent\",\"source\":\"user\","
		    "\"reason\":\"called_ae_title_not_recognized\"}");
	assert_says(play.line[0], "\"is_final\":true");
	start(); /* the refusal alone */
	play.is_unseen[0] = true;
	put_fixed(&made, DICOM_REJECT, 2, 3, 1);
	send(1);
	stop();
	assert_int_equal(play.client, 0);
	assert_says(play.line[0], "\"reason\":\"temporary_congestion\"");
	assert_says(play.line[0], "\"dicom.request\":\"asymmetric\"");
}

static void
an_abort_says_who_and_why(void **state)
{
	(void)state;
	associate();
	put_fixed(&made, DICOM_ABORT, 0, 2, 6);
	send(1);
	stop();
	assert_says(play.line[1], "\"outcome\":\"aborted\"");
	assert_says(play.line[1], "\"abort\":{\"source\":\"provider\","
				  "\"reason\":\"invalid_pdu_parameter_value\"}");
	start();
	make_request(&made);
	put_fixed(&made, DICOM_ABORT, 0, 0, 0);
	send(0);
	stop();
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"kind\":\"association\",\"outcome\":\"aborted\"");
	assert_says(play.line[0],
		    "\"abort\":{\"source\":\"user\",\"reason\":\"not_specified\"}");
}

static void
what_just_stops_is_closed_or_unanswered(void **state)
{
	(void)state;
	associate();
	stop();
	assert_says(play.line[1], "\"outcome\":\"closed\"");
	start();
	make_request(&made);
	send(0);
	stop();
	assert_says(play.line[0], "\"outcome\":\"unanswered\"");
	associate(); /* followed no more, though it may go on */
	put_command(&made, 0x0030, 1, 0, ECHO, NULL);
	send(0);
	play.is_cut = true;
	stop();
	assert_says(play.line[1], "\"dicom.outcome\":\"truncated\"");
	assert_says(play.line[1], "\"dicom.requests.unanswered\":\"truncated\"");
	assert_does_not_say(play.line[1], "\"outcome\"");
}

static void
one_direction_tells_what_it_can(void **state)
{
	(void)state;
	start(); /* of the client only */
	play.is_unseen[1] = true;
	make_request(&made);
	put_command(&made, 0x0030, 1, 0, ECHO, NULL);
	put_fixed(&made, DICOM_RELEASE, 0, 0, 0);
	send(0);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"outcome\":\"accepted\"");
	assert_says(play.line[0], "\"unobservable\":{\"dicom.answer\":\"asymmetric\"}");
	assert_says(play.line[1], "\"outcome\":\"released\"");
	assert_says(play.line[1], "\"dicom.responses\":\"asymmetric\"");
	assert_says(play.line[1], "\"dicom.requests.unanswered\":\"asymmetric\"");
	assert_says(play.line[1], "\"c_echo\":1");
	assert_does_not_say(play.line[1], "\"success\"");
	start(); /* of the server only */
	play.is_unseen[0] = true;
	make_accept(&made);
	put_command(&made, 0x8030, 1, 0, ECHO, NULL);
	send(1);
	stop();
	assert_int_equal(play.client, 0);
	assert_says(play.line[0],
		    "\"calling_ae\":\"MODALITY-A\""); /* the answer repeats it */
	assert_says(play.line[0],
		    "\"unobservable\":{\"dicom.request\":\"asymmetric\"}");
	assert_says(play.line[1], "\"dicom.requests\":\"asymmetric\"");
	assert_says(play.line[1], "\"success\":1");
	start(); /* a request, and nothing else at all */
	play.is_unseen[1] = true;
	make_request(&made);
	send(0);
	stop();
	assert_says(play.line[0], "\"unobservable\":{\"dicom.outcome\":\"asymmetric\","
				  "\"dicom.answer\":\"asymmetric\"}");
}

static void
the_middle_of_an_association_is_told_too(void **state)
{
	(void)state;
	start();
	put_command(&made, 0x8001, 9, 0, CT, NULL);
	send(0);
	put_command(&made, 0x0001, 10, 0, CT, NULL);
	send(1);
	stop();
	assert_int_equal(play.client, 1);
	assert_int_equal(play.count, 2);
	assert_says(play.line[0],
		    "\"dicom.request\":\"truncated\",\"dicom.answer\":\"truncated\"");
	assert_says(play.line[1], "\"unanswered\":1");
}

static void
a_gap_inside_an_image_loses_nothing(void **state)
{
	static char image[10000];

	(void)state;
	associate();
	put_command(&made, 0x0001, 1, 0, CT, NULL);
	put_data(&made, image, sizeof(image));
	size_t size = made.size;
	made.size -= 9000;
	send(0);
	play_gap(&play, 0, 8000);
	play_bytes(&play, 0, image, 1000);
	(void)size;
	put_command(&made, 0x0030, 2, 0, ECHO, NULL);
	send(0);
	put_command(&made, 0x8001, 1, 0, ECHO, NULL);
	put_command(&made, 0x8030, 2, 0, ECHO, NULL);
	send(1);
	release();
	assert_says(play.line[1], "\"bytes_toserver\":10000");
	assert_says(play.line[1], "\"c_echo\":1");
	assert_says(play.line[1], "\"unanswered\":0");
}

static void
any_other_gap_is_said(void **state)
{
	(void)state;
	associate();
	put_command(&made, 0x0001, 1, 0, CT, NULL);
	send(0);
	play_gap(&play, 0, 50);
	send(0);
	stop();
	assert_says(play.line[1], "\"dicom.outcome\":\"loss\"");
	assert_says(play.line[1], "\"dicom.requests.unanswered\":\"loss\"");
	assert_says(play.line[1], "\"c_store\":1");
}

static void
violated(const char *how)
{
	if (play.result != DISSECT_VIOLATION || strcmp(play.violation, how) != 0)
		fail_msg("%s instead of %s", play.violation, how);
	stop();
}

static void
the_first_violation_ends_it(void **state)
{
	(void)state;
	associate();
	put_u16(&made, 0x0800);
	put_u32(&made, 4);
	send(0);
	violated("dicom.pdu_type");
	assert_says(play.line[1], "\"dicom.outcome\":\"not_decoded\"");

	associate();
	put_u16(&made, DICOM_RELEASE << 8);
	put_u32(&made, 5);
	send(0);
	violated("dicom.pdu_length");

	associate();
	make_request(&made);
	send(0);
	violated("dicom.unexpected_pdu");

	start();
	make_request(&made);
	made.at[7] = 2; /* version */
	send(0);
	violated("dicom.protocol_version");

	start();
	make_request(&made);
	made.at[77] = 0xff; /* size of the application context's item */
	made.at[76] = 0xff;
	send(0);
	violated("dicom.associate_item");

	associate();
	put_command(&made, 0x0030, 1, 0, ECHO, NULL);
	made.at[9]++; /* one more than the PDU has */
	send(0);
	violated("dicom.pdv_length");

	associate();
	put_command(&made, 0x0030, 1, 0, ECHO, NULL);
	made.at[10] = 2;
	send(0);
	violated("dicom.context_id");

	associate();
	put_command(&made, 0x0031, 1, 0, ECHO, NULL);
	send(0);
	violated("dicom.command_field");

	associate();
	put_command(&made, 0x0030, 1, 0, ECHO, NULL);
	made.at[12] = 8; /* a group of data */
	send(0);
	violated("dicom.command_set");

	start();
	put_fixed(&made, DICOM_RELEASE, 0, 0, 0);
	send(0);
	violated("dicom.unexpected_pdu");
}

static void
more_that_wait_than_the_cap_are_counted(void **state)
{
	uint64_t before = lane->counters.dropped;

	(void)state;
	associate();
	for (unsigned i = 0; i <= DICOM_WAITING_MAX; i++)
		put_command(&made, 0x0030, i, 0, ECHO, NULL);
	send(0);
	release();
	assert_int_equal(lane->counters.dropped, before + 1);
	assert_says(play.line[1], "\"dicom.requests.unanswered\":\"truncated\"");
}

static void
more_sop_classes_than_the_cap_are_left_out_and_said(void **state)
{
	uint64_t before = lane->counters.cut;
	char uid[32];

	(void)state;
	associate();
	for (unsigned i = 0; i <= DICOM_SOPS_MAX; i++) {
		snprintf(uid, sizeof(uid), "1.2.%u", i + 10);
		put_command(&made, 0x0001, 1, 0, uid, uid);
	}
	for (unsigned i = 0; i <= DICOM_FAILURES_MAX; i++)
		put_command(&made, 0x8001, 1, 0xa700 + i, CT, NULL);
	send(0);
	release();
	assert_int_equal(lane->counters.cut, before + 1);
	assert_says(play.line[1], "\"truncated\":true");
	assert_says(play.line[1], "\"1.2.25\"");
	assert_does_not_say(play.line[1], "\"1.2.26\"");
	assert_does_not_say(play.line[1], "\"A710\"");
}

static void
a_request_longer_than_the_cap_is_cut_and_said(void **state)
{
	uint64_t before = lane->counters.cut;
	char uid[80];

	(void)state;
	start();
	made.size = 0;
	size_t at = open_associate(&made, 1);
	for (unsigned i = 0; made.size < DICOM_ASSOCIATE_MAX; i++) {
		snprintf(uid, sizeof(uid), "1.2.840.1.%050u", i);
		put_context(&made, i * 2 + 1, 0, uid, uid);
	}
	put_user(&made, "1.2.3", "X", 1, 0, NULL);
	close_u32(&made, at);
	send(0);
	make_accept(&made);
	send(1);
	stop();
	assert_int_equal(lane->counters.cut, before + 1);
	assert_says(play.line[0], "\"contexts_offered\":128");
	assert_says(play.line[0], "\"dicom.client\":\"truncated\"");
	assert_says(play.line[0], "\"truncated\":true");
}

static void
what_is_no_uid_is_left_out(void **state)
{
	(void)state;
	start();
	made.size = 0;
	size_t at = open_associate(&made, 1);
	put_context(&made, 1, 0, "1.2.MARKER", LITTLE);
	put_context(&made, 3, 0, ECHO, "");
	close_u32(&made, at);
	send(0);
	stop();
	assert_says(play.line[0], "\"abstract_syntaxes\":[\"" ECHO "\"]");
	assert_says(play.line[0], "\"max_length\":null");
	assert_says(play.line[0], "\"truncated\":true");
}

static void
a_command_longer_than_the_cap_is_passed_over_and_said(void **state)
{
	static char long_uid[DICOM_COMMAND_MAX + 1];
	uint64_t before = lane->counters.cut;

	(void)state;
	memset(long_uid, '1', sizeof(long_uid) - 1);
	associate();
	put_command(&made, 0x0030, 1, 0, long_uid, NULL);
	put_command(&made, 0x0030, 2, 0, ECHO, NULL);
	send(0);
	release();
	assert_int_equal(lane->counters.cut, before + 1);
	assert_says(play.line[1], "\"c_echo\":1");
	assert_says(play.line[1], "\"dicom.requests.unanswered\":\"truncated\"");
}

static void
without_memory_nothing_is_made_up(void **state)
{
	(void)state;
	lane->budget.most = 0;
	associate();
	put_command(&made, 0x0030, 2, 0, ECHO, NULL);
	send(0);
	release();
	lane->budget.most = DICOM_HELD_MAX;
	assert_int_equal(play.count, 2);
	assert_says(play.line[0],
		    "\"dicom.request\":\"truncated\",\"dicom.answer\":\"truncated\"");
	assert_says(play.line[1], "\"dicom.requests.unanswered\":\"truncated\"");
}

static void
every_prefix_and_every_damage_is_survived(void **state)
{
	static struct made up, down;

	(void)state;
	make_request(&up);
	put_command(&up, 0x0021, 1, 0, STUDY_MOVE, "ELSEWHERE ");
	put_data(&up, "MARKER", 6);
	put_fixed(&up, DICOM_RELEASE, 0, 0, 0);
	make_accept(&down);
	put_command(&down, 0x8021, 1, 0, STUDY_MOVE, NULL);
	for (size_t size = 0; size <= up.size; size++) {
		start();
		play_bytes(&play, 0, up.at, size);
		stop();
		assert_int_equal(play.result, DISSECT_MORE);
		assert_true(play.count <= 2);
	}
	for (size_t at = 0; at < up.size; at++) {
		uint8_t was = up.at[at];
		for (int byte = 0; byte < 256; byte++) {
			up.at[at] = (uint8_t)byte;
			start();
			play_bytes(&play, 0, up.at, up.size);
			play_bytes(&play, 1, down.at, down.size);
			play_end(&play);
			assert_true(play.count <= 2);
		}
		up.at[at] = was;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_known_by_its_first_pdu),
		cmocka_unit_test(an_association_is_told_as_asked_and_answered),
		cmocka_unit_test(commands_are_counted_and_their_statuses_told),
		cmocka_unit_test(a_command_may_lie_in_several_fragments),
		cmocka_unit_test(every_cut_into_pieces_tells_the_same),
		cmocka_unit_test(a_refusal_says_why),
		cmocka_unit_test(an_abort_says_who_and_why),
		cmocka_unit_test(what_just_stops_is_closed_or_unanswered),
		cmocka_unit_test(one_direction_tells_what_it_can),
		cmocka_unit_test(the_middle_of_an_association_is_told_too),
		cmocka_unit_test(a_gap_inside_an_image_loses_nothing),
		cmocka_unit_test(any_other_gap_is_said),
		cmocka_unit_test(the_first_violation_ends_it),
		cmocka_unit_test(more_that_wait_than_the_cap_are_counted),
		cmocka_unit_test(more_sop_classes_than_the_cap_are_left_out_and_said),
		cmocka_unit_test(a_request_longer_than_the_cap_is_cut_and_said),
		cmocka_unit_test(what_is_no_uid_is_left_out),
		cmocka_unit_test(a_command_longer_than_the_cap_is_passed_over_and_said),
		cmocka_unit_test(without_memory_nothing_is_made_up),
		cmocka_unit_test(every_prefix_and_every_damage_is_survived),
	};

	return cmocka_run_group_tests(tests, make_lane, free_lane);
}
