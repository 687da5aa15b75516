/* SPDX-License-Identifier: Apache-2.0 */
/* test_capture: files of both forms and resolutions are read, and what cannot be is
 * said in words. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sensor/capture.h"

struct seen {
	uint64_t packets, wire;
	struct instant at;
	size_t captured;
};

static void
on_packet(void *ctx, const struct packet *packet)
{
	struct seen *seen = ctx;

	assert_int_equal(packet->number, ++seen->packets);
	seen->wire += packet->wire_size;
	seen->captured += packet->frame.left;
	seen->at = packet->seen;
}

/* A file of 'count' packets of 4 bytes, 60 on the wire, at 1.5 s. */
static size_t
make_pcap(uint8_t *out, uint32_t magic, uint32_t link, int count)
{
	uint32_t word[6] = { magic, 2 | 4 << 16, 0, 0, 65535, link };
	uint32_t fraction = magic == 0xa1b2c3d4 ? 500000 : 500000000;
	size_t size = sizeof(word);

	memcpy(out, word, sizeof(word));
	for (int i = 0; i < count; i++) {
		uint32_t header[5] = { 1, fraction, 4, 60, 0x64636261 };
		memcpy(out + size, header, sizeof(header));
		size += sizeof(header);
	}
	return size;
}

static void
write_file(char path[32], const void *data, size_t size)
{
	strcpy(path, "/tmp/sekisho.XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static int
read_all(const struct capture_config *config, struct seen *seen, struct error *err)
{
	struct capture *capture = capture_open(config, err);
	int count = -1;

	if (capture == NULL)
		return -2;
	while ((count = capture_read(capture, 2, on_packet, seen, err)) > 0)
		assert_false(capture_is_over(capture));
	assert_int_equal(capture_is_over(capture), count == 0);
	struct capture_losses losses;
	assert_false(capture_losses(capture, &losses));
	assert_int_equal(capture_descriptor(capture), -1);
	uint64_t done = 0, total = 1;
	if (count == 0 && strcmp(config->file, "-") != 0) {
		assert_true(capture_progress(capture, &done, &total));
		assert_int_equal(done, total);
	}
	capture_close(capture);
	return count;
}

static void
both_resolutions_are_read(void **state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d };
	(void)state;

	for (int i = 0; i < 2; i++) {
		uint8_t data[256];
		char path[32];
		struct error err;
		struct seen seen = { 0 };
		write_file(path, data, make_pcap(data, magics[i], 1, 5));
		struct capture_config config = { .file = path };
		assert_int_equal(read_all(&config, &seen, &err), 0);
		unlink(path);
		assert_int_equal(seen.packets, 5);
		assert_int_equal(seen.wire, 300);
		assert_int_equal(seen.captured, 20);
		assert_int_equal(seen.at.usec, 1500000);
	}
}

/* One section, one interface in nanoseconds, one packet at 1.5 s. */
static void
pcapng_is_read(void **state)
{
	static const uint32_t blocks[] = {
		0x0a0d0d0a, 28, 0x1a2b3c4d, 1,     0xffffffff,
		0xffffffff, 28, /* section */
		1,          32, 1,          65535, 1 << 16 | 9,
		9,          0,  32, /* interface, if_tsresol 9 */
		6,          36, 0,          0,     1500000000,
		4,          60, 0x64636261, 36, /* packet */
	};
	char path[32];
	struct error err;
	struct seen seen = { 0 };
	(void)state;

	write_file(path, blocks, sizeof(blocks));
	struct capture_config config = { .file = path };
	assert_int_equal(read_all(&config, &seen, &err), 0);
	unlink(path);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.at.usec, 1500000);
}

/* Two interfaces with clocks of their own, in micro- and in nanoseconds. */
static void
pcapng_of_several_interfaces_is_read(void **state)
{
	static const uint32_t blocks[] = {
		0x0a0d0d0a, 28, 0x1a2b3c4d, 1,     0xffffffff,
		0xffffffff, 28, /* section */
		1,          20, 1,          65535, 20, /* interface 0 */
		1,          32, 1,          65535, 1 << 16 | 9,
		9,          0,  32, /* interface 1, if_tsresol 9 */
		6,          36, 1,          0,     1500000000,
		4,          60, 0x64636261, 36, /* packet of 1 */
		6,          36, 0,          0,     2500000,
		4,          60, 0x64636261, 36, /* packet of 0 */
	};
	char path[32];
	struct error err;
	struct seen seen = { 0 };
	(void)state;

	write_file(path, blocks, sizeof(blocks));
	struct capture_config config = { .file = path };
	assert_int_equal(read_all(&config, &seen, &err), 0);
	unlink(path);
	assert_int_equal(seen.packets, 2);
	assert_int_equal(seen.at.usec, 2500000);
}

