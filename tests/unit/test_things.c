/* SPDX-License-Identifier: Apache-2.0 */
/* test_mail: SMTP, FTP, POP3 and IMAP in the clear: what is told of whole
 * conversations, damaged ones, halves; no name, file or password is. */
#include "tests/unit/dissect_trial.h"

extern const struct dissector dissector_mqtt, dissector_modbus;

enum { SAYS = 14 };

/* clang-format off */
static const struct conversation {
	const struct dissector *dissector;
	const char *folder, *path;
	unsigned records;
	struct { unsigned record; const char *says; } wanted[SAYS];
} conversations[] = {
	{ &dissector_mqtt, "mqtt", "tests/fuzz/corpus/mqtt/session", 2, {
		{ 0, "\"protocol_string\":\"MQTT\",\"protocol_version\":4,\"flags\":{\"username\":true,\"password\":true,\"will\":true,\"clean_session\":true}" },
		{ 0, "\"return_code\":0" }, { 0, "\"kind\":\"connect\"" }, { 0, "\"is_final\":false" },
		{ 1, "\"kind\":\"end\",\"publish_to_server\":1,\"publish_to_client\":2,\"subscribe\":1" }, { 1, "\"is_final\":true" } } },
	{ &dissector_mqtt, "mqtt", "tests/fuzz/corpus/mqtt/five", 2, {
		{ 0, "\"protocol_version\":5,\"flags\":{\"username\":false,\"password\":false,\"will\":false,\"clean_session\":true}" },
		{ 0, "\"return_code\":135" } } },
	{ &dissector_modbus, "modbus", "tests/fuzz/corpus/modbus/session", 5, {
		{ 0, "\"request\":{\"transaction_id\":1,\"unit_id\":5,\"function_raw\":3,\"function_code\":\"RdHoldRegs\",\"access_type\":\"READ\"}" }, { 0, "\"is_answered\":true,\"latency_usec\":0" },
		{ 1, "\"function_code\":\"WrSingleReg\",\"access_type\":\"WRITE\"" }, { 1, "\"exception\":{\"raw\":2}" },
		{ 2, "\"function_code\":\"WrMultCoils\"" }, { 2, "\"transaction_id\":5" },
		{ 3, "\"function_code\":\"MEI\"" }, { 3, "\"is_answered\":false" },
		{ 4, "\"requests\":5,\"responses\":4,\"exceptions\":1,\"writes\":2" } } },
};
/* clang-format on */

enum { CONVERSATIONS = sizeof(conversations) / sizeof(conversations[0]) };

static void
each_conversation_is_told(void **state)
{
	static struct trial trial;

	(void)state;
	for (size_t i = 0; i < CONVERSATIONS; i++) {
		const struct conversation *c = &conversations[i];
		trial_load(&trial, c->dissector, c->path);
		trial_whole(&trial);
		if (trial.play.count != c->records)
			fail_msg("%s: %u records", c->path, trial.play.count);
		for (int j = 0; j < SAYS && c->wanted[j].says; j++)
			assert_says(trial.play.line[c->wanted[j].record],
				    c->wanted[j].says);
		for (unsigned j = 0; j < trial.play.count; j++)
			assert_does_not_say(trial.play.line[j], "MARKER");
		assert_int_equal(trial.play.client, 0);
		trial_free(&trial);
	}
}

static void
each_survives_whatever_comes(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONVERSATIONS; i++)
		trial_all(conversations[i].dissector, conversations[i].path,
			  conversations[i].folder);
}

static void
caps_are_reached_and_counted(void **state)
{
	static struct play play;
	uint8_t request[] = { 0, 1, 0, 0, 0, 6, 0, 3, 0, 0, 0, 1 };
	uint8_t answer[] = { 0, 1, 0, 0, 0, 5, 0, 3, 2, 0, 1 };
	void *lane = dissector_modbus.shared_new();

	(void)state;
	play_begin(&play, &dissector_modbus, lane);
	for (uint8_t unit = 0; unit < 40; unit++) {
		request[6] = answer[6] = unit;
		play_bytes(&play, 0, request, sizeof(request));
		play_bytes(&play, 1, answer, sizeof(answer));
	}
	for (int i = 0; i < 20; i++)
		play_bytes(&play, 0, request, sizeof(request));
	play_end(&play);
	assert_int_equal(play.count, 32 + 1);
	assert_int_equal(dissector_modbus.counters(lane).dropped, 8 + 4 + 16);
	dissector_modbus.shared_free(lane);
}

static void
what_breaks_the_protocol_ends_it(void **state)
{
	static struct play play;
	void *lane = dissector_mqtt.shared_new();

	(void)state;
	play_begin(&play, &dissector_mqtt, lane);
	play_bytes(&play, 0, "\x30\xff\xff\xff\xff\x01", 6);
	play_end(&play);
	assert_string_equal(play.violation, "mqtt.bad_length");
	play_begin(&play, &dissector_mqtt, lane);
	play_bytes(&play, 0, "\x10\x04MQTT", 6);
	play_end(&play);
	assert_string_equal(play.violation, "mqtt.malformed_traffic");
	play_begin(&play, &dissector_modbus, lane);
	play_bytes(&play, 0, "\0\1\0\1\0\6\1\3", 8);
	play_end(&play);
	assert_string_equal(play.violation, "modbus.invalid_length");
	dissector_mqtt.shared_free(lane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_conversation_is_told),
		cmocka_unit_test(each_survives_whatever_comes),
		cmocka_unit_test(what_breaks_the_protocol_ends_it),
		cmocka_unit_test(caps_are_reached_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
