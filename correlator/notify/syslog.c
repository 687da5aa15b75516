/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog: alerts by syslog over TLS (RFC 5424, RFC 5425), plain or with CEF inside.
 *
 * RFC 5425 has no acknowledgement.  So each batch is a connection of its own,
 * which counts once the receiver has closed it behind our close_notify: by then
 * it has read all.  What was cut before is sent again.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "correlator/notify/output.h"
#include "correlator/notify/wire.h"

enum { MESSAGE_SIZE = 8192, FACILITY_AUTH = 4 };

/* Appends as much as fits. */
struct line {
	char text[MESSAGE_SIZE];
	size_t size;
};

static void
add(struct line *line, const char *text, size_t size)
{
	size_t room = sizeof(line->text) - line->size;

	size = size < room ? size : room;
	memcpy(line->text + line->size, text, size);
	line->size += size;
}

static void
add_text(struct line *line, const char *text)
{
	add(line, text, strlen(text));
}

/* With a backslash before each of 'special', and no ends of lines. */
static void
add_escaped(struct line *line, const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (strchr(special, *text) != NULL)
			add(line, "\\", 1);
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			add(line, " ", 1);
		else
			add(line, text, 1);
	}
}

static void
add_parameter(struct line *line, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	add_text(line, " ");
	add_text(line, name);
	add_text(line, "=\"");
	add_escaped(line, value, "\"\\]");
	add_text(line, "\"");
}

/* <PRI>1 TIME HOST sekisho-correlator PID alert, and a blank. */
static void
add_header(struct line *line, const struct notice *notice)
{
	static const int severities[] = { 6, 5, 4, 3, 2 };
	char host[64] = "-", time[32], text[256];

	if (gethostname(host, sizeof(host) - 1) == -1 || host[0] == '\0')
		snprintf(host, sizeof(host), "-");
	host[sizeof(host) - 1] = '\0';
	notice_time(notice->row.time, time);
	snprintf(text, sizeof(text), "<%d>1 %s %s sekisho-correlator - alert ",
		 FACILITY_AUTH * 8 + severities[notice_rank(notice->row.severity)],
		 time, host);
	add_text(line, text);
}

/* 32473 is the number RFC 5612 keeps for examples: Sekisho has none of its own yet. */
static void
add_data(struct line *line, const struct notify_settings *settings,
	 const struct notice *notice)
{
	const struct notice_row *row = &notice->row;
	char number[24], count[24], port[24] = "", more[24] = "",
				    link[NOTICE_LINK_SIZE];

	snprintf(number, sizeof(number), "%u", row->number);
	snprintf(count, sizeof(count), "%llu", (unsigned long long)row->count);
	if (row->server_port != 0)
		snprintf(port, sizeof(port), "%u", (unsigned)row->server_port);
	if (notice->more > 0)
		snprintf(more, sizeof(more), "%llu", (unsigned long long)notice->more);
	notice_link(settings, notice, link);
	const char *const parameters[][2] = {
		{ "id", row->alert },
		{ "transition", number },
		{ "rule", row->rule },
		{ "sev", row->severity },
		{ "from", row->client.id },
		{ "to", row->server.id },
		{ "src", row->client.ip },
		{ "dst", row->server.ip },
		{ "dpt", port },
		{ "service", row->service },
		{ "poi", row->poi },
		{ "cnt", count },
		{ "clause", row->clause },
		{ "contact", row->client.contact },
		{ "more", more },
		{ "url", link },
	};
	add_text(line, "[alert@32473");
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		add_parameter(line, parameters[i][0], parameters[i][1]);
	add_text(line, "] ");
}

static void
write_plain(struct line *line, const struct notify_settings *settings,
	    const struct notice *notice)
{
	char sentence[NOTICE_SENTENCE_SIZE];

	add_header(line, notice);
	add_data(line, settings, notice);
	notice_sentence(notice, settings->language == 0, sentence);
	add_text(line, "\xef\xbb\xbf"); /* RFC 5424 6.4: it is UTF-8 */
	add_text(line, sentence);
}

static void
add_extension(struct line *line, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	add_text(line, name);
	add_text(line, "=");
	add_escaped(line, value, "\\=");
	add_text(line, " ");
}

static void
add_address(struct line *line, const char *v4, const char *v6, const char *label,
	    const char *address)
{
	bool is_v6 = strchr(address, ':') != NULL;
	char name[24];

	add_extension(line, is_v6 ? v6 : v4, address);
	snprintf(name, sizeof(name), "%sLabel", v6);
	if (is_v6)
		add_extension(line, name, label);
}

