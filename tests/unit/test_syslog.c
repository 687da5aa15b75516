/* SPDX-License-Identifier: Apache-2.0 */
/* test_syslog: messages in each form and framing, and audit messages whole, cut and
 * broken. */
#include "tests/unit/dissect_trial.h"

extern const struct dissector dissector_syslog_udp, dissector_syslog_tcp;

static void *lane;
static struct play play;

#define DICOM_AUDIT                                                                    \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><AuditMessage>"                     \
	"<EventIdentification EventActionCode=\"E\" EventDateTime="                    \
	"\"2026-11-20T09:00:00.000Z\" EventOutcomeIndicator=\"0\">"                    \
	"<EventID csd-code=\"110112\" codeSystemName=\"DCM\" originalText=\"Query\"/>" \
	"<EventTypeCode csd-code=\"ITI-38\" codeSystemName=\"IHE Transactions\"/>"     \
	"<PurposeOfUse csd-code=\"TREATMENT\"/></EventIdentification>"                 \
	"<ActiveParticipant UserID=\"MARKER-DR\" UserName=\"MARKER\" "                 \
	"UserIsRequestor=\"true\" NetworkAccessPointTypeCode=\"2\" "                   \
	"NetworkAccessPointID=\"10.1.0.5\"><RoleIDCode csd-code=\"110153\"/>"          \
	"</ActiveParticipant>"                                                         \
	"<ActiveParticipant UserID=\"https://b/xca\" UserIsRequestor=\"false\" "       \
	"NetworkAccessPointTypeCode=\"3\" NetworkAccessPointID=\"MARKER-TEL\">"        \
	"<RoleIDCode csd-code=\"110152\"/></ActiveParticipant>"                        \
	"<AuditSourceIdentification AuditSourceID=\"gw-a\" "                           \
	"AuditEnterpriseSiteID=\"1.2.3\"/>"                                            \
	"<ParticipantObjectIdentification ParticipantObjectTypeCode=\"1\" "            \
	"ParticipantObjectTypeCodeRole=\"1\" "                                         \
	"ParticipantObjectID=\"MARKER-P^^^&amp;1.2.392.1&amp;ISO\">"                   \
	"<ParticipantObjectIDTypeCode csd-code=\"2\"/>"                                \
	"</ParticipantObjectIdentification>"                                           \
	"<ParticipantObjectIdentification ParticipantObjectTypeCode=\"2\" "            \
	"ParticipantObjectTypeCodeRole=\"24\" "                                        \
	"ParticipantObjectID=\"urn:uuid:14d4debf\">"                                   \
	"<ParticipantObjectQuery>TUFSS0VS</ParticipantObjectQuery>"                    \
	"<ParticipantObjectDetail type=\"Repository Unique Id\" "                      \
	"value=\"MS4yLjMuNA==\"/>"                                                     \
	"<ParticipantObjectDetail type=\"ihe:homeCommunityID\" "                       \
	"value=\"dXJuOm9pZDoxLjI=\"/>"                                                 \
	"</ParticipantObjectIdentification>"                                           \
	"<ParticipantObjectIdentification ParticipantObjectTypeCode=\"2\" "            \
	"ParticipantObjectTypeCodeRole=\"3\" ParticipantObjectID=\"MARKER-DOC\"/>"     \
	"</AuditMessage>"

#define RFC3881_AUDIT                                               \
	"<AuditMessage><EventIdentification EventActionCode=\"R\" " \
	"EventOutcomeIndicator=\"8\"><EventID code=\"110106\" "     \
	"codeSystemName=\"DCM\"/></EventIdentification></AuditMessage>"

static const char audit_5424[] = "<85>1 2026-11-20T09:00:01Z gw-a xca 4711 "
				 "IHE+RFC-3881 - \xef\xbb\xbf" DICOM_AUDIT;
static const char audit_3164[] = "<85>Nov 20 09:00:01 gw-a atna: " RFC3881_AUDIT;

static void
datagram(const char *text, bool is_snapped)
{
	play_begin(&play, &dissector_syslog_udp, lane);
	if (is_snapped)
		play_gap(&play, 0, 100);
	play_text(&play, 0, text);
	play_end(&play);
}

