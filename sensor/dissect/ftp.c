/* SPDX-License-Identifier: Apache-2.0 */
/* ftp: commands and their replies in the clear (RFC 959, 2428), ports of data
 * connections, and the turn to TLS (RFC 4217); no file is named. */
#include "sensor/dissect/clear_lines.h"
#include "sensor/dissect/tls_upgrade.h"

enum { TOLD_MAX = 256 /* commands told of a connection */, CODES_MAX = 8 };

static const char *const names[] = {
	NULL,   "greeting", "USER", "PASS", "ACCT", "AUTH", "PBSZ", "PROT", "CCC",
	"PORT", "EPRT",     "PASV", "EPSV", "RETR", "STOR", "STOU", "APPE", "DELE",
	"RNFR", "RNTO",     "LIST", "NLST", "MLSD", "MLST", "CWD",  "CDUP", "MKD",
	"RMD",  "PWD",      "TYPE", "SIZE", "MDTM", "SYST", "FEAT", "OPTS", "SITE",
	"REST", "ABOR",     "QUIT", "NOOP", "HELP", "STAT", "REIN",
};

enum { NAMES = sizeof(names) / sizeof(names[0]), GREETING = 1, OTHER = NAMES };

struct ftp {
	struct clear_lines lines; /* first */
	bool is_begun;
	char user[LINES_NAME_MAX];
	uint16_t user_size;
	uint32_t told;
	uint8_t command;           /* whose replies come */
	uint16_t codes[CODES_MAX]; /* of it so far */
	uint32_t code_count;
	uint16_t multi; /* code of the reply of several lines */
	uint64_t port;  /* of the last PORT or EPRT, 0 = none */
	struct address address;
	bool has_address;
};

static uint64_t
take_number(struct bytes *data)
{
	uint64_t number = 0;

	while (data->left > 0 && (data->at[0] < '0' || data->at[0] > '9'))
		bytes_take(data, 1);
	while (data->left > 0 && data->at[0] >= '0' && data->at[0] <= '9' &&
	       number < 1000000)
		number = number * 10 + (bytes_u8(data) - (uint64_t)'0');
	return number;
}

/* h1,h2,h3,h4,p1,p2 */
static void
take_six(struct ftp *ftp, struct bytes data)
{
	uint8_t byte[6];

	for (int i = 0; i < 6; i++) {
		uint64_t number = take_number(&data);
		if (number > 255 || (data.left == 0 && i < 5))
			return;
		byte[i] = (uint8_t)number;
	}
	ftp->address = address_from_ipv4(byte);
	ftp->has_address = true;
	ftp->port = (uint64_t)byte[4] << 8 | byte[5];
}

/* |1|address|port| and (|||port|) (RFC 2428). */
static void
take_extended(struct ftp *ftp, struct bytes data)
{
	struct bytes field[4] = { 0 };
	int count = 0;

	while (data.left > 0 && data.at[0] != '|')
		bytes_take(&data, 1);
	while (data.left > 0 && count < 4) {
		bytes_take(&data, 1);
		const uint8_t *end = data.left ? memchr(data.at, '|', data.left) : NULL;
		if (end == NULL)
			break;
		field[count++] = bytes_window(&data, (size_t)(end - data.at));
	}
	if (count < 3)
		return;
	struct text text = { (const char *)field[1].at, (uint32_t)field[1].left };
	ftp->has_address = text.size > 0 && address_from_text(text, &ftp->address);
	ftp->port = take_number(&field[2]);
}

static void
tell_codes(const struct ftp *ftp, struct telling *telling)
{
	struct text *items = telling_items(telling, CODES_MAX);

	for (uint32_t i = 0; items && i < ftp->code_count; i++) {
		char digits[3] = { (char)('0' + ftp->codes[i] / 100),
				   (char)('0' + ftp->codes[i] / 10 % 10),
				   (char)('0' + ftp->codes[i] % 10) };
		items[i] = scratch_copy(&telling->scratch, (struct text){ digits, 3 });
	}
	if (items && ftp->code_count > 0)
		record_set_texts(&telling->record, FIELD_FTP_CODES, items,
				 ftp->code_count);
	else
		record_set_null(&telling->record, FIELD_FTP_CODES);
}

static bool
is_named(uint8_t command, const char *name)
{
	return command < NAMES && names[command] && strcmp(names[command], name) == 0;
}

static void
tell_port(const struct ftp *ftp, struct telling *telling, uint8_t command)
{
	bool is_passive = is_named(command, "PASV") || is_named(command, "EPSV");

	if (ftp->port == 0 ||
	    (!is_passive && !is_named(command, "PORT") && !is_named(command, "EPRT")))
		return;
	record_set_number(&telling->record, FIELD_FTP_PORT, ftp->port);
	telling_name(telling, FIELD_FTP_MODE, is_passive ? "passive" : "active");
	if (ftp->has_address)
		record_set_address(&telling->record, FIELD_SFTP_ADDRESS, &ftp->address);
}

