/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail: a digest of alerts to people, by a relay (RFC 5321), with STARTTLS where it is
 * offered.
 *
 * One mail a batch, which counts when the relay has taken it.  Its Message-ID is
 * made of the first and last notice, so one that was sent twice can be told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "correlator/notify/output.h"
#include "correlator/notify/wire.h"

enum { LINE_BYTES = 57 }; /* 76 characters of base64 */

static size_t
to_base64(const char *from, size_t size, char *to)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t used = 0;

	for (size_t i = 0; i < size; i += 3) {
		unsigned a = (unsigned char)from[i];
		unsigned b = i + 1 < size ? (unsigned char)from[i + 1] : 0;
		unsigned c = i + 2 < size ? (unsigned char)from[i + 2] : 0;
		to[used++] = digits[a >> 2];
		to[used++] = digits[(a & 3) << 4 | b >> 4];
		to[used++] = i + 1 < size ? digits[(b & 15) << 2 | c >> 6] : '=';
		to[used++] = i + 2 < size ? digits[c & 63] : '=';
	}
	to[used] = '\0';
	return used;
}

/* The status of a reply of one or more lines, whose words are 'text' (room for 512). */
static int
read_reply(struct wire *wire, bool *has_starttls, char text[512], struct error *err)
{
	do {
		if (wire_line(wire, text, 512, err) == -1)
			return -1;
		if (has_starttls != NULL && strlen(text) >= 12 &&
		    strncasecmp(text + 4, "STARTTLS", 8) == 0)
			*has_starttls = true;
	} while (strlen(text) > 3 && text[3] == '-');
	return atoi(text);
}

/* Says 'line' and expects a reply of that hundred. */
static int
converse(struct wire *wire, const char *line, int hundred, bool *has_starttls,
	 struct error *err)
{
	char text[512];

	if (line != NULL && (wire_write(wire, line, strlen(line), err) == -1 ||
			     wire_write(wire, "\r\n", 2, err) == -1))
		return -1;
	int status = read_reply(wire, has_starttls, text, err);
	if (status == -1 || status / 100 == hundred)
		return status == -1 ? -1 : 0;
	return error_set(err, "the relay answered: %.180s", text);
}

static int
greet(struct wire *wire, bool *has_starttls, struct error *err)
{
	char host[64] = "localhost", line[128];

	if (gethostname(host, sizeof(host) - 1) == -1 || host[0] == '\0')
		snprintf(host, sizeof(host), "localhost");
	snprintf(line, sizeof(line), "EHLO %s", host);
	return converse(wire, line, 2, has_starttls, err);
}

static void
put_base64(FILE *out, const char *text, size_t size)
{
	char line[LINE_BYTES / 3 * 4 + 1];

	for (size_t at = 0; at < size; at += LINE_BYTES) {
		to_base64(text + at, size - at < LINE_BYTES ? size - at : LINE_BYTES,
			  line);
		fprintf(out, "%s\r\n", line);
	}
}

static void
write_notice(FILE *out, const struct notify_settings *settings,
	     const struct notice *notice)
{
	const struct notice_row *row = &notice->row;
	char sentence[NOTICE_SENTENCE_SIZE], link[NOTICE_LINK_SIZE], time[32];
	bool is_ja = settings->language == 0;

	notice_sentence(notice, is_ja, sentence);
	notice_link(settings, notice, link);
	notice_time(row->time, time);
	const char *const lines[][2] = {
		{ is_ja ? "規則" : "rule", row->rule },
		{ is_ja ? "条項" : "clause", row->clause },
		{ is_ja ? "文書" : "document",
		  is_ja ? row->document_ja : row->document_en },
		{ is_ja ? "次にすること" : "what to do",
		  is_ja ? row->remedy_ja : row->remedy_en },
		{ is_ja ? "連絡先(送信側)" : "contact (client)", row->client.contact },
		{ is_ja ? "連絡先(受信側)" : "contact (server)", row->server.contact },
		{ is_ja ? "アラート" : "alert", notice->key },
		{ is_ja ? "画面" : "page", link },
	};
	fprintf(out, "%s  [%s]\n%s\n", time, row->severity, sentence);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i][1][0] != '\0')
			fprintf(out, "  %s: %s\n", lines[i][0], lines[i][1]);
	fputc('\n', out);
}

