/* SPDX-License-Identifier: Apache-2.0 */
/* mailbox: POP3 (RFC 1939) and IMAP (RFC 9051) sessions: who logged in in the clear,
 * and whether they turned to TLS; no mail is read. */
#include "sensor/dissect/clear_lines.h"
#include "sensor/dissect/tls_upgrade.h"

enum { METHOD_MAX = 32, TAG_MAX = 32 };
enum login { LOGIN_NONE, LOGIN_SUCCESS, LOGIN_FAILURE };
enum command { NONE, GREETING, USER, PASSWORD, AUTH, STLS, CAPA, FETCH, MULTI, OTHER };

struct mailbox {
	struct clear_lines lines; /* first */
	bool is_begun;
	bool is_multi; /* lines of a reply until the dot */
	bool is_capa;
	char user[LINES_NAME_MAX], method[METHOD_MAX], tag[TAG_MAX];
	uint16_t user_size;
	uint8_t method_size, tag_size;
	enum login login;
	bool is_tried, has_offer, is_offered, is_password_clear;
	uint64_t fetched;
};

/* The fields of a protocol. */
struct names {
	enum event event;
	enum field_id user, login, method, clear, tls, offered, fetched;
};

static void
note_user(struct mailbox *box, struct bytes user)
{
	if (user.left >= 2 && user.at[0] == '"' && user.at[user.left - 1] == '"')
		user = bytes_over(user.at + 1, user.left - 2);
	box->user_size =
		(uint16_t)(user.left < LINES_NAME_MAX ? user.left : LINES_NAME_MAX);
	if (box->user_size > 0)
		memcpy(box->user, user.at, box->user_size);
}

static void
note_method(struct mailbox *box, struct bytes method)
{
	box->method_size =
		(uint8_t)(method.left < METHOD_MAX ? method.left : METHOD_MAX);
	if (box->method_size > 0)
		memcpy(box->method, method.at, box->method_size);
	box->is_password_clear |= clear_lines_is(method, "PLAIN") ||
				  clear_lines_is(method, "LOGIN") ||
				  clear_lines_is(method, "PASS");
	box->is_tried = true;
}

static void
tell(struct mailbox *box, const struct names *names)
{
	static const char *const logins[] = {
		[LOGIN_SUCCESS] = "success", [LOGIN_FAILURE] = "failure"
	};
	struct telling *telling = clear_lines_telling(&box->lines);
	struct record *record = &telling->record;

	telling_begin(telling, names->event);
	telling_text(telling, names->user, bytes_over(box->user, box->user_size),
		     LINES_NAME_MAX);
	if (box->login != LOGIN_NONE)
		telling_name(telling, names->login, logins[box->login]);
	else if (!box->is_tried)
		record_set_null(record, names->login);
	telling_text(telling, names->method, bytes_over(box->method, box->method_size),
		     METHOD_MAX);
	record_set_flag(record, names->clear, box->is_password_clear);
	record_set_flag(record, names->tls, box->lines.is_secure);
	if (box->has_offer)
		record_set_flag(record, names->offered, box->is_offered);
	record_set_number(record, names->fetched, box->fetched);
	telling_emit(telling, box->lines.out, box->lines.at, true);
}

static bool
is_server_line(struct clear_lines *lines, int side, struct bytes line, const char *with)
{
	struct mailbox *box = (struct mailbox *)lines;

	if (!box->is_begun) {
		box->is_begun = true;
		clear_lines_client_is(lines,
				      clear_lines_begins(line, with) ? !side : side);
	}
	return side != lines->client;
}

static enum command
pop3_command(struct mailbox *box, struct bytes line)
{
	static const struct {
		const char *name;
		enum command command;
		bool is_multi; /* only without a number behind */
	} commands[] = {
		{ "USER", USER, false },  { "PASS", PASSWORD, false },
		{ "APOP", AUTH, false },  { "AUTH", AUTH, false },
		{ "STLS", STLS, false },  { "CAPA", CAPA, false },
		{ "RETR", FETCH, false }, { "TOP", FETCH, false },
		{ "LIST", MULTI, true },  { "UIDL", MULTI, true },
	};
	struct bytes word = clear_lines_word(&line);
	struct bytes argument = clear_lines_word(&line);

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!clear_lines_is(word, commands[i].name))
			continue;
		enum command command = commands[i].command;
		if (commands[i].is_multi && argument.left > 0)
			return OTHER;
		if (command == AUTH && argument.left == 0)
			return MULTI; /* AUTH alone lists mechanisms */
		if (command == USER || clear_lines_is(word, "APOP"))
			note_user(box, argument);
		if (command == PASSWORD || clear_lines_is(word, "APOP"))
			note_method(box, word);
		else if (command == AUTH)
			note_method(box, argument);
		return command;
	}
	return OTHER;
}

static void
on_pop3_reply(struct mailbox *box, struct bytes line)
{
	bool is_good = clear_lines_begins(line, "+OK");

	if (box->is_multi) {
		box->is_offered |= box->is_capa && clear_lines_is(line, "STLS");
		if (line.left == 1 && line.at[0] == '.')
			box->is_multi = box->is_capa = false;
		return;
	}
	if (!is_good && !clear_lines_begins(line, "-ERR"))
		return; /* "+ " of a log-in in several steps */
	enum command command = clear_lines_answered(&box->lines);
	if (command == PASSWORD || command == AUTH)
		box->login = is_good ? LOGIN_SUCCESS : LOGIN_FAILURE;
	box->is_capa = command == CAPA && is_good;
	box->has_offer |= box->is_capa;
	box->is_multi =
		is_good && (command == CAPA || command == FETCH || command == MULTI);
	box->fetched += is_good && command == FETCH;
}