static void
each_form_is_read(void **state)
{
	(void)state;
	datagram("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 "
		 "[a@1 b=\"c]\\\"\"][d@2] MARKER secret",
		 false);
	assert_int_equal(play.count, 1);
	assert_says(play.line[0],
		    "\"syslog\":{\"facility\":4,\"severity\":2,\"form\":\"rfc5424\","
		    "\"framing\":\"datagram\",\"time\":\"2003-10-11T22:14:15.003Z\","
		    "\"hostname\":\"mymachine.example.com\",\"app_name\":\"su\","
		    "\"msgid\":\"ID47\",\"size\":");
	assert_does_not_say(play.line[0], "MARKER");
	assert_int_equal(play.client, 0);

	datagram("<13>Oct  1 22:14:15 host sshd[123]: MARKER", false);
	assert_says(play.line[0], "\"time\":\"Oct  1 22:14:15\",\"hostname\":\"host\","
				  "\"app_name\":\"sshd\",\"msgid\":null");
	assert_does_not_say(play.line[0], "MARKER");

	datagram("<13>2026-11-20T09:00:01.1+09:00 host app: MARKER", false);
	assert_says(play.line[0], "\"time\":\"2026-11-20T09:00:01.1+09:00\","
				  "\"hostname\":\"host\",\"app_name\":\"app\"");

	datagram("<189>123: MARKER", true);
	assert_says(play.line[0], "\"hostname\":null");
	assert_says(play.line[0], "\"truncated\":true");
}

static void
an_audit_of_dicom_is_told_whole(void **state)
{
	static const char *const says[] = {
		"\"event_type\":\"atna\"",
		"\"msgid\":\"IHE+RFC-3881\"",
		"\"form\":\"dicom\"",
		"\"event_id\":\"110112\"",
		"\"event_system\":\"DCM\"",
		"\"event_types\":[\"ITI-38\"]",
		"\"action\":\"E\"",
		"\"outcome\":0",
		"\"time\":\"2026-11-20T09:00:00.000Z\"",
		"\"purposes\":[\"TREATMENT\"]",
		"\"participants\":2",
		"\"roles\":[\"110153\",\"110152\"]",
		"\"networks\":[\"10.1.0.5\"]",
		"\"network\":\"10.1.0.5\"",
		"\"audit_source\":\"gw-a\"",
		"\"site\":\"1.2.3\"",
		"\"objects\":3",
		"\"patient_authorities\":[\"1.2.392.1\"]",
		"\"repositories\":[\"1.2.3.4\"]",
		"\"home_communities\":[\"urn:oid:1.2\"]",
		"\"query_id\":\"urn:uuid:14d4debf\"",
		"\"query_size\":8",
		"\"traceparent\":null",
	};

	(void)state;
	datagram(audit_5424, false);
	assert_int_equal(play.count, 1);
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		assert_says(play.line[0], says[i]);
	assert_does_not_say(play.line[0], "MARKER");
	assert_does_not_say(play.line[0], "truncated");
}

static void
an_audit_of_rfc_3881_is_told_in_bsd_form(void **state)
{
	(void)state;
	datagram(audit_3164, false);
	assert_says(play.line[0], "\"form\":\"rfc3881\",\"event_id\":\"110106\"");
	assert_says(play.line[0], "\"outcome\":8");
	assert_says(play.line[0], "\"roles\":null");
	assert_says(play.line[0], "\"app_name\":\"atna\"");
}

/* A sender's 480 bytes end where they end: what was read is told, the rest is unknown,
 * not absent. */
static void
a_cut_audit_is_kept_as_cut(void **state)
{
	char cut[481];

	(void)state;
	memcpy(cut, audit_5424, sizeof(cut) - 1);
	cut[480] = '\0';
	datagram(cut, false);
	assert_says(play.line[0], "\"event_id\":\"110112\"");
	assert_does_not_say(play.line[0], "\"patients\"");
	assert_says(play.line[0], "\"truncated\":true");
	assert_says(play.line[0], "\"unobservable\":{\"atna\":\"truncated\"}");

	datagram("<85>1 - - - - IHE+DICOM - no XML at all", false);
	assert_says(play.line[0], "\"event_type\":\"atna\"");
	assert_says(play.line[0], "\"unobservable\":{\"atna\":\"truncated\"}");
}