static void
write_headers(FILE *out, const struct notify_settings *settings,
	      const struct notice *notice, size_t count)
{
	char subject[128], coded[256], date[64];
	time_t now = time(NULL);
	struct tm civil;
	int rank = 0;

	for (size_t i = 0; i < count; i++)
		if (notice_rank(notice[i].row.severity) > rank)
			rank = notice_rank(notice[i].row.severity);
	if (settings->language == 0)
		snprintf(subject, sizeof(subject), "[Sekisho] アラート%zu件", count);
	else
		snprintf(subject, sizeof(subject), "[Sekisho] %zu alert%s, up to %s",
			 count, count == 1 ? "" : "s", notify_severities[rank]);
	to_base64(subject, strlen(subject), coded);
	gmtime_r(&now, &civil);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &civil);
	fprintf(out, "From: %s\r\nTo: ", settings->mail_from);
	for (size_t i = 0; i < settings->mail_to.count; i++)
		fprintf(out, "%s%s", i > 0 ? ",\r\n " : "", settings->mail_to.word[i]);
	fprintf(out,
		"\r\nSubject: =?UTF-8?B?%s?=\r\nDate: %s\r\n"
		"Message-ID: <%s.%.16s-%u@sekisho.invalid>\r\nAuto-Submitted: "
		"auto-generated\r\n"
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n",
		coded, date, notice[0].key, notice[count - 1].key,
		notice[count - 1].row.number);
}

/* The whole mail, without the dot; base64 has no line that begins with one. */
static char *
compose(const struct notify_settings *settings, const struct notice *notice,
	size_t count)
{
	char *body = NULL, *mail = NULL;
	size_t body_size, size;
	FILE *text = open_memstream(&body, &body_size);
	FILE *out = open_memstream(&mail, &size);

	if (text == NULL || out == NULL)
		log_fatal("notify", "no memory for a mail");
	for (size_t i = 0; i < count; i++)
		write_notice(text, settings, &notice[i]);
	fclose(text);
	write_headers(out, settings, notice, count);
	put_base64(out, body, body_size);
	fclose(out);
	free(body);
	return mail;
}

static int
hand_over(struct wire *wire, const struct notify_settings *settings, const char *mail,
	  struct error *err)
{
	char line[512];

	snprintf(line, sizeof(line), "MAIL FROM:<%.400s>", settings->mail_from);
	if (converse(wire, line, 2, NULL, err) == -1)
		return -1;
	for (size_t i = 0; i < settings->mail_to.count; i++) {
		snprintf(line, sizeof(line), "RCPT TO:<%.400s>",
			 settings->mail_to.word[i]);
		if (converse(wire, line, 2, NULL, err) == -1)
			return -1;
	}
	if (converse(wire, "DATA", 3, NULL, err) == -1 ||
	    wire_write(wire, mail, strlen(mail), err) == -1)
		return -1;
	return converse(wire, ".", 2, NULL, err);
}

static int
dial(struct wire *wire, const struct target *target,
     const struct notify_settings *settings, struct error *err)
{
	bool has_starttls = false;

	if (converse(wire, NULL, 2, NULL, err) == -1 ||
	    greet(wire, &has_starttls, err) == -1)
		return -1;
	if (!has_starttls)
		return 0;
	if (converse(wire, "STARTTLS", 2, NULL, err) == -1 ||
	    wire_secure(wire, target, settings, err) == -1)
		return -1;
	return greet(wire, NULL, err);
}

int
mail_send(const struct notify_settings *settings, const struct notice *notice,
	  size_t count, struct delivery *delivery, struct error *err)
{
	struct error unused;
	struct target target;

	if (target_parse(settings->mail, &target, err) == -1)
		return -1;
	struct wire *wire = wire_open(&target, settings, err);
	if (wire == NULL)
		return -1;
	char *mail = compose(settings, notice, count);
	int result = dial(wire, &target, settings, err);
	if (result == 0)
		result = hand_over(wire, settings, mail, err);
	if (result == 0) {
		delivery->done = count;
		wire_write(wire, "QUIT\r\n", 6, &unused);
	}
	free(mail);
	wire_close(wire);
	return result;
}
