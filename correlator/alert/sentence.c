/* SPDX-License-Identifier: Apache-2.0 */
/* sentence: what happened, in Japanese and English, and the comparisons behind it as
 * JSON. */
#include "correlator/alert/sentence.h"

#include <stdio.h>
#include <string.h>

enum {
	SENTENCE_SIZE = 1024,
	CONDITION_JSON_SIZE = 6 * (64 + 160 + 160 + 32 + ALERT_RECORD_SIZE) + 128
};

static bool
is_detection(const struct finding *finding)
{
	return finding->requirement->kind == REQUIREMENT_DETECTION;
}

/* The comparison that is worth the sentence: the first that failed; a detection says
 * all in its title. */
static const struct condition *
failed_condition(const struct finding *finding)
{
	for (size_t i = 0; i < finding->condition_count; i++)
		if (finding->condition[i].outcome == OUTCOME_BAD)
			return &finding->condition[i];
	return NULL;
}

/* A name people know, with the address if it is nobody's. */
static const char *
name_in(bool is_ja, const struct participant *participant)
{
	if (participant == NULL)
		return is_ja ? "未登録の相手" : "an unregistered party";
	return is_ja ? participant->title.ja : participant->title.en;
}

/* Cuts at a whole character; titles are the only long parts. */
static const char *
keep_whole(struct arena *arena, char *text, int written)
{
	size_t size = strlen(text);

	if (written >= SENTENCE_SIZE)
		while (size > 0 && ((unsigned char)text[size - 1] & 0xc0) == 0x80)
			size--;
	if (written >= SENTENCE_SIZE && size > 0 &&
	    (unsigned char)text[size - 1] >= 0xc0)
		size--;
	return arena_text(arena, text, size);
}

/* The words of correlator/policy/comparison.c in Japanese, before the operand. */
static const struct {
	const char *en, *ja;
} words[] = {
	{ "one of ", "次のいずれか " }, { "none of ", "次のいずれでもないこと " },
	{ "only ", "次のものだけ " },   { "within ", "次の時間内 " },
	{ "matches ", "次の形 " },      { "in ", "次の範囲 " },
	{ "present", "あること" },      { "absent", "ないこと" },
};

/* What rules ask of most, as an analyst says it; any other field by its path. */
static const struct {
	const char *path;
	struct title title;
} names[] = {
	{ "tls.version", { "TLSのバージョン", "the TLS version" } },
	{ "tls.cipher_suite", { "暗号スイート", "the cipher suite" } },
	{ "tls.group", { "鍵交換の方式", "the key exchange group" } },
	{ "tls.client.subject", { "クライアント証明書", "the client certificate" } },
	{ "sekisho.tls.suites_offered",
	  { "提示された暗号スイート", "the list of suites offered" } },
	{ "sekisho.tls.in_validity",
	  { "サーバー証明書が有効期間内かどうか",
	    "whether the server certificate is within its validity" } },
	{ "sekisho.tls.key_size",
	  { "サーバー証明書の鍵長", "the server certificate's key size" } },
	{ "sekisho.tls.seconds_left",
	  { "サーバー証明書の残り秒数",
	    "what is left of the server certificate, in seconds," } },
	{ "app_proto", { "アプリケーションプロトコル", "the application protocol" } },
	{ "flow.start", { "通信の開始時刻", "the begin of the session" } },
};

static const char *
pick(bool is_ja, struct title title)
{
	return is_ja ? title.ja : title.en;
}

static const char *
field_name(bool is_ja, const char *path)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(path, names[i].path) == 0)
			return pick(is_ja, names[i].title);
	return path;
}

static const char *
observed_word(bool is_ja, const char *observed)
{
	static const struct {
		const char *code;
		struct title title;
	} codes[] = { { "(none)", { "なし", "none" } },
		      { "true", { "「はい」", "yes" } },
		      { "false", { "「いいえ」", "no" } } };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(observed, codes[i].code) == 0)
			return pick(is_ja, codes[i].title);
	return observed;
}

/* The name of a set, "$suite.strong: ", is the rule's own business. */
static const char *
without_set_name(bool is_ja, const char *required)
{
	if (required[0] != '$')
		return required;
	const char *end = strstr(required, ": ");
	return end != NULL ? end + 2 : is_ja ? "規則の一覧" : "the rules' list";
}

