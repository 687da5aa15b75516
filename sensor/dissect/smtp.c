/* SPDX-License-Identifier: Apache-2.0 */
/* smtp: mail transactions in the clear (RFC 5321), log-ins, and the turn to TLS; the
 * text of a mail is counted and never read. */
#include "sensor/dissect/clear_lines.h"
#include "sensor/dissect/tls_upgrade.h"

enum { RECIPIENTS_MAX = 16, NAME_MAX = 128 };

enum command {
	NONE,
	GREETING,
	EHLO,
	MAIL,
	RCPT,
	DATA,
	END,
	BDAT,
	AUTH,
	STARTTLS,
	RSET,
	OTHER
};

struct smtp {
	struct clear_lines lines; /* first */
	bool is_begun;
	bool is_data; /* lines of a mail until the dot */
	bool has_mail;
	char helo[NAME_MAX], auth[32];
	uint8_t helo_size, auth_size;
	char from[LINES_NAME_MAX];
	uint16_t from_size;
	char to[RECIPIENTS_MAX][LINES_NAME_MAX];
	uint16_t to_size[RECIPIENTS_MAX];
	uint32_t recipients;
	uint64_t size, mails;
	uint16_t auth_code;
	bool has_offer, is_offered, is_password_clear;
};

static const struct {
	const char *name;
	enum command command;
} commands[] = {
	{ "EHLO", EHLO },  { "HELO", EHLO },         { "LHLO", EHLO },
	{ "MAIL", MAIL },  { "RCPT", RCPT },         { "DATA", DATA },
	{ "BDAT", BDAT },  { "AUTH", AUTH },         { "RSET", RSET },
	{ "QUIT", OTHER }, { "STARTTLS", STARTTLS }, { "NOOP", OTHER },
	{ "VRFY", OTHER }, { "EXPN", OTHER },        { "HELP", OTHER },
};

static size_t
copy(char *to, size_t room, struct bytes from)
{
	size_t size = from.left < room ? from.left : room;

	if (size > 0)
		memcpy(to, from.at, size);
	return size;
}

static void
tell_from(const struct smtp *smtp, struct telling *telling)
{
	telling_text(telling, FIELD_SMTP_HELO, bytes_over(smtp->helo, smtp->helo_size),
		     NAME_MAX);
	if (smtp->lines.has_gap)
		telling_hide(telling, "smtp.client", "loss");
}

static void
tell_mail(struct smtp *smtp, uint16_t code)
{
	struct telling *telling = clear_lines_telling(&smtp->lines);
	struct record *record = &telling->record;
	uint32_t count =
		smtp->recipients < RECIPIENTS_MAX ? smtp->recipients : RECIPIENTS_MAX;

	telling_begin(telling, EVENT_SMTP);
	telling_name(telling, FIELD_SSMTP_KIND, "mail");
	tell_from(smtp, telling);
	telling_text(telling, FIELD_SMTP_FROM, bytes_over(smtp->from, smtp->from_size),
		     LINES_NAME_MAX);
	struct text *items = telling_items(telling, count);
	for (uint32_t i = 0; items && i < count; i++)
		items[i] = scratch_text(&telling->scratch, smtp->to[i],
					smtp->to_size[i], LINES_NAME_MAX);
	if (items && count > 0)
		record_set_texts(record, FIELD_SMTP_TO, items, count);
	telling->scratch.is_cut |= count < smtp->recipients;
	record_set_number(record, FIELD_SSMTP_RECIPIENTS, smtp->recipients);
	record_set_number(record, FIELD_SSMTP_SIZE, smtp->size);
	if (code > 0)
		record_set_number(record, FIELD_SSMTP_CODE, code);
	else
		record_set_null(record, FIELD_SSMTP_CODE);
	telling_emit(telling, smtp->lines.out, smtp->lines.at, true);
	smtp->mails++;
}

static void
reset(struct smtp *smtp)
{
	smtp->has_mail = false;
	smtp->from_size = 0;
	smtp->recipients = 0;
	smtp->size = 0;
}

/* MAIL FROM:<path> and RCPT TO:<path>, parameters behind. */
static struct bytes
path_of(struct bytes line)
{
	const uint8_t *begin = line.left ? memchr(line.at, '<', line.left) : NULL;

	if (begin == NULL) {
		const uint8_t *colon =
			line.left ? memchr(line.at, ':', line.left) : NULL;
		bytes_take(&line, colon ? (size_t)(colon - line.at) + 1 : line.left);
		return clear_lines_word(&line);
	}
	bytes_take(&line, (size_t)(begin - line.at) + 1);
	const uint8_t *end = line.left ? memchr(line.at, '>', line.left) : NULL;
	return bytes_window(&line, end ? (size_t)(end - line.at) : line.left);
}

/* A chunk's bytes are no lines; the last ends the mail (RFC 3030). */
static void
take_chunk(struct smtp *smtp, int side, struct bytes line)
{
	struct bytes digits = clear_lines_word(&line);
	uint64_t size = 0;

	for (size_t i = 0; i < digits.left && i < 12; i++)
		size = size * 10 + (digits.at[i] - '0') % 10u;
	smtp->lines.skip[side] = size;
	smtp->size += size;
	clear_lines_ask(&smtp->lines, clear_lines_has(line, "LAST") ? END : BDAT);
}

static void
take_auth(struct smtp *smtp, struct bytes line)
{
	struct bytes method = clear_lines_word(&line);

	smtp->auth_size = (uint8_t)copy(smtp->auth, sizeof(smtp->auth), method);
	smtp->is_password_clear |=
		clear_lines_is(method, "PLAIN") || clear_lines_is(method, "LOGIN");
}