static void
a_filter_leaves_packets_out_or_says_what_is_wrong(void **state)
{
	uint8_t data[256];
	char path[32];
	struct error err;
	struct seen seen = { 0 };
	(void)state;

	write_file(path, data, make_pcap(data, 0xa1b2c3d4, 1, 5));
	struct capture_config config = { .file = path, .filter = "tcp port 443" };
	assert_int_equal(read_all(&config, &seen, &err), 0);
	assert_int_equal(seen.packets, 0);
	config.filter = "tcp prot 443";
	assert_int_equal(read_all(&config, &seen, &err), -2);
	assert_non_null(strstr(err.text, "filter \"tcp prot 443\""));
	assert_non_null(strstr(err.text, "expected a BPF expression"));
	unlink(path);
}

static void
every_truncation_ends_in_an_error_or_at_a_packet(void **state)
{
	uint8_t data[256];
	size_t size = make_pcap(data, 0xa1b2c3d4, 1, 5);
	(void)state;

	for (size_t cut = 0; cut < size; cut++) {
		char path[32];
		struct error err = { "" };
		struct seen seen = { 0 };
		write_file(path, data, cut);
		struct capture_config config = { .file = path };
		int result = read_all(&config, &seen, &err);
		unlink(path);
		assert_int_equal(result, cut < 24 ? -2 : (cut - 24) % 20 == 0 ? 0 : -1);
		assert_int_equal(err.text[0] != '\0', result != 0);
		if (cut >= 24)
			assert_int_equal(seen.packets, (cut - 24) / 20);
	}
}

static void
what_cannot_be_captured_is_said(void **state)
{
	static const struct {
		struct capture_config config;
		const char *says;
	} rows[] = {
		{ { .file = "/nonexistent/x.pcap" }, "/nonexistent/x.pcap" },
		{ { .file = "/dev/null" }, "cannot read capture /dev/null" },
		{ { .interface = "nosuchinterface0" },
		  "cannot open interface nosuchinterface0" },
		{ { 0 }, "either an interface or a file" },
		{ { .interface = "lo", .file = "x" }, "either an interface or a file" },
	};
	uint8_t data[256];
	char path[32];
	struct error err;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(capture_open(&rows[i].config, &err));
		assert_non_null(strstr(err.text, rows[i].says));
	}
	write_file(path, data, make_pcap(data, 0xa1b2c3d4, 105, 1)); /* 802.11 */
	struct capture_config config = { .file = path };
	assert_null(capture_open(&config, &err));
	assert_non_null(strstr(err.text, "link type IEEE802_11"));
	unlink(path);
}

static void
standard_input_is_a_file_too(void **state)
{
	uint8_t data[256];
	int ends[2], kept = dup(0);
	struct error err;
	struct seen seen = { 0 };
	struct capture_config config = { .file = "-" };
	size_t size = make_pcap(data, 0xa1b2c3d4, 1, 3);
	(void)state;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], data, size), size);
	close(ends[1]);
	dup2(ends[0], 0);
	close(ends[0]);
	assert_int_equal(read_all(&config, &seen, &err), 0);
	assert_int_equal(seen.packets, 3);
	dup2(kept, 0);
	close(kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_resolutions_are_read),
		cmocka_unit_test(pcapng_is_read),
		cmocka_unit_test(pcapng_of_several_interfaces_is_read),
		cmocka_unit_test(a_filter_leaves_packets_out_or_says_what_is_wrong),
		cmocka_unit_test(every_truncation_ends_in_an_error_or_at_a_packet),
		cmocka_unit_test(what_cannot_be_captured_is_said),
		cmocka_unit_test(standard_input_is_a_file_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