static void
on_pop3_line(struct clear_lines *lines, int side, struct bytes line)
{
	struct mailbox *box = (struct mailbox *)lines;
	bool was_begun = box->is_begun;

	if (is_server_line(lines, side, line, "+OK")) {
		if (!was_begun)
			clear_lines_ask(lines, GREETING);
		on_pop3_reply(box, line);
		return;
	}
	/* the steps of a log-in are no commands, and have no reply of their own */
	if (lines->count == 0 || lines->pending[lines->first] != AUTH)
		clear_lines_ask(lines, (uint8_t)pop3_command(box, line));
}

/* {n} or {n+} at the end of a line: n bytes follow that are none (RFC 9051). */
static void
skip_literal(struct clear_lines *lines, int side, struct bytes line)
{
	uint64_t size = 0, unit = 1;
	size_t at = line.left;

	if (at < 3 || line.at[--at] != '}')
		return;
	if (line.at[at - 1] == '+')
		at--;
	for (; at > 0 && line.at[at - 1] >= '0' && line.at[at - 1] <= '9'; at--) {
		size += (line.at[at - 1] - (uint64_t)'0') * unit;
		unit = unit < 1000000000 ? unit * 10 : unit;
	}
	if (at > 0 && line.at[at - 1] == '{')
		lines->skip[side] = size;
}

static void
on_imap_command(struct mailbox *box, struct bytes line)
{
	struct bytes tag = clear_lines_word(&line), word = clear_lines_word(&line);
	struct bytes argument = clear_lines_word(&line);
	bool is_login = clear_lines_is(word, "LOGIN");

	if (clear_lines_is(word, "UID"))
		box->fetched += clear_lines_is(argument, "FETCH");
	box->fetched += clear_lines_is(word, "FETCH");
	if (!is_login && !clear_lines_is(word, "AUTHENTICATE"))
		return;
	note_method(box, is_login ? word : argument);
	if (is_login && argument.left > 0 && argument.at[0] != '{')
		note_user(box, argument);
	box->tag_size = (uint8_t)(tag.left < TAG_MAX ? tag.left : TAG_MAX);
	if (box->tag_size > 0)
		memcpy(box->tag, tag.at, box->tag_size);
}

static void
on_imap_reply(struct mailbox *box, struct bytes line)
{
	struct bytes all = line, tag = clear_lines_word(&line);
	struct bytes word = clear_lines_word(&line);

	if (memmem(all.at, all.left, "CAPABILITY ", 11) != NULL) {
		box->has_offer = true;
		box->is_offered |= memmem(all.at, all.left, " STARTTLS", 9) != NULL;
	}
	if (box->tag_size == 0 || tag.left != box->tag_size ||
	    memcmp(tag.at, box->tag, tag.left) != 0)
		return;
	box->login = clear_lines_is(word, "OK") ? LOGIN_SUCCESS : LOGIN_FAILURE;
	box->tag_size = 0;
}

static void
on_imap_line(struct clear_lines *lines, int side, struct bytes line)
{
	struct mailbox *box = (struct mailbox *)lines;

	if (line.left == 0)
		return;
	skip_literal(lines, side, line);
	if (is_server_line(lines, side, line, "* "))
		on_imap_reply(box, line);
	else
		on_imap_command(box, line);
}

static bool
may_turn(const struct clear_lines *lines, int side)
{
	return lines->skip[side] == 0 &&
	       (side == lines->client || !((const struct mailbox *)lines)->is_multi);
}

static void
finish_pop3(struct clear_lines *lines)
{
	static const struct names names = { EVENT_POP3,         FIELD_POP3_USER,
					    FIELD_POP3_LOGIN,   FIELD_POP3_METHOD,
					    FIELD_POP3_CLEAR,   FIELD_POP3_TLS,
					    FIELD_POP3_OFFERED, FIELD_POP3_FETCHED };

	tell((struct mailbox *)lines, &names);
}

static void
finish_imap(struct clear_lines *lines)
{
	static const struct names names = { EVENT_IMAP,         FIELD_IMAP_USER,
					    FIELD_IMAP_LOGIN,   FIELD_IMAP_METHOD,
					    FIELD_IMAP_CLEAR,   FIELD_IMAP_TLS,
					    FIELD_IMAP_OFFERED, FIELD_IMAP_FETCHED };

	tell((struct mailbox *)lines, &names);
}

static void *
begin_pop3(void *shared)
{
	static const struct clear_protocol protocol = { &tls_behind_pop3,
							sizeof(struct mailbox),
							on_pop3_line, finish_pop3,
							may_turn };

	return clear_lines_begin(shared, &protocol);
}

static void *
begin_imap(void *shared)
{
	static const struct clear_protocol protocol = { &tls_behind_imap,
							sizeof(struct mailbox),
							on_imap_line, finish_imap,
							may_turn };

	return clear_lines_begin(shared, &protocol);
}

static enum recognition
recognise_pop3(struct bytes first, int side)
{
	return tls_behind_pop3.recognise(first, side);
}

static enum recognition
recognise_imap(struct bytes first, int side)
{
	return tls_behind_imap.recognise(first, side);
}

const struct dissector dissector_pop3 = { .name = "pop3",
					  .recognise = recognise_pop3,
					  .begin = begin_pop3,
					  CLEAR_LINES_ROW };
const struct dissector dissector_imap = { .name = "imap",
					  .recognise = recognise_imap,
					  .begin = begin_imap,
					  CLEAR_LINES_ROW };
