/* SPDX-License-Identifier: Apache-2.0 */
/* syslog_message: the header of one syslog message, in either form. */
#include "sensor/dissect/syslog_message.h"

#include <ctype.h>
#include <string.h>

enum {
	PRIORITY_MAX = 191,
	SHOWN = 16, /* bytes behind the priority that must be text */
	STAMP = 15  /* bytes of "Oct 11 22:14:15" */
};

/* Reads <0> to <191>, no zero in front.  MAYBE while it is not over. */
static enum recognition
take_priority(struct bytes *data, unsigned *priority)
{
	unsigned value = 0, digits = 0;

	for (size_t i = 0; i < data->left; i++) {
		uint8_t c = data->at[i];
		if (i == 0 && c == '<')
			continue;
		if (c == '>' && digits > 0) {
			bytes_take(data, i + 1);
			*priority = value;
			return RECOGNISED_YES;
		}
		if (i == 0 || !isdigit(c) || digits == 3 || (digits > 0 && value == 0))
			return RECOGNISED_NO;
		value = value * 10 + (c - '0');
		digits++;
		if (value > PRIORITY_MAX)
			return RECOGNISED_NO;
	}
	return RECOGNISED_MAYBE;
}

/* Japanese hosts send text in several encodings: only controls are none. */
static bool
is_text(uint8_t c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t' || c == '\r' || c == '\n' ||
	       c == 0x1b;
}

enum recognition
syslog_message_recognise(struct bytes first)
{
	unsigned priority = 0;
	enum recognition found = take_priority(&first, &priority);

	if (found != RECOGNISED_YES)
		return found;
	if (first.left == 0)
		return RECOGNISED_MAYBE;
	for (size_t i = 0; i < first.left && i < SHOWN; i++)
		if (!is_text(first.at[i]))
			return RECOGNISED_NO;
	/* a name, a time or a number; "<1>" in front of anything else is not enough */
	return isalnum(first.at[0]) || strchr(" -*%:[", first.at[0]) != NULL
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

/* The next word, without the blank behind it; "-" is none. */
static struct bytes
take_word(struct bytes *data)
{
	const uint8_t *end = data->left ? memchr(data->at, ' ', data->left) : NULL;
	struct bytes word =
		bytes_window(data, end ? (size_t)(end - data->at) : data->left);

	if (end)
		bytes_take(data, 1);
	if (word.left == 1 && word.at[0] == '-')
		word.left = 0;
	return word;
}

/* [id name="value" ...]...: a bracket in a value stands behind a backslash (RFC 5424
 * section 6.3.3). */
static void
pass_structured_data(struct bytes *data)
{
	bool is_inside = false, is_quoted = false;

	while (data->left > 0) {
		uint8_t c = data->at[0];
		if (!is_inside && c != '[' && c != '-')
			break;
		bytes_take(data, is_quoted && c == '\\' && data->left > 1 ? 2 : 1);
		if (!is_inside && c == '-')
			break;
		if (c == '"')
			is_quoted = !is_quoted;
		else if (c == '[')
			is_inside = true;
		else if (c == ']' && !is_quoted)
			is_inside = false;
	}
	if (data->left > 0 && data->at[0] == ' ')
		bytes_take(data, 1);
}

static void
read_5424(struct bytes data, struct syslog_message *message)
{
	message->is_5424 = true;
	take_word(&data); /* version */
	message->time = take_word(&data);
	message->host = take_word(&data);
	message->app = take_word(&data);
	take_word(&data); /* process id */
	message->msgid = take_word(&data);
	pass_structured_data(&data);
	message->text = data;
}

static bool
is_stamp(struct bytes data)
{
	static const char shape[] = "Aaa d9 99:99:99";

	if (data.left < STAMP)
		return false;
	for (size_t i = 0; i < STAMP; i++) {
		uint8_t c = data.at[i];
		bool fits = shape[i] == 'A'   ? isupper(c)
			    : shape[i] == 'a' ? islower(c)
			    : shape[i] == '9' ? isdigit(c)
			    : shape[i] == 'd' ? isdigit(c) || c == ' '
					      : c == shape[i];
		if (!fits)
			return false;
	}
	return true;
}

/* A tag ends at what is neither letter nor digit (RFC 3164 section 4.1.3); names of
 * programs have more. */
static struct bytes
take_tag(struct bytes *data)
{
	size_t size = 0;

	while (size < data->left && size < 64 && data->at[size] > ' ' &&
	       memchr("[:<", data->at[size], 3) == NULL)
		size++;
	if (size == data->left || data->at[size] == ' ' || data->at[size] == '<')
		return (struct bytes){ 0 };
	struct bytes tag = bytes_window(data, size);
	const uint8_t *end = memchr(data->at, ':', data->left < 16 ? data->left : 16);
	if (end)
		bytes_take(data, (size_t)(end - data->at) + 1);
	return tag;
}

static void
read_3164(struct bytes data, struct syslog_message *message)
{
	if (is_stamp(data)) {
		message->time = bytes_window(&data, STAMP);
		if (data.left > 0 && data.at[0] == ' ')
			bytes_take(&data, 1);
		message->host = take_word(&data);
	} else if (data.left > 10 && isdigit(data.at[0]) && data.at[4] == '-') {
		message->time = take_word(&data); /* RFC 3339, as rsyslog forwards */
		message->host = take_word(&data);
	}
	message->app = take_tag(&data);
	message->text = data;
}

bool
syslog_message_read(struct bytes data, struct syslog_message *message)
{
	unsigned priority = 0;

	*message = (struct syslog_message){ 0 };
	if (take_priority(&data, &priority) != RECOGNISED_YES)
		return false;
	message->facility = (uint8_t)(priority >> 3);
	message->severity = priority & 7;
	if (data.left > 1 && data.at[0] == '1' && data.at[1] == ' ')
		read_5424(data, message);
	else
		read_3164(data, message);
	return true;
}