static void
add_number(struct line *line, const char *name, long long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", number);
	add_extension(line, name, text);
}

static void
add_custom(struct line *line, int number, const char *label, const char *value)
{
	char name[16];

	if (value[0] == '\0')
		return;
	snprintf(name, sizeof(name), "cs%d", number);
	add_extension(line, name, value);
	snprintf(name, sizeof(name), "cs%dLabel", number);
	add_extension(line, name, label);
}

static void
add_cef_extensions(struct line *line, const struct notify_settings *settings,
		   const struct notice *notice)
{
	const struct notice_row *row = &notice->row;
	char sentence[NOTICE_SENTENCE_SIZE], link[NOTICE_LINK_SIZE];

	add_number(line, "rt", row->time / 1000);
	add_number(line, "start", row->first / 1000);
	add_number(line, "end", row->last / 1000);
	add_number(line, "cnt", (long long)row->count);
	add_address(line, "src", "c6a2", "Source IPv6 Address", row->client.ip);
	add_address(line, "dst", "c6a3", "Destination IPv6 Address", row->server.ip);
	if (row->server_port != 0)
		add_number(line, "dpt", row->server_port);
	add_extension(line, "externalId", notice->key);
	add_extension(line, "cat", row->category);
	add_extension(line, "deviceExternalId", row->poi);
	add_custom(line, 1, "from", row->client.id);
	add_custom(line, 2, "to", row->server.id);
	add_custom(line, 3, "service", row->service);
	add_custom(line, 4, "clause", row->clause);
	add_custom(line, 5, "contact", row->client.contact);
	notice_sentence(notice, settings->language == 0, sentence);
	notice_link(settings, notice, link);
	add_extension(line, "request", link);
	add_extension(line, "msg", sentence);
}

static void
write_cef(struct line *line, const struct notify_settings *settings,
	  const struct notice *notice)
{
	static const char *const severities[] = { "1", "3", "5", "8", "10" };

	add_header(line, notice);
	add_text(line, "- CEF:0|Sekisho|sekisho-correlator|" SEKISHO_VERSION "|");
	add_escaped(line, notice->row.rule, "\\|");
	add_text(line, "|");
	add_escaped(line,
		    settings->language == 0 ? notice->row.title_ja
					    : notice->row.title_en,
		    "\\|");
	add_text(line, "|");
	add_text(line, severities[notice_rank(notice->row.severity)]);
	add_text(line, "|");
	add_cef_extensions(line, settings, notice);
	while (line->size > 0 && line->text[line->size - 1] == ' ')
		line->size--;
}

typedef void write_message(struct line *line, const struct notify_settings *settings,
			   const struct notice *notice);

static int
send_all(struct wire *wire, const struct notify_settings *settings,
	 const struct notice *notice, size_t count, write_message *write,
	 struct error *err)
{
	static struct line line; /* one output a process */
	char length[16];

	for (size_t i = 0; i < count; i++) {
		line.size = 0;
		write(&line, settings, &notice[i]);
		int digits = snprintf(length, sizeof(length), "%zu ", line.size);
		if (wire_write(wire, length, (size_t)digits, err) == -1 ||
		    wire_write(wire, line.text, line.size, err) == -1)
			return -1;
	}
	return wire_finish(wire, err);
}

static int
send_to(const char *where, const struct notify_settings *settings,
	const struct notice *notice, size_t count, write_message *write,
	struct delivery *delivery, struct error *err)
{
	struct target target;

	if (target_parse(where, &target, err) == -1)
		return -1;
	target.is_tls = true;
	struct wire *wire = wire_open(&target, settings, err);
	if (wire == NULL)
		return -1;
	int result = send_all(wire, settings, notice, count, write, err);
	delivery->done = result == 0 ? count : 0;
	wire_close(wire);
	return result;
}

int
syslog_send(const struct notify_settings *settings, const struct notice *notice,
	    size_t count, struct delivery *delivery, struct error *err)
{
	return send_to(settings->syslog, settings, notice, count, write_plain, delivery,
		       err);
}

int
cef_send(const struct notify_settings *settings, const struct notice *notice,
	 size_t count, struct delivery *delivery, struct error *err)
{
	return send_to(settings->cef, settings, notice, count, write_cef, delivery,
		       err);
}
