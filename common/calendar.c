/* SPDX-License-Identifier: Apache-2.0 */
/* calendar: civil dates in a zone: days, weeks, months, periods, 令和 years. */
#include "common/calendar.h"

#include <stdio.h>
#include <string.h>

enum {
	MONDAY = 4, /* 1970-01-05 in days since 1970-01-01 */
	OFFSET_MAX = 14 * 3600
};

static const int days_before_month[] = { 0,   31,  59,  90,  120, 151,
					 181, 212, 243, 273, 304, 334 };

static const struct {
	const char *name;
	struct zone zone;
} zones[] = {
	{ "Asia/Tokyo", { 9 * 3600 } },
	{ "UTC", { 0 } },
};

/* Floor division: time before 1970 belongs to the day before, not after. */
static int64_t
floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* "2026" and the like: exactly 'count' digits, else -1. */
static int
read_digits(const char *text, size_t count)
{
	int value = 0;

	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* "+09:00" */
static bool
offset_from_text(const char *name, struct zone *zone)
{
	if (strlen(name) != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':')
		return false;
	int hours = read_digits(name + 1, 2), minutes = read_digits(name + 4, 2);
	int seconds = hours * 3600 + minutes * 60;
	if (hours < 0 || minutes < 0 || minutes > 59 || seconds > OFFSET_MAX)
		return false;
	zone->offset = name[0] == '-' ? -seconds : seconds;
	return true;
}

int
zone_from_text(const char *name, struct zone *zone, struct error *err)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (strcmp(zones[i].name, name) == 0) {
			*zone = zones[i].zone;
			return 0;
		}
	if (offset_from_text(name, zone))
		return 0;
	return error_set(
		err,
		"\"%.64s\" is no time zone we take; expected Asia/Tokyo, UTC or an "
		"offset such as +09:00 (zones with summer time are not taken)",
		name);
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_of_month(int year, int month)
{
	int next = month == 12 ? 365 : days_before_month[month];

	return next - days_before_month[month - 1] + (month == 2 && is_leap(year));
}

bool
date_is_valid(struct date date)
{
	return date.year >= 1 && date.year <= 9999 && date.month >= 1 &&
	       date.month <= 12 && date.day >= 1 &&
	       date.day <= days_of_month(date.year, date.month);
}

bool
date_from_text(const char *text, struct date *date)
{
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return false;
	struct date read = { read_digits(text, 4), read_digits(text + 5, 2),
			     read_digits(text + 8, 2) };
	if (!date_is_valid(read))
		return false;
	*date = read;
	return true;
}

int64_t
date_to_days(struct date date)
{
	int64_t before = date.year - 1;
	int64_t leaps = before / 4 - before / 100 + before / 400;
	int64_t in_year = days_before_month[date.month - 1] + date.day - 1 +
			  (date.month > 2 && is_leap(date.year));

	return before * 365 + leaps + in_year - 719162; /* 0001-01-01 to 1970-01-01 */
}

struct date
date_from_days(int64_t days)
{
	int64_t since = days + 719162;
	struct date date = { .day = 1, .month = 1 };

	/* never later than the year wanted, and at most one before it */
	date.year = (int)(floor_divide(since * 400, 146097) + 1);
	while (date_to_days(date) > days)
		date.year--;
	while (date_to_days((struct date){ date.year + 1, 1, 1 }) <= days)
		date.year++;
	while (date.month < 12 &&
	       date_to_days((struct date){ date.year, date.month + 1, 1 }) <= days)
		date.month++;
	date.day = (int)(days - date_to_days(date)) + 1;
	return date;
}

int
date_weekday(struct date date)
{
	int64_t days = date_to_days(date) - MONDAY;

	return (int)(days - floor_divide(days, 7) * 7);
}

static struct instant
begin_of_days(int64_t days, struct zone zone)
{
	return (struct instant){ days * INSTANT_DAY - zone.offset * INSTANT_SECOND };
}

/* Open ends (INT64_MAX) and nonsense become the nearest day of the years 1 to 9999. */
static struct instant
inside(struct instant at)
{
	const int64_t first = -719161 * INSTANT_DAY, last = 2932895 * INSTANT_DAY;

	return (struct instant){ at.usec < first  ? first
				 : at.usec > last ? last
						  : at.usec };
}

static int64_t
days_at(struct instant at, struct zone zone)
{
	return floor_divide(inside(at).usec + zone.offset * INSTANT_SECOND,
			    INSTANT_DAY);
}

struct instant
calendar_begin(struct date date, struct zone zone)
{
	return begin_of_days(date_to_days(date), zone);
}

struct date
calendar_date(struct instant at, struct zone zone)
{
	return date_from_days(days_at(at, zone));
}

int
calendar_second(struct instant at, struct zone zone)
{
	struct instant begin = begin_of_days(days_at(at, zone), zone);

	return (int)(instant_between(begin, inside(at)) / INSTANT_SECOND);
}

static struct date
next_month(struct date date)
{
	if (date.month == 12)
		return (struct date){ date.year + 1, 1, 1 };
	return (struct date){ date.year, date.month + 1, 1 };
}

struct span
calendar_days_window(struct instant at, int64_t days, struct zone zone)
{
	int64_t first = floor_divide(days_at(at, zone) - MONDAY, days) * days + MONDAY;

	return (struct span){ begin_of_days(first, zone),
			      begin_of_days(first + days, zone) };
}

struct span
calendar_window(struct instant at, enum calendar_unit unit, struct zone zone)
{
	if (unit != CALENDAR_MONTH)
		return calendar_days_window(at, unit == CALENDAR_WEEK ? 7 : 1, zone);
	struct date first = calendar_date(at, zone);
	first.day = 1;
	return (struct span){ calendar_begin(first, zone),
			      calendar_begin(next_month(first), zone) };
}

/* The month or day that 'text' names, as a span. */
static bool
span_from_date(const char *text, struct zone zone, struct span *span)
{
	char whole[11];
	struct date date;
	bool is_month = strlen(text) == 7;

	snprintf(whole, sizeof(whole), "%.7s-01", text);
	if (!date_from_text(is_month ? whole : text, &date))
		return false;
	span->from = calendar_begin(date, zone);
	span->to = is_month ? calendar_begin(next_month(date), zone)
			    : instant_after(span->from, INSTANT_DAY);
	return true;
}

/* One end of FROM..TO. */
static int
end_from_text(const char *text, struct zone zone, struct instant *end,
	      struct error *err)
{
	struct span span;

	if (span_from_date(text, zone, &span)) {
		*end = span.from;
		return 0;
	}
	if (instant_from_text(text, strlen(text), end))
		return 0;
	return error_set(err,
			 "\"%.40s\" is no date; expected 2026-11, 2026-11-03 or "
			 "2026-11-03T09:00:00+09:00",
			 text);
}

/* "2026-W45" (ISO 8601: week 1 holds the 4th of January). */
static bool
span_from_week(const char *text, struct zone zone, struct span *span)
{
	int year, week, used = 0;

	if (sscanf(text, "%4d-W%2d%n", &year, &week, &used) != 2 || used != 8 ||
	    text[used] != '\0' || text[6] < '0' || year < 1 || week < 1)
		return false;
	struct span first = calendar_window(
		calendar_begin((struct date){ year, 1, 4 }, zone), CALENDAR_WEEK, zone);
	struct span next = calendar_window(
		calendar_begin((struct date){ year + 1, 1, 4 }, zone), CALENDAR_WEEK,
		zone);
	span->from.usec = first.from.usec + (week - 1) * 7 * INSTANT_DAY;
	span->to.usec = span->from.usec + 7 * INSTANT_DAY;
	return span->from.usec < next.from.usec;
}

int
calendar_period(const char *text, struct zone zone, struct span *span,
		struct error *err)
{
	const char *dots = strstr(text, "..");
	char from[64];
	struct span read;

	if (dots == NULL) {
		if (span_from_date(text, zone, span) ||
		    span_from_week(text, zone, span))
			return 0;
		return error_set(
			err,
			"\"%.64s\" is no period; expected 2026-11, 2026-W45, "
			"2026-11-03 or "
			"2026-11-01..2026-11-04 (the end is not part of it)",
			text);
	}
	snprintf(from, sizeof(from), "%.*s", (int)(dots - text < 63 ? dots - text : 63),
		 text);
	if (end_from_text(from, zone, &read.from, err) == -1 ||
	    end_from_text(dots + 2, zone, &read.to, err) == -1)
		return -1;
	if (!instant_is_before(read.from, read.to))
		return error_set(
			err,
			"\"%.64s\" ends before it begins; the end is not part of a "
			"period, so one day is 2026-11-03..2026-11-04",
			text);
	*span = read;
	return 0;
}

size_t
date_to_text(struct date date, char text[CALENDAR_TEXT_SIZE])
{
	return (size_t)snprintf(text, CALENDAR_TEXT_SIZE, "%04d-%02d-%02d", date.year,
				date.month, date.day);
}

size_t
calendar_to_text(struct instant at, struct zone zone, char text[CALENDAR_TEXT_SIZE])
{
	size_t used = date_to_text(calendar_date(at, zone), text);
	int second = calendar_second(at, zone);

	return used + (size_t)snprintf(text + used, CALENDAR_TEXT_SIZE - used,
				       " %02d:%02d:%02d", second / 3600,
				       second / 60 % 60, second % 60);
}

size_t
date_to_japanese(struct date date, char text[CALENDAR_TEXT_SIZE])
{
	static const struct date reiwa = { 2019, 5, 1 };
	char year[16] = "元";
	bool is_reiwa = date_to_days(date) >= date_to_days(reiwa);
	int count = is_reiwa ? date.year - 2018 : date.year;

	if (count > 1 || !is_reiwa)
		snprintf(year, sizeof(year), "%d", count);
	return (size_t)snprintf(text, CALENDAR_TEXT_SIZE, "%s%s年%d月%d日",
				is_reiwa ? "令和" : "", year, date.month, date.day);
}
