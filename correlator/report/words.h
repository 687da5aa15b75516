/* SPDX-License-Identifier: Apache-2.0 */
/* words: the report's own sentences in Japanese and English, by one name each. */
#ifndef CORRELATOR_REPORT_WORDS_H
#define CORRELATOR_REPORT_WORDS_H

#include "correlator/report/report.h"

/* clang-format off */
#define REPORT_WORDS(WORD) \
	WORD(TITLE, "接続要件適合・アクセス報告書", "Compliance and access report") \
	WORD(REGION, "地域", "Region") \
	WORD(PERIOD, "対象期間", "Period") \
	WORD(AS_OF, "データの時点", "Data as of") \
	WORD(NO_DATA, "記録なし", "no record") \
	WORD(DAYS, "経過日数", "Days that have begun") \
	WORD(RULESET, "規則の版 (SHA-256)", "Rule set (SHA-256)") \
	WORD(HANDLING, "取扱区分", "Handling") \
	WORD(HANDLING_TEXT, "当該地域の関係者限り", "for the people responsible in this region only") \
	WORD(NATIONAL, "全国報告書", "National report") \
	WORD(NATIONAL_TEXT, "判定の欄は、接続要件と機関の組ごとの日数の合計です。通信数は各地域の機関からのものです。各地域の報告書と同じ数値です。", "Verdicts are days of pairs of requirement and institution, in sum. Sessions are those by the region's institutions. The figures are those of each region's own report.") \
	WORD(ALL_REGIONS, "全地域", "All regions") \
	WORD(INSTITUTIONS, "機関数", "Institutions") \
	WORD(UNWATCHED_COUNT, "観測範囲が足りない日のある機関", "Institutions with too little coverage on a day") \
	WORD(VIOLATED_SESSIONS, "不適合の通信", "Sessions violated") \
	WORD(HIDDEN_SESSIONS, "観測不能の通信", "Sessions unobservable") \
	WORD(ALERTS_COUNT, "警報", "Alerts") \
	WORD(GAPS_COUNT, "観測の中断", "Gaps in watching") \
	WORD(REPLACES, "差し替えた報告書 (SHA-256)", "Takes the place of the report (SHA-256)") \
	WORD(CHANGES, "差し替えで変わった数値", "Figures that changed") \
	WORD(COMMENT, "コメント", "Comment") \
	WORD(MADE_BY, "作成", "Made by") \
	WORD(CHECKED_BY, "確認", "Checked") \
	WORD(APPROVED_BY, "承認", "Approved") \
	WORD(MATRIX_LARGE, "機関数が多いため、機関ごとの欄はCSVまたはJSONの報告書にあります。", "There are too many institutions to print a column each; the CSV and JSON forms have them.") \
	WORD(SUMMARY, "1. まとめ", "1. Summary") \
	WORD(SUMMARY_TEXT, "接続要件と機関の組ごとに1日1判定とし、その日数の合計です。", "One verdict a day for each pair of requirement and institution; these are the days in sum.") \
	WORD(VIOLATED_PAIRS, "不適合のあった接続要件と機関の組", "Pairs of requirement and institution with a violation") \
	WORD(NO_VIOLATION, "この期間に不適合はありませんでした。観測不能は適合を意味しません。", "No requirement was violated in this period. Unobservable does not mean satisfied.") \
	WORD(NOTHING_SEEN, "この期間の観測データはありません。適合とも不適合とも判断できません。", "Nothing was observed in this period. Whether requirements were met cannot be said.") \
	WORD(MATRIX, "2. 接続要件への適合", "2. Compliance with the connection requirements") \
	WORD(MATRIX_TEXT, "各欄は期間中の日数です: 適合 / 不適合 / 観測不能 / 対象外", "Each cell gives days of the period: satisfied / violated / unobservable / not applicable") \
	WORD(REQUIREMENT, "接続要件", "Requirement") \
	WORD(INSTITUTION, "機関", "Institution") \
	WORD(COVERAGE, "観測範囲", "Coverage") \
	WORD(VIOLATIONS, "3. 不適合と対処", "3. What was violated, and what to do") \
	WORD(VIOLATED_DAYS, "不適合の日数", "days violated") \
	WORD(SEVERITY, "重大度", "Severity") \
	WORD(HIDDEN_DAYS, "観測不能の日数", "days unobservable") \
	WORD(SAMPLES, "通信数(適合/不適合/不明)", "sessions (good/bad/unknown)") \
	WORD(CLAUSE, "根拠条項", "Clause") \
	WORD(REMEDY, "対処", "What to do") \
	WORD(ACCEPTED, "例外として承認された日数", "days accepted by an exception") \
	WORD(PROVISIONAL, "うち暫定", "of them provisional") \
	WORD(NONE, "ありません。", "None.") \
	WORD(HIDDEN, "4. 観測できなかったもの", "4. What could not be observed") \
	WORD(HIDDEN_TEXT, "通信からは判断できませんでした。適合とは扱いません。", "The wire could not tell. This is never counted as satisfied.") \
	WORD(REASON, "理由", "Reason") \
	WORD(UNWATCHED, "観測範囲が足りなかった日(すべての接続要件)", "days with too little coverage (all requirements)") \
	WORD(SETTLED_BY, "判断できる他の証跡", "Other evidence that would settle it") \
	WORD(ACCESS, "5. アクセス", "5. Access") \
	WORD(ACCESS_OUT, "5.1 当地域の機関から", "5.1 By institutions of this region") \
	WORD(ACCESS_IN, "5.2 他から当地域の機関へ", "5.2 By others, to institutions of this region") \
	WORD(CLIENT, "接続元", "Client") \
	WORD(SERVER, "接続先", "Server") \
	WORD(SERVICE, "サービス", "Service") \
	WORD(SESSIONS, "通信数", "Sessions") \
	WORD(VIOLATED, "不適合", "Violated") \
	WORD(UNOBSERVABLE, "観測不能", "Unobservable") \
	WORD(BYTES, "送信/受信バイト数", "Bytes sent/received") \
	WORD(FIRST_LAST, "最初と最後", "First and last") \
	WORD(UNKNOWN, "登録のない機器", "Unregistered host") \
	WORD(NO_SERVICE, "登録のないサービス", "No registered service") \
	WORD(ALERTS, "6. 警報", "6. Alerts") \
	WORD(TIMES, "回", "times") \
	WORD(WATCH, "7. 観測していなかった時間", "7. Hours that were not watched") \
	WORD(WATCH_TEXT, "観測範囲が95%に満たない時間帯です。この間の通信の有無は分かりません。", "Hours with less than 95 % coverage. Whether anything happened then is not known.") \
	WORD(METHOD, "8. 方法と限界", "8. Method and limits") \
	WORD(METHOD_1, "相互接続点の通信を受動的に観測し、登録簿と接続要件に照らして通信ごとに判定しています。通信の内容(診療情報)は読み取りません。", "Traffic at the interconnection points is watched passively and judged session by session against the register and the requirements. No clinical content is read.") \
	WORD(METHOD_2, "TLS 1.3では証明書が暗号化されるため、証明書に関する要件は通信だけでは判断できません。", "TLS 1.3 encrypts certificates, so requirements about them cannot be judged from the wire alone.") \
	WORD(METHOD_3, "対象の通信がない日は、観測範囲が足りれば対象外、足りなければ観測不能とします。", "A day without traffic in scope is not applicable where coverage suffices, and unobservable where it does not.") \
	WORD(METHOD_4, "終わっていない日の適合は暫定です。例外は不適合の扱いを変えますが、判定は変えません。", "Satisfied is provisional until the day is over. An exception changes how a violation is handled, never the verdict.") \
	WORD(METHOD_5, "アクセス台帳は登録されたサービスへの通信の記録です。利用者個人と患者はこの版では扱いません。", "The access ledger records sessions to registered services. Individual users and patients are not part of this edition.")

enum report_word {
#define WORD(name, ja, en) REPORT_##name,
	REPORT_WORDS(WORD)
#undef WORD
	REPORT_WORD_COUNT
};
/* clang-format on */

const char *report_word(const struct report *report, enum report_word word);
/* 適合 or "satisfied" */
const char *report_verdict_word(const struct report *report, enum verdict verdict);
/* A reason of an unknown, such as "encrypted", for people; itself if it has no word. */
const char *report_reason_word(const struct report *report, const char *reason);
const char *report_severity_word(const struct report *report, const char *severity);
const char *report_title(const struct report *report, const struct title *title);

/* "2026-11-03 12:34:56" in the report's zone. */
void report_write_time(const struct report *report, int64_t time, char *text,
		       size_t room);
/* "2026-11 (2026-11-01 - 2026-11-30)": as asked for, and its first and last day. */
void report_write_period(const struct report *report, char *text, size_t room);
/* A party's name; its id if it has none. */
const char *report_party(const struct report *report, const char *id,
			 const struct title *title);
/* "99.9%", floored, so that 100 % is said only of all. */
void report_write_share(uint32_t millionths, char *text, size_t room);

#endif
