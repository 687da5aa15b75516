/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telnet: options agreed on (RFC 854), and log-ins by the prompts they answer.
 *
 * Of the server's text only the line under way is looked at, and only for
 * what it ends with; of the client's only that something was said.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/telling.h"

enum {
	IAC = 255,
	SE = 240,
	SB = 250,
	WILL = 251,
	WONT = 252,
	DO = 253,
	DONT = 254,
	LINE_MAX = 64, /* bytes kept of the server's line under way: its end */
	OPTIONS = 64,  /* those above are not told */
	ENCRYPT = 38,
	ENCRYPT_START = 3,
	TEXT_MAX = 65536 /* bytes of the server without a log-in; then it is given up */
};

struct side {
	enum { IN_TEXT, IN_COMMAND, IN_OPTION, IN_SUB, IN_SUB_COMMAND } phase;
	uint8_t command;
	uint64_t will,
		do_;    /* options it will use, and asks the other for: a bit each */
	uint8_t sub[2]; /* how the subnegotiation under way begins */
	uint8_t sub_size;
	bool is_lost;
};

enum prompt { PROMPT_OTHER, PROMPT_NAME, PROMPT_PASSWORD };

struct telnet {
	struct dissect_lane *lane;
	struct side side[SIDES];
	int server; /* its side, -1 = not known yet */
	char line[LINE_MAX];
	uint8_t size;
	bool is_answered;  /* the client said something since the server did */
	bool has_said;     /* the server said a line since a password was given */
	bool is_pending;   /* a password was given, and nothing shows how it went */
	bool is_asked;     /* a prompt for a name or a password came */
	bool is_encrypted; /* from here on (RFC 2946) */
	bool is_in, is_given_up, is_told;
	uint32_t attempts, failures, text;
};

static const char *const option_names[OPTIONS] = {
	[0] = "binary",
	[1] = "echo",
	[3] = "suppress-go-ahead",
	[5] = "status",
	[6] = "timing-mark",
	[24] = "terminal-type",
	[31] = "window-size",
	[32] = "terminal-speed",
	[33] = "remote-flow-control",
	[34] = "linemode",
	[35] = "x-display-location",
	[36] = "environ",
	[37] = "authentication",
	[ENCRYPT] = "encrypt",
	[39] = "new-environ",
	[42] = "charset",
	[44] = "com-port",
	[46] = "start-tls",
};

static bool
is_command(const uint8_t *at, size_t size)
{
	return (size < 1 || at[0] == IAC) &&
	       (size < 2 || (at[1] >= WILL && at[1] <= DONT)) &&
	       (size < 3 || at[2] < OPTIONS);
}