/* 'required' in words into 'out'. */
static void
required_words(bool is_ja, const char *required, char *out, size_t room)
{
	bool is_not = strncmp(required, "not ", 4) == 0;
	const char *rest = is_not ? required + 4 : required, *before = "";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(rest, words[i].en, strlen(words[i].en)) == 0) {
			before = is_ja ? words[i].ja : words[i].en;
			rest += strlen(words[i].en);
			break;
		}
	rest = observed_word(is_ja, without_set_name(is_ja, rest));
	const char *least =
		strncmp(rest, ">= ", 3) == 0   ? (is_ja ? "以上" : "at least ")
		: strncmp(rest, "<= ", 3) == 0 ? (is_ja ? "以下" : "at most ")
					       : NULL;
	rest += least != NULL ? 3 : 0;
	if (is_ja)
		snprintf(out, room, "%s%s%s%s", before, rest,
			 least != NULL ? least : "",
			 is_not ? (least != NULL ? "でないこと" : " でないこと") : "");
	else
		snprintf(out, room, "%s%s%s%s", is_not ? "not " : "", before,
			 least != NULL ? least : "", rest);
}

/* ICMP and ESP have none to speak of. */
static void
port_words(bool is_ja, uint16_t port, char *out, size_t room)
{
	out[0] = '\0';
	if (port != 0)
		snprintf(out, room, is_ja ? " ポート%u" : " port %u", (unsigned)port);
}

static const char *
sentence_ja(struct arena *arena, const struct alert *alert,
	    const struct finding *finding, const struct parties *parties)
{
	char text[SENTENCE_SIZE];
	const struct condition *failed = failed_condition(finding);
	const struct service *service = parties->server.service;
	char required[256], port[24];

	port_words(true, alert->server_port, port, sizeof(port));
	int written = snprintf(
		text, sizeof(text), "%s(%s)から%s%s%s(%s%s)への通信が%s「%s」%s",
		name_in(true, parties->client.participant), alert->client_ip,
		name_in(true, parties->server.participant), service != NULL ? "の" : "",
		service != NULL ? service->title.ja : "", alert->server_ip, port,
		is_detection(finding) ? "検知ルール" : "要件",
		finding->requirement->title.ja,
		is_detection(finding) ? "に当てはまりました" : "を満たしていません");

	if (failed != NULL && written < SENTENCE_SIZE &&
	    strcmp(failed->what, "connection") != 0) {
		required_words(true, failed->required, required, sizeof(required));
		written += snprintf(text + written, sizeof(text) - (size_t)written,
				    ":%sは%s、求められるのは%s",
				    field_name(true, failed->what),
				    observed_word(true, failed->observed), required);
	}
	if (written < SENTENCE_SIZE)
		written +=
			snprintf(text + written, sizeof(text) - (size_t)written, "。");
	return keep_whole(arena, text, written);
}

static const char *
sentence_en(struct arena *arena, const struct alert *alert,
	    const struct finding *finding, const struct parties *parties)
{
	char text[SENTENCE_SIZE];
	const struct condition *failed = failed_condition(finding);
	const struct service *service = parties->server.service;
	char required[256], port[24];

	port_words(false, alert->server_port, port, sizeof(port));
	int written = snprintf(
		text, sizeof(text), "%s (%s) to %s%s%s (%s%s) %s \"%s\"",
		name_in(false, parties->client.participant), alert->client_ip,
		name_in(false, parties->server.participant),
		service != NULL ? ", " : "", service != NULL ? service->title.en : "",
		alert->server_ip, port,
		is_detection(finding) ? "matches the detection"
				      : "breaks the requirement",
		finding->requirement->title.en);

	if (failed != NULL && written < SENTENCE_SIZE &&
	    strcmp(failed->what, "connection") != 0) {
		required_words(false, failed->required, required, sizeof(required));
		written += snprintf(text + written, sizeof(text) - (size_t)written,
				    ": %s is %s, required is %s",
				    field_name(false, failed->what),
				    observed_word(false, failed->observed), required);
	}
	if (written < SENTENCE_SIZE)
		written +=
			snprintf(text + written, sizeof(text) - (size_t)written, ".");
	return keep_whole(arena, text, written);
}

/* The first comparison that failed, in words, behind 'written' characters of 'text'. */
static int
add_failed(bool is_ja, const struct finding *finding, char text[SENTENCE_SIZE],
	   int written)
{
	const struct condition *failed = failed_condition(finding);
	char required[256];

	if (failed == NULL || written >= SENTENCE_SIZE)
		return written;
	required_words(is_ja, failed->required, required, sizeof(required));
	return written + snprintf(text + written, SENTENCE_SIZE - (size_t)written,
				  is_ja ? ":%sは%s、求められるのは%s。"
					: ": %s is %s, required is %s.",
				  field_name(is_ja, failed->what),
				  observed_word(is_ja, failed->observed), required);
}

