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

const char *
report_party(const struct report *report, const char *id, const struct title *title)
{
	if (strcmp(id, "unknown") == 0)
		return report_word(report, REPORT_UNKNOWN);
	return report_title(report, title)[0] != '\0' ? report_title(report, title)
						      : id;
}

/* As people of this report write it: ISO, or with the era's name if they asked for it.
 */
static void
day_text(const struct report *report, int64_t time, char text[CALENDAR_TEXT_SIZE])
{
	struct date date = calendar_date((struct instant){ time },
					 (struct zone){ report->request.zone });

	if (report->request.has_era)
		date_to_japanese(date, text);
	else
		date_to_text(date, text);
}

void
report_write_period(const struct report *report, char *text, size_t room)
{
	char first[CALENDAR_TEXT_SIZE], last[CALENDAR_TEXT_SIZE];

	day_text(report, report->request.from, first);
	day_text(report, report->request.to - 1, last);
	snprintf(text, room, "%s (%s – %s)", report->request.period, first, last);
}

void
report_write_time(const struct report *report, int64_t time, char *text, size_t room)
{
	char day[CALENDAR_TEXT_SIZE];
	int second = calendar_second((struct instant){ time },
				     (struct zone){ report->request.zone });

	day_text(report, time, day);
	snprintf(text, room, "%s %02d:%02d:%02d", day, second / 3600, second / 60 % 60,
		 second % 60);
}

void
report_write_share(uint32_t millionths, char *text, size_t room)
{
	uint32_t tenths = millionths / 1000;

	snprintf(text, room, "%u.%u%%", (unsigned)(tenths / 10),
		 (unsigned)(tenths % 10));
}