static void
take_recipient(struct smtp *smtp, struct bytes line)
{
	uint32_t at = smtp->recipients++;

	if (at < RECIPIENTS_MAX)
		smtp->to_size[at] =
			(uint16_t)copy(smtp->to[at], LINES_NAME_MAX, path_of(line));
}

static void
take_command(struct smtp *smtp, int side, enum command command, struct bytes line)
{
	if (command == BDAT) {
		take_chunk(smtp, side, line);
		return;
	}
	clear_lines_ask(&smtp->lines, (uint8_t)command);
	if (command == EHLO) {
		smtp->helo_size = (uint8_t)copy(smtp->helo, sizeof(smtp->helo),
						clear_lines_word(&line));
	} else if (command == MAIL) {
		reset(smtp);
		smtp->has_mail = true;
		smtp->from_size =
			(uint16_t)copy(smtp->from, LINES_NAME_MAX, path_of(line));
	} else if (command == RCPT) {
		take_recipient(smtp, line);
	} else if (command == DATA) {
		smtp->is_data = true; /* until a reply says no */
	} else if (command == AUTH) {
		take_auth(smtp, line);
	} else if (command == RSET) {
		reset(smtp);
	}
}

static void
on_client(struct smtp *smtp, int side, struct bytes line)
{
	struct bytes word, rest = line;

	if (smtp->is_data) {
		smtp->size += line.left;
		if (line.left == 1 && line.at[0] == '.') {
			smtp->size--;
			smtp->is_data = false;
			clear_lines_ask(&smtp->lines, END);
		}
		return;
	}
	word = clear_lines_word(&rest);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (clear_lines_is(word, commands[i].name))
			take_command(smtp, side, commands[i].command, rest);
}

static void
on_reply(struct smtp *smtp, enum command command, uint16_t code)
{
	enum { GO_ON = 334, SEND = 354 };

	if (command == DATA && code != SEND)
		smtp->is_data = false;
	if (command == AUTH && code == GO_ON)
		clear_lines_ask(&smtp->lines, AUTH); /* its end comes behind */
	else if (command == AUTH)
		smtp->auth_code = code;
	if (command == END && smtp->has_mail) {
		tell_mail(smtp, code);
		reset(smtp);
	}
}

/* Three digits; a minus says that more lines follow. */
static void
on_server(struct smtp *smtp, struct bytes line)
{
	uint16_t code = 0;

	if (line.left < 3)
		return;
	for (int i = 0; i < 3; i++) {
		if (line.at[i] < '0' || line.at[i] > '9')
			return;
		code = (uint16_t)(code * 10 + (line.at[i] - '0'));
	}
	bool is_last = line.left == 3 || line.at[3] != '-';
	enum command command =
		smtp->lines.count > 0 ? smtp->lines.pending[smtp->lines.first] : NONE;
	bytes_take(&line, line.left > 3 ? 4 : 3);
	if (command == EHLO) {
		smtp->has_offer = true;
		smtp->is_offered |= clear_lines_is(line, "STARTTLS");
	}
	if (is_last)
		on_reply(smtp, clear_lines_answered(&smtp->lines), code);
}

static void
on_line(struct clear_lines *lines, int side, struct bytes line)
{
	struct smtp *smtp = (struct smtp *)lines;

	if (!smtp->is_begun) {
		smtp->is_begun = true;
		bool is_server = clear_lines_begins(line, "220");
		clear_lines_client_is(lines, is_server ? !side : side);
		if (is_server)
			clear_lines_ask(lines, GREETING);
	}
	if (side == lines->client)
		on_client(smtp, side, line);
	else
		on_server(smtp, line);
}

/* A session that shows no command in the clear has nothing to tell. */
static void
finish(struct clear_lines *lines)
{
	struct smtp *smtp = (struct smtp *)lines;
	struct telling *telling = clear_lines_telling(lines);
	struct record *record = &telling->record;

	if (smtp->has_mail && smtp->recipients > 0)
		tell_mail(smtp, 0);
	telling_begin(telling, EVENT_SMTP);
	telling_name(telling, FIELD_SSMTP_KIND, "session");
	tell_from(smtp, telling);
	record_set_number(record, FIELD_SSMTP_MAILS, smtp->mails);
	telling_text(telling, FIELD_SSMTP_AUTH, bytes_over(smtp->auth, smtp->auth_size),
		     sizeof(smtp->auth));
	if (smtp->auth_code > 0)
		record_set_number(record, FIELD_SSMTP_AUTH_CODE, smtp->auth_code);
	record_set_flag(record, FIELD_SSMTP_CLEAR, smtp->is_password_clear);
	if (smtp->has_offer)
		record_set_flag(record, FIELD_SSMTP_OFFERED, smtp->is_offered);
	record_set_flag(record, FIELD_SSMTP_TLS, lines->is_secure);
	telling_emit(telling, lines->out, lines->at, true);
}

/* A mail may hold any bytes. */
static bool
may_turn(const struct clear_lines *lines, int side)
{
	return side != lines->client ||
	       (!((const struct smtp *)lines)->is_data && lines->skip[side] == 0);
}

static void *
begin(void *shared)
{
	static const struct clear_protocol protocol = { &tls_behind_smtp,
							sizeof(struct smtp), on_line,
							finish, may_turn };

	return clear_lines_begin(shared, &protocol);
}

static enum recognition
recognise(struct bytes first, int side)
{
	return tls_behind_smtp.recognise(first, side);
}

const struct dissector dissector_smtp = {
	.name = "smtp", .recognise = recognise, .begin = begin, CLEAR_LINES_ROW
};
