/* SPDX-License-Identifier: Apache-2.0 */
/* words: the report's own sentences in Japanese and English, by one name each. */
#include "correlator/report/words.h"

#include <stdio.h>
#include <string.h>

#include "common/calendar.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *
pick(const struct report *report, const char *ja, const char *en)
{
	return report->request.language == REPORT_JA ? ja : en;
}

const char *
report_word(const struct report *report, enum report_word word)
{
	static const struct title words[] = {
#define WORD(name, ja, en) { ja, en },
		REPORT_WORDS(WORD)
#undef WORD
	};
	return pick(report, words[word].ja, words[word].en);
}

const char *
report_verdict_word(const struct report *report, enum verdict verdict)
{
	static const struct title words[VERDICT_KINDS] = {
		[VERDICT_SATISFIED] = { "適合", "satisfied" },
		[VERDICT_VIOLATED] = { "不適合", "violated" },
		[VERDICT_UNOBSERVABLE] = { "観測不能", "unobservable" },
		[VERDICT_NOT_APPLICABLE] = { "対象外", "not applicable" },
		[VERDICT_ERROR] = { "判定エラー", "error" },
	};
	return pick(report, words[verdict].ja, words[verdict].en);
}

struct term {
	const char *code;
	struct title title;
};

static const char *
find_term(const struct report *report, const struct term *terms, size_t count,
	  const char *code)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(terms[i].code, code) == 0)
			return pick(report, terms[i].title.ja, terms[i].title.en);
	return code;
}

const char *
report_reason_word(const struct report *report, const char *reason)
{
	static const struct term terms[] = {
		{ "encrypted", { "暗号化のため見えない", "encrypted" } },
		{ "resumed", { "セッション再開のため見えない", "session resumed" } },
		{ "truncated", { "途中で切れている", "truncated" } },
		{ "loss", { "取りこぼし", "lost packets" } },
		{ "asymmetric",
		  { "片方向のみ捕捉", "only one direction was captured" } },
		{ "not_decoded", { "解析対象外", "not decoded" } },
		{ "not_looked", { "情報源なし", "nobody looked" } },

		{ "direction", { "通信方向が不確か", "client and server uncertain" } },
	};
	return find_term(report, terms, COUNT(terms), reason);
}

const char *
report_severity_word(const struct report *report, const char *severity)
{
	static const struct term terms[] = {
		{ "critical", { "緊急", "critical" } }, { "high", { "高", "high" } },
		{ "medium", { "中", "medium" } },       { "low", { "低", "low" } },
		{ "info", { "情報", "info" } },
	};
	return find_term(report, terms, COUNT(terms), severity);
}

const char *
report_title(const struct report *report, const struct title *title)
{
	return pick(report, title->ja, title->en);
}

void
report_write_time(const struct report *report, int64_t time, char *text, size_t room)
{
	char found[CALENDAR_TEXT_SIZE];

	calendar_to_text((struct instant){ time },
			 (struct zone){ report->request.zone }, found);
	snprintf(text, room, "%s", found);
}

void
report_write_share(uint32_t millionths, char *text, size_t room)
{
	uint32_t tenths = millionths / 1000;

	snprintf(text, room, "%u.%u%%", (unsigned)(tenths / 10),
		 (unsigned)(tenths % 10));
}
