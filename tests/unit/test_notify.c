/* SPDX-License-Identifier: Apache-2.0 */
/* test_notify: token buckets lose nothing, addresses of receivers, the signature's
 * HMAC, a state that survives. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "common/instant.h"
#include "correlator/notify/output.h"
#include "correlator/notify/state.h"
#include "correlator/notify/target.h"

static const struct notify_settings settings = { .burst = 3,
						 .refill = 10 * INSTANT_SECOND };

static struct notice
notice_of(const char *rule, const char *participant, uint64_t seq)
{
	return (struct notice){
		.row = { .rule = rule, .client = { .id = participant }, .seq = seq }
	};
}

static void
a_burst_is_told_and_the_rest_is_summed(void **state)
{
	static struct buckets buckets;
	struct notice one = notice_of("R1", "hospital-a", 1);
	int sent = 0;

	(void)state;
	buckets.count = 0;
	for (uint64_t i = 1; i <= 10; i++) {
		one.row.seq = i;
		sent += buckets_ask(&buckets, &settings, &one, 0) == BUCKET_SEND;
	}
	assert_int_equal(sent, 3);
	struct notice other = notice_of("R1", "hospital-b", 11);
	assert_int_equal(buckets_ask(&buckets, &settings, &other, 0), BUCKET_SEND);
	assert_null(buckets_due(&buckets, &settings, 9 * INSTANT_SECOND));
	struct bucket *due = buckets_due(&buckets, &settings, 10 * INSTANT_SECOND);
	assert_non_null(due);
	assert_int_equal(due->held, 7);
	assert_int_equal(due->seq, 10);
	bucket_told(due, &settings);
	assert_null(buckets_due(&buckets, &settings, 10 * INSTANT_SECOND));
	assert_int_equal(buckets_ask(&buckets, &settings, &one, 10 * INSTANT_SECOND),
			 BUCKET_HELD);
	assert_int_equal(buckets_ask(&buckets, &settings, &other, 10 * INSTANT_SECOND),
			 BUCKET_SEND);
}

static void
a_full_table_gives_its_oldest_summary_at_once(void **state)
{
	static struct buckets buckets;
	const struct notify_settings tight = { .burst = 1, .refill = INSTANT_DAY };
	char name[24];

	(void)state;
	buckets.count = 0;
	for (uint64_t i = 0; i < BUCKETS_MAX; i++) {
		snprintf(name, sizeof(name), "p%llu", (unsigned long long)i);
		struct notice one = notice_of("R1", name, 2 * i + 1);
		assert_int_equal(buckets_ask(&buckets, &tight, &one, 0), BUCKET_SEND);
		one.row.seq++;
		assert_int_equal(buckets_ask(&buckets, &tight, &one, 0), BUCKET_HELD);
	}
	struct notice more = notice_of("R1", "one too many", 1000);
	assert_int_equal(buckets_ask(&buckets, &tight, &more, 0), BUCKET_FULL);
	struct bucket *due = buckets_due(&buckets, &tight, 0);
	assert_non_null(due);
	assert_string_equal(due->participant, "p0");
	bucket_told(due, &tight);
	assert_int_equal(buckets_ask(&buckets, &tight, &more, 0), BUCKET_SEND);
}

static void
receivers_are_named_in_three_ways(void **state)
{
	static const struct {
		const char *text, *host, *port;
	} good[] = { { "siem.example.jp:6514", "siem.example.jp", "6514" },
		     { "192.0.2.1:514", "192.0.2.1", "514" },
		     { "[2001:db8::1]:6514", "2001:db8::1", "6514" } };
	static const char *const bad[] = { "",        "host",      "host:",    "host:0",
					   "h:65536", "[::1]6514", "[::1:514", "a b:1",
					   ":514",    "h:1x" };
	struct target target;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(target_parse(good[i].text, &target, &err), 0);
		assert_string_equal(target.host, good[i].host);
		assert_string_equal(target.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(target_parse(bad[i], &target, &err), -1);
	assert_int_equal(target_parse_url("https://h/a?b=c", &target, &err), 0);
	assert_true(target.is_tls);
	assert_string_equal(target.port, "443");
	assert_string_equal(target.path, "/a?b=c");
	assert_int_equal(target_parse_url("http://[::1]:80", &target, &err), 0);
	assert_string_equal(target.path, "/");
	assert_int_equal(target_parse_url("http://h/a\r\nX: y", &target, &err), -1);
	assert_int_equal(target_parse_url("ftp://h/", &target, &err), -1);
}

/* RFC 4231, test cases 1, 2 and 6. */
static void
the_signature_is_hmac_sha_256(void **state)
{
	char key[131], text[DIGEST_TEXT_SIZE];

	(void)state;
	memset(key, 0x0b, 20);
	struct digest digest = digest_hmac(key, 20, "Hi There", 8);
	digest_to_text(&digest, text);
	assert_string_equal(
		text,
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	digest = digest_hmac("Jefe", 4, "what do ya want for nothing?", 28);
	digest_to_text(&digest, text);
	assert_string_equal(
		text,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	const char *data = "Test Using Larger Than Block-Size Key - Hash Key First";
	digest = digest_hmac(key, sizeof(key), data, strlen(data));
	digest_to_text(&digest, text);
	assert_string_equal(
		text,
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void
a_state_is_read_as_it_was_written(void **state)
{
	static struct notify_state written, read;
	char directory[] = "/tmp/sekisho-notify-XXXXXX", command[128];
	struct notice one = notice_of("R1", "hospital-a", 5);
	struct error err;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(notify_state_read(&read, directory, "syslog", &err), 0);
	written = (struct notify_state){ .position = 5, .delivered = 4, .failures = 2 };
	snprintf(written.error, sizeof(written.error), "no \"answer\"");
	for (int i = 0; i < 5; i++)
		buckets_ask(&written.buckets, &settings, &one, 7);
	assert_int_equal(notify_state_write(&written, directory, "syslog", &err), 0);
	assert_int_equal(notify_state_read(&read, directory, "syslog", &err), 1);
	assert_memory_equal(&read, &written, sizeof(read));
	snprintf(command, sizeof(command), "rm -r %s", directory);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_is_told_and_the_rest_is_summed),
		cmocka_unit_test(a_full_table_gives_its_oldest_summary_at_once),
		cmocka_unit_test(receivers_are_named_in_three_ways),
		cmocka_unit_test(the_signature_is_hmac_sha_256),
		cmocka_unit_test(a_state_is_read_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