/* A sensor's own record: nobody spoke with anybody. */
static struct title
sentence_of_sensor(struct arena *arena, const struct alert *alert,
		   const struct finding *finding)
{
	char text[2][SENTENCE_SIZE];
	int ja = snprintf(text[0], SENTENCE_SIZE,
			  "%sのセンサー(%s)が要件「%s」を満たしていません",
			  name_in(true, finding->subject), alert->poi,
			  finding->requirement->title.ja);
	int en = snprintf(text[1], SENTENCE_SIZE,
			  "A sensor of %s at %s breaks the requirement \"%s\"",
			  name_in(false, finding->subject), alert->poi,
			  finding->requirement->title.en);

	ja = add_failed(true, finding, text[0], ja);
	en = add_failed(false, finding, text[1], en);
	return (struct title){ .ja = keep_whole(arena, text[0], ja),
			       .en = keep_whole(arena, text[1], en) };
}

/* Nothing was said by anybody, so there is no connection to speak of. */
static struct title
sentence_of_silence(struct arena *arena, const struct finding *finding,
		    const struct parties *parties)
{
	char text[2][SENTENCE_SIZE];
	const struct condition *condition = &finding->condition[0];
	const struct service *service = parties->server.service;
	int ja = snprintf(text[0], SENTENCE_SIZE,
			  "%sについて、要件「%s」が求める通信が期間中%"
			  "s件しか見られませんでした(求められるのは%s件以上%s%s)。",
			  name_in(true, finding->subject),
			  finding->requirement->title.ja, condition->observed,
			  condition->required + strlen(">= "),
			  service != NULL ? "、相手は" : "",
			  service != NULL ? service->title.ja : "");
	int en = snprintf(text[1], SENTENCE_SIZE,
			  "Of %s only %s records were seen in the whole window where "
			  "\"%s\" asks for at least %s%s%s.",
			  name_in(false, finding->subject), condition->observed,
			  finding->requirement->title.en,
			  condition->required + strlen(">= "),
			  service != NULL ? " to " : "",
			  service != NULL ? service->title.en : "");

	return (struct title){ .ja = keep_whole(arena, text[0], ja),
			       .en = keep_whole(arena, text[1], en) };
}

struct title
sentence_of(struct arena *arena, const struct alert *alert,
	    const struct finding *finding, const struct parties *parties)
{
	if (finding->requirement->kind == REQUIREMENT_PRESENCE)
		return sentence_of_silence(arena, finding, parties);
	if (alert->client_ip[0] == '\0' && !is_detection(finding))
		return sentence_of_sensor(arena, alert, finding);
	return (struct title){
		.ja = sentence_ja(arena, alert, finding, parties),
		.en = sentence_en(arena, alert, finding, parties),
	};
}

static const char *
word_of(enum outcome outcome, bool is_of_detection)
{
	if (outcome == OUTCOME_GOOD)
		return is_of_detection ? "matched" : "ok";
	return outcome == OUTCOME_BAD ? "violated" : "not_observed";
}

/* "NAME": "text" with a comma before it unless it is the first. */
static size_t
put_member(char *out, size_t room, const char *name, const char *text)
{
	size_t used = (size_t)snprintf(out, room,
				       "%s\"%s\":", out[-1] == '{' ? "" : ",", name);

	return used + text_to_json(text_of(text), out + used, room - used);
}

const char *
sentence_conditions(struct arena *arena, const struct finding *finding,
		    const char *record_id)
{
	size_t room = finding->condition_count * CONDITION_JSON_SIZE + 3, used = 0;
	char *out = arena_take(arena, room);

	out[used++] = '[';
	for (size_t i = 0; i < finding->condition_count; i++) {
		const struct condition *condition = &finding->condition[i];
		const char *const members[][2] = {
			{ "what", condition->what },
			{ "required", condition->required },
			{ "observed", condition->observed },
			{ "outcome",
			  word_of(condition->outcome, is_detection(finding)) },
			{ "record", record_id },
			{ "unobservable", condition->reason },
		};
		used += (size_t)snprintf(out + used, room - used, "%s{",
					 i > 0 ? "," : "");
		for (size_t m = 0; m < sizeof(members) / sizeof(members[0]); m++)
			used += put_member(out + used, room - used, members[m][0],
					   members[m][1]);
		out[used++] = '}';
	}
	out[used++] = ']';
	out[used] = '\0';
	return out;
}
