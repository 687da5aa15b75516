/* SPDX-License-Identifier: Apache-2.0 */
/* notice: what is told of one transition of an alert, and how it reads. */
#include "correlator/notify/notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/instant.h"

const char *const notify_severities[] = { "info", "low",      "medium",
					  "high", "critical", NULL };
const char *const notify_languages[] = { "ja", "en", NULL };

static const char *
keep(struct arena *arena, const char *text)
{
	return arena_text(arena, text, strlen(text));
}

static void
keep_party(struct notice_party *party, struct arena *arena)
{
	party->id = keep(arena, party->id);
	party->ip = keep(arena, party->ip);
	party->title_ja = keep(arena, party->title_ja);
	party->title_en = keep(arena, party->title_en);
	party->contact = keep(arena, party->contact);
}

void
notice_copy(struct notice *notice, const struct notice_row *row, struct arena *arena)
{
	struct notice_row *own = &notice->row;
	const char **const texts[] = {
		&own->alert,       &own->rule,      &own->category,  &own->severity,
		&own->title_ja,    &own->title_en,  &own->service,   &own->service_ja,
		&own->service_en,  &own->poi,       &own->vlan,      &own->community_id,
		&own->episode,     &own->ruleset,   &own->clause,    &own->document_ja,
		&own->document_en, &own->remedy_ja, &own->remedy_en, &own->record,
		&own->line
	};

	*notice = (struct notice){ .row = *row };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = keep(arena, *texts[i]);
	keep_party(&own->client, arena);
	keep_party(&own->server, arena);
	snprintf(notice->key, sizeof(notice->key), "%.64s-%" PRIu32, own->alert,
		 own->number);
}

int
notice_rank(const char *severity)
{
	for (int i = 0; notify_severities[i] != NULL; i++)
		if (strcmp(severity, notify_severities[i]) == 0)
			return i;
	return 0;
}

static const char *
name_of(const struct notice_party *party, bool is_ja)
{
	const char *title = is_ja ? party->title_ja : party->title_en;

	if (title[0] != '\0')
		return title;
	return is_ja ? "未登録の相手" : "an unregistered party";
}

/* "NAME (ADDRESS:PORT)" as far as there are such. */
static void
party_words(const struct notice_party *party, uint16_t port, bool is_ja, char *out,
	    size_t room)
{
	char number[16] = "";

	if (port != 0)
		snprintf(number, sizeof(number), is_ja ? " ポート%u" : " port %u",
			 (unsigned)port);
	if (party->ip[0] == '\0')
		snprintf(out, room, "%s", name_of(party, is_ja));
	else
		snprintf(out, room, "%s (%s%s)", name_of(party, is_ja), party->ip,
			 number);
}

/* Cuts at a whole character and takes control characters out. */
static void
clean(char *text, size_t room)
{
	size_t size = strlen(text);

	if (size == room - 1) {
		while (size > 0 && ((unsigned char)text[size - 1] & 0xc0) == 0x80)
			size--;
		if (size > 0 && (unsigned char)text[size - 1] >= 0xc0)
			size--;
		text[size] = '\0';
	}
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = ' ';
}

static void
summary_words(const struct notice *notice, bool is_ja, const char *client, char *text)
{
	const struct notice_row *row = &notice->row;

	if (is_ja)
		snprintf(text, NOTICE_SENTENCE_SIZE,
			 "同種のアラートがほかに%" PRIu64 "件あります: 「%s」、%s。",
			 notice->more, row->title_ja, client);
	else
		snprintf(text, NOTICE_SENTENCE_SIZE,
			 "%" PRIu64 " more of this kind: \"%s\", %s.", notice->more,
			 row->title_en, client);
}

void
notice_sentence(const struct notice *notice, bool is_ja,
		char text[NOTICE_SENTENCE_SIZE])
{
	const struct notice_row *row = &notice->row;
	char client[512], server[512];
	const char *service = is_ja ? row->service_ja : row->service_en;

	party_words(&row->client, 0, is_ja, client, sizeof(client));
	party_words(&row->server, row->server_port, is_ja, server, sizeof(server));
	if (notice->more > 0)
		summary_words(notice, is_ja, client, text);
	else if (is_ja)
		snprintf(text, NOTICE_SENTENCE_SIZE,
			 "「%s」: %sから%s%s%sへ、%" PRIu64 "回。", row->title_ja,
			 client, server, service[0] != '\0' ? "の" : "", service,
			 row->count);
	else
		snprintf(text, NOTICE_SENTENCE_SIZE,
			 "\"%s\": %s to %s%s%s, %" PRIu64 " times.", row->title_en,
			 client, server, service[0] != '\0' ? ", " : "", service,
			 row->count);
	clean(text, NOTICE_SENTENCE_SIZE);
}

void
notice_link(const struct notify_settings *settings, const struct notice *notice,
	    char link[NOTICE_LINK_SIZE])
{
	link[0] = '\0';
	if (settings->console != NULL && settings->console[0] != '\0')
		snprintf(link, NOTICE_LINK_SIZE, "%.400s/#/alerts/%s",
			 settings->console, notice->row.alert);
}

void
notice_time(int64_t usec, char text[32])
{
	time_t seconds = (time_t)(usec / INSTANT_SECOND);
	struct tm civil;

	gmtime_r(&seconds, &civil);
	size_t used = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &civil);
	snprintf(text + used, 32 - used, ".%03dZ", (int)(usec % INSTANT_SECOND / 1000));
}
