/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar: civil dates in a zone: days, weeks, months, periods, 令和 years.
 *
 * A zone is a fixed offset from UTC, which is what Japan has (and has had since
 * 1952): "Asia/Tokyo", "UTC" or "+09:00".  Zones with summer time are refused in
 * words, for a day of 23 hours would be judged as one of 24.  Proleptic
 * Gregorian; the years 1 to 9999.
 */
#ifndef COMMON_CALENDAR_H
#define COMMON_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/instant.h"

struct zone {
	int32_t offset; /* seconds east of UTC */
};

struct date {
	int year, month, day; /* 2026, 11, 3 */
};

/* Half-open: from <= t < to. */
struct span {
	struct instant from, to;
};

enum calendar_unit { CALENDAR_DAY, CALENDAR_WEEK, CALENDAR_MONTH };

/* "2026-11-03 12:34:56" and room for the year's end */
#define CALENDAR_TEXT_SIZE 40

#define ZONE_UTC   ((struct zone){ 0 })
#define ZONE_TOKYO ((struct zone){ 9 * 3600 })

int zone_from_text(const char *name, struct zone *zone, struct error *err);

bool date_is_valid(struct date date);
/* "2026-11-03", nothing else.  False leaves '*date' alone. */
bool date_from_text(const char *text, struct date *date);
/* Days since 1970-01-01, negative before. */
int64_t date_to_days(struct date date);
struct date date_from_days(int64_t days);
/* Monday is 0. */
int date_weekday(struct date date);

/* Midnight at which the date begins in the zone. */
struct instant calendar_begin(struct date date, struct zone zone);
struct date calendar_date(struct instant at, struct zone zone);
/* Seconds since that date's midnight, 0 to 86399. */
int calendar_second(struct instant at, struct zone zone);

/* The day, week (from Monday) or month of the zone that holds 'at'. */
struct span calendar_window(struct instant at, enum calendar_unit unit, struct zone zone);
/*
 * The window of a whole number of days that holds 'at': 'days' long, counted
 * from Monday 1970-01-05, so that seven days are a week.
 */
struct span calendar_days_window(struct instant at, int64_t days, struct zone zone);

/*
 * A period as people write it: "2026-11", "2026-W45", "2026-11-03", or "FROM..TO", where
 * each end is a month, a day, or an instant with an offset (RFC 3339).  The end
 * is not part of it: 2026-11-01..2026-11-04 is three days, 2026-10..2026-11 is October.
 */
int calendar_period(const char *text, struct zone zone, struct span *span, struct error *err);

/* "2026-11-03 12:34:56" in the zone.  Returns the characters written. */
size_t calendar_to_text(struct instant at, struct zone zone, char text[CALENDAR_TEXT_SIZE]);
/* "2026-11-03" */
size_t date_to_text(struct date date, char text[CALENDAR_TEXT_SIZE]);
/* "令和8年11月3日", the first year as 元年; dates before 2019-05-01 as "2019年4月30日". */
size_t date_to_japanese(struct date date, char text[CALENDAR_TEXT_SIZE]);

#endif