static void
tell(struct ftp *ftp, uint8_t command)
{
	enum { AGREED = 234 };
	struct telling *telling = clear_lines_telling(&ftp->lines);
	struct record *record = &telling->record;

	if (ftp->told++ >= TOLD_MAX) {
		ftp->lines.lane->lane.counters.dropped++;
		return;
	}
	telling_begin(telling, EVENT_FTP);
	if (command > GREETING && command < NAMES)
		telling_name(telling, FIELD_FTP_COMMAND, names[command]);
	else if (command == OTHER)
		telling_name(telling, FIELD_FTP_COMMAND, "other");
	else
		record_set_null(record, FIELD_FTP_COMMAND);
	tell_codes(ftp, telling);
	telling_name(telling, FIELD_FTP_REPLIED, ftp->code_count ? "yes" : "no");
	if (ftp->user_size > 0)
		telling_text(telling, FIELD_SFTP_USER,
			     bytes_over(ftp->user, ftp->user_size), LINES_NAME_MAX);
	tell_port(ftp, telling, command);
	if (is_named(command, "AUTH"))
		record_set_flag(record, FIELD_SFTP_TLS,
				ftp->code_count && ftp->codes[0] == AGREED);
	telling_emit(telling, ftp->lines.out, ftp->lines.at, true);
}

static void
on_client(struct ftp *ftp, struct bytes line)
{
	struct bytes word = clear_lines_word(&line);
	uint8_t command = OTHER;

	if (word.left == 0)
		return;
	for (uint8_t i = GREETING + 1; i < NAMES; i++)
		if (clear_lines_is(word, names[i]))
			command = i;
	clear_lines_ask(&ftp->lines, command);
	if (is_named(command, "USER")) {
		struct bytes user = clear_lines_word(&line);
		ftp->user_size =
			(uint16_t)(user.left < LINES_NAME_MAX ? user.left
							      : LINES_NAME_MAX);
		if (ftp->user_size > 0)
			memcpy(ftp->user, user.at, ftp->user_size);
	} else if (is_named(command, "PORT")) {
		take_six(ftp, line);
	} else if (is_named(command, "EPRT")) {
		take_extended(ftp, line);
	}
}

/* A reply below 200 says that another follows. */
static void
on_reply(struct ftp *ftp, uint16_t code, struct bytes line)
{
	enum { PASSIVE = 227, EXTENDED = 229, LAST = 200 };

	if (ftp->code_count == 0)
		ftp->command = clear_lines_answered(&ftp->lines);
	if (ftp->code_count < CODES_MAX)
		ftp->codes[ftp->code_count++] = code;
	if (code == PASSIVE) {
		const uint8_t *begin =
			line.left ? memchr(line.at, '(', line.left) : NULL;
		bytes_take(&line, begin ? (size_t)(begin - line.at) : 0);
		take_six(ftp, line);
	} else if (code == EXTENDED) {
		take_extended(ftp, line);
	}
	if (code < LAST)
		return;
	tell(ftp, ftp->command);
	ftp->code_count = 0;
}

/* "220-text", any lines, "220 text" (RFC 959 section 4.2). */
static void
on_server(struct ftp *ftp, struct bytes line)
{
	uint16_t code = 0;

	for (int i = 0; i < 3; i++) {
		if (line.left < 3 || line.at[i] < '0' || line.at[i] > '9')
			return;
		code = (uint16_t)(code * 10 + (line.at[i] - '0'));
	}
	bool is_more = line.left > 3 && line.at[3] == '-';
	if (ftp->multi != 0 && (code != ftp->multi || is_more))
		return;
	ftp->multi = is_more ? code : 0;
	if (is_more)
		return;
	bytes_take(&line, line.left > 3 ? 4 : 3);
	on_reply(ftp, code, line);
}

static void
on_line(struct clear_lines *lines, int side, struct bytes line)
{
	struct ftp *ftp = (struct ftp *)lines;

	if (!ftp->is_begun) {
		ftp->is_begun = true;
		bool is_server = clear_lines_begins(line, "220");
		clear_lines_client_is(lines, is_server ? !side : side);
		if (is_server)
			clear_lines_ask(lines, GREETING);
	}
	if (side == lines->client)
		on_client(ftp, line);
	else
		on_server(ftp, line);
}

/* What was not answered is told as it is. */
static void
finish(struct clear_lines *lines)
{
	struct ftp *ftp = (struct ftp *)lines;

	if (ftp->code_count > 0)
		tell(ftp, ftp->command);
	ftp->code_count = 0;
	while (lines->count > 0) {
		uint8_t command = clear_lines_answered(lines);
		if (command != GREETING)
			tell(ftp, command);
	}
}

static void *
begin(void *shared)
{
	static const struct clear_protocol protocol = { &tls_behind_ftp,
							sizeof(struct ftp), on_line,
							finish, NULL };

	return clear_lines_begin(shared, &protocol);
}

static enum recognition
recognise(struct bytes first, int side)
{
	return tls_behind_ftp.recognise(first, side);
}

const struct dissector dissector_ftp = {
	.name = "ftp_control", .recognise = recognise, .begin = begin, CLEAR_LINES_ROW
};