/* Two options in a row, as either side begins. */
static enum recognition
recognise(struct bytes first, int side)
{
	size_t size = first.left < 6 ? first.left : 6;

	(void)side;
	if (!is_command(first.at, size) ||
	    (size > 3 && !is_command(first.at + 3, size - 3)))
		return RECOGNISED_NO;
	return size == 6 ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

static void *
begin(void *shared)
{
	struct dissect_lane *lane = shared;
	struct telnet *telnet = calloc(1, sizeof(*telnet));

	if (telnet == NULL) {
		lane->counters.no_memory++;
		return NULL;
	}
	telnet->lane = lane;
	telnet->server = -1;
	return telnet;
}

static bool
ends_with(const struct telnet *telnet, const char *const *words)
{
	size_t size = telnet->size;

	while (size > 0 &&
	       (telnet->line[size - 1] == ' ' || telnet->line[size - 1] == 0))
		size--;
	for (; *words; words++) {
		size_t length = strlen(*words);
		if (size >= length &&
		    memcmp(telnet->line + size - length, *words, length) == 0)
			return true;
	}
	return false;
}

static enum prompt
prompt_of(const struct telnet *telnet)
{
	static const char *const names[] = { "login:",     "username:", "user:",
					     "user name:", "userid:",   "account:",
					     NULL };
	static const char *const passwords[] = { "password:", "passwd:", "passcode:",
						 "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf"
						 "\xe3\x83\xbc\xe3\x83\x89:",
						 NULL };

	return ends_with(telnet, passwords) ? PROMPT_PASSWORD
	       : ends_with(telnet, names)   ? PROMPT_NAME
					    : PROMPT_OTHER;
}

static void
refuse(struct telnet *telnet)
{
	telnet->failures += telnet->is_pending;
	telnet->is_pending = false;
}

/* A whole line of the server that says no. */
static void
end_line(struct telnet *telnet)
{
	static const char *const words[] = { "incorrect", "failed",        "denied",
					     "invalid",   "bad passwords", NULL };
	bool is_no = false;

	for (const char *const *word = words; *word; word++)
		is_no |= memmem(telnet->line, telnet->size, *word, strlen(*word)) !=
			 NULL;
	if (is_no)
		refuse(telnet);
	else if (telnet->size > 0)
		telnet->has_said = true;
	telnet->size = 0;
}

static void
take_server_text(struct telnet *telnet, uint8_t byte)
{
	telnet->is_answered = false;
	if (byte == '\n' || byte == '\r') {
		end_line(telnet);
		return;
	}
	if (telnet->size == LINE_MAX)
		memmove(telnet->line, telnet->line + 1, --telnet->size);
	telnet->line[telnet->size++] = (char)tolower(byte);
	telnet->is_asked |= byte == ':' && prompt_of(telnet) != PROMPT_OTHER;
	if (++telnet->text > TEXT_MAX)
		telnet->is_given_up = true;
}

/* What the client answers says how the last password went. */
static void
take_answer(struct telnet *telnet)
{
	enum prompt prompt = prompt_of(telnet);

	telnet->is_answered = true;
	if (prompt != PROMPT_OTHER)
		refuse(telnet);
	else if (telnet->is_pending && (telnet->size > 0 || telnet->has_said))
		telnet->is_in = true;
	if (prompt == PROMPT_PASSWORD) {
		telnet->attempts++;
		telnet->is_pending = true;
		telnet->has_said = false;
		telnet->size = 0; /* an empty line comes back for the answer's end */
	}
}

static void
take_option(struct telnet *telnet, struct side *from, uint8_t option)
{
	uint64_t bit = UINT64_C(1) << (option % OPTIONS);

	if (option >= OPTIONS) {
		telnet->lane->counters.cut++;
		return;
	}
	switch (from->command) {
	case WILL:
		from->will |= bit;
		break;
	case WONT:
		from->will &= ~bit;
		break;
	case DO:
		from->do_ |= bit;
		break;
	default:
		from->do_ &= ~bit;
		break;
	}
}

/* Who uses ECHO, or is asked to, is the server (RFC 857). */
static void
find_server(struct telnet *telnet, int side, struct side *from, uint8_t option,
	    const struct dissect_out *out)
{
	enum { ECHO_OPTION = 1, TERMINAL_TYPE = 24, WINDOW_SIZE = 31 };
	bool is_clients = option == TERMINAL_TYPE || option == WINDOW_SIZE;

	if (telnet->server >= 0 || (option != ECHO_OPTION && !is_clients))
		return;
	bool is_server = (from->command == WILL) != is_clients;
	telnet->server = is_server ? side : !side;
	out->client_is(out->ctx, !telnet->server);
}

static void
take_command(struct side *from, uint8_t byte)
{
	from->command = byte;
	from->sub_size = 0;
	from->phase = byte >= WILL && byte <= DONT ? IN_OPTION
		      : byte == SB                 ? IN_SUB
						   : IN_TEXT;
}

static void
take_sub(struct side *from, uint8_t byte)
{
	if (byte == IAC)
		from->phase = IN_SUB_COMMAND;
	else if (from->sub_size < sizeof(from->sub))
		from->sub[from->sub_size++] = byte;
}

static void
take_text(struct telnet *telnet, int side, uint8_t byte)
{
	int server = telnet->server < 0 ? 1 : telnet->server;

	if (side == server)
		take_server_text(telnet, byte);
	else if (!telnet->is_answered)
		take_answer(telnet);
}

static void
take_byte(struct telnet *telnet, int side, uint8_t byte, const struct dissect_out *out)
{
	struct side *from = &telnet->side[side];

	switch (from->phase) {
	case IN_TEXT:
		if (byte == IAC)
			from->phase = IN_COMMAND;
		else
			take_text(telnet, side, byte);
		break;
	case IN_COMMAND:
		take_command(from, byte);
		break;
	case IN_OPTION:
		from->phase = IN_TEXT;
		find_server(telnet, side, from, byte, out);
		take_option(telnet, from, byte);
		break;
	case IN_SUB:
		take_sub(from, byte);
		break;
	case IN_SUB_COMMAND:
		from->phase = byte == SE ? IN_TEXT : IN_SUB;
		telnet->is_encrypted |= byte == SE && from->sub_size == 2 &&
					from->sub[0] == ENCRYPT &&
					from->sub[1] == ENCRYPT_START;
		break;
	}
}

static uint64_t
agreed(const struct telnet *telnet)
{
	const struct side *one = &telnet->side[0], *other = &telnet->side[1];

	return (one->will & other->do_) | (other->will & one->do_);
}

static void
tell_options(struct telnet *telnet)
{
	struct telling *telling = &telnet->lane->telling;
	struct text *items = telling_items(telling, OPTIONS);
	uint64_t options = agreed(telnet);
	uint32_t count = 0;
	char number[8];

	for (unsigned i = 0; items && i < OPTIONS; i++) {
		if (!(options >> i & 1))
			continue;
		snprintf(number, sizeof(number), "%u", i);
		items[count++] = option_names[i] ? text_of(option_names[i])
						 : scratch_copy(&telling->scratch,
								text_of(number));
	}
	if (items)
		record_set_texts(&telling->record, FIELD_STELNET_OPTIONS, items, count);
}

static const char *
why_no_auth(const struct telnet *telnet, const struct dissect_out *out)
{
	if (telnet->is_encrypted)
		return "encrypted";
	if (telnet->side[0].is_lost || telnet->side[1].is_lost)
		return "loss";
	if (!out->is_seen(out->ctx, 0) || !out->is_seen(out->ctx, 1))
		return "asymmetric";
	if (telnet->is_given_up && !telnet->is_asked)
		return "not_decoded"; /* no prompt we know */
	return !telnet->is_in && out->is_cut ? "truncated" : NULL;
}

static void
tell_auth(struct telnet *telnet, const struct dissect_out *out)
{
	struct telling *telling = &telnet->lane->telling;
	const char *why = why_no_auth(telnet, out);

	if (why) {
		telling_hide(telling, "sekisho.telnet.auth", why);
		return;
	}
	bool is_in = telnet->is_in || (telnet->is_pending && telnet->has_said);
	uint32_t failures = telnet->failures + (telnet->is_pending && !is_in);
	telling_name(telling, FIELD_STELNET_OUTCOME,
		     is_in          ? "success"
		     : failures > 0 ? "failure"
				    : "none");
	record_set_number(&telling->record, FIELD_STELNET_ATTEMPTS, telnet->attempts);
	record_set_number(&telling->record, FIELD_STELNET_FAILURES, failures);
}

static void
report(struct telnet *telnet, struct instant at, const struct dissect_out *out)
{
	if (telnet->is_told)
		return;
	telnet->is_told = true;
	telling_begin(&telnet->lane->telling, EVENT_TELNET);
	tell_options(telnet);
	tell_auth(telnet, out);
	telling_emit(&telnet->lane->telling, out, at, true);
}

static enum dissect_result
conclude(struct telnet *telnet, struct instant at, const struct dissect_out *out)
{
	bool is_over = telnet->is_in || telnet->is_encrypted || telnet->is_given_up ||
		       telnet->side[0].is_lost || telnet->side[1].is_lost;

	if (!is_over)
		return DISSECT_MORE;
	report(telnet, at, out);
	return DISSECT_DONE;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct telnet *telnet = state;

	while (data.left > 0 && !telnet->is_in && !telnet->is_given_up &&
	       !telnet->is_encrypted)
		take_byte(telnet, side, bytes_u8(&data), out);
	return conclude(telnet, at, out);
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct telnet *telnet = state;

	(void)missing;
	telnet->side[side].is_lost = true;
	return conclude(telnet, at, out);
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	report(state, at, out);
}

static void
end(void *state)
{
	free(state);
}

static const char *
violation(const void *state)
{
	(void)state;
	return NULL; /* any text is a session */
}

const struct dissector dissector_telnet = {
	.name = "telnet",
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = dissect_lane_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
};