static void
a_stream_may_change_its_framing(void **state)
{
	char text[8192];
	int size = 0;

	(void)state;
	size += sprintf(text + size, "%zu %s", strlen(audit_5424), audit_5424);
	size += sprintf(text + size, "<13>Oct 11 22:14:15 host app: a\r\n");
	size += sprintf(text + size, "%zu %s", strlen(audit_3164), audit_3164);
	size += sprintf(text + size, "<14>Oct 11 22:14:15 host app: last, without end");
	play_begin(&play, &dissector_syslog_tcp, lane);
	play_text(&play, 1, text);
	play_text(&play, 0, "what the server says is not read");
	play_end(&play);
	assert_int_equal(play.count, 4);
	assert_int_equal(play.client, 1);
	assert_says(play.line[0], "\"framing\":\"octet_counting\"");
	assert_says(play.line[0], "\"event_id\":\"110112\"");
	assert_says(play.line[1], "\"framing\":\"newline\"");
	assert_says(play.line[2], "\"event_id\":\"110106\"");
	assert_says(play.line[3], "\"severity\":6");
	assert_does_not_say(play.line[3], "truncated");
}

static void
after_a_gap_it_finds_the_next_message(void **state)
{
	(void)state;
	play_begin(&play, &dissector_syslog_tcp, lane);
	play_text(&play, 0, "900 <85>1 - a b - IHE+RFC-3881 - <AuditMessage>");
	play_gap(&play, 0, 500);
	play_text(&play, 0,
		  "lost end</AuditMessage>\n<13>Oct 11 22:14:15 host app: b\n");
	play_gap(&play, 0, 500);
	play_text(&play, 0, "<13>Oct 11 22:14:15 host app: c\n");
	play_end(&play);
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(play.count, 3);
	assert_says(play.line[0], "\"unobservable\":{\"atna\":\"loss\"}");
	assert_says(play.line[1], "\"event_type\":\"syslog\"");
}

static void
long_messages_are_cut_and_strange_ones_end_it(void **state)
{
	static char big[200 << 10];
	struct dissect_counters before = dissector_syslog_tcp.counters(lane);

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	memcpy(big, "204000 <13>a b", 14);
	play_begin(&play, &dissector_syslog_tcp, lane);
	play_bytes(&play, 0, big, 204007);
	play_text(&play, 0, "14 <13>Oct 1 a: b");
	play_end(&play);
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"size\":204000");
	assert_says(play.line[0], "\"truncated\":true");
	assert_int_equal(dissector_syslog_tcp.counters(lane).cut, before.cut + 1);

	play_begin(&play, &dissector_syslog_tcp, lane);
	for (int i = 0; i < 100; i++)
		play_text(&play, 0, "no priority\n");
	play_end(&play);
	assert_string_equal(play.violation, "syslog.no_priority");

	play_begin(&play, &dissector_syslog_tcp, lane);
	play_text(&play, 0, "9x <13>");
	play_end(&play);
	assert_string_equal(play.violation, "syslog.bad_length");
}

static void
what_is_no_syslog_is_not_taken_for_it(void **state)
{
	static const char *const others[] = {
		"<?xml version='1.0'?>",
		"<html>",
		"<192>a",
		"<013>a",
		"<>a",
		"<1>\x01",
		"220 mail ESMTP\r\n",
		"GET / HTTP/1.1\r\n",
		"12 34",
		"0 <13>a",
		"<1><b>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct bytes other = bytes_over(others[i], strlen(others[i]));
		if (dissector_syslog_udp.recognise(other, 0) != RECOGNISED_NO ||
		    dissector_syslog_tcp.recognise(other, 0) != RECOGNISED_NO)
			fail_msg("%s", others[i]);
	}
}

static void
it_survives_whatever_comes(void **state)
{
	(void)state;
	trial_all(&dissector_syslog_tcp, "tests/fuzz/corpus/syslog/counted", "syslog");
	trial_all(&dissector_syslog_tcp, "tests/fuzz/corpus/syslog/bsd", "syslog");
	trial_all(&dissector_syslog_udp, "tests/fuzz/corpus/syslog/datagram", "syslog");
}

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_syslog_tcp.shared_new();
	return lane == NULL;
}

static int
drop_lane(void **state)
{
	(void)state;
	dissector_syslog_tcp.shared_free(lane);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read),
		cmocka_unit_test(an_audit_of_dicom_is_told_whole),
		cmocka_unit_test(an_audit_of_rfc_3881_is_told_in_bsd_form),
		cmocka_unit_test(a_cut_audit_is_kept_as_cut),
		cmocka_unit_test(a_stream_may_change_its_framing),
		cmocka_unit_test(after_a_gap_it_finds_the_next_message),
		cmocka_unit_test(long_messages_are_cut_and_strange_ones_end_it),
		cmocka_unit_test(what_is_no_syslog_is_not_taken_for_it),
		cmocka_unit_test(it_survives_whatever_comes),
	};

	return cmocka_run_group_tests(tests, make_lane, drop_lane);
}
