/* SPDX-License-Identifier: Apache-2.0 */
/* instant: a point in time, in microseconds since 1970 UTC. */
#include "common/instant.h"

#include <string.h>

/* 0000-01-01T00:00:00 and 9999-12-31T23:59:59, in seconds since 1970 */
#define SECONDS_LEAST (INT64_C(-62167219200))
#define SECONDS_MOST  INT64_C(253402300799)

enum {
	DAYS_A_YEAR = 365,
	DAYS_4_YEARS = 4 * DAYS_A_YEAR + 1,
	DAYS_100_YEARS = 25 * DAYS_4_YEARS - 1,
	DAYS_400_YEARS = 4 * DAYS_100_YEARS + 1,
	DAYS_TO_1970 = 719468, /* from 0000-03-01, where leap days stand at the end */
	SECONDS_A_DAY = 86400
};

struct date {
	int year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};

/* Years are counted from March, so that the leap day is the last one of its year. */
static struct date
date_of_day(int64_t days)
{
	int64_t since = days + DAYS_TO_1970; /* never negative from year 0 March on */
	int64_t era =
		(since >= 0 ? since : since - DAYS_400_YEARS + 1) / DAYS_400_YEARS;
	int in_era = (int)(since - era * DAYS_400_YEARS);
	int year = (in_era - in_era / (DAYS_4_YEARS - 1) + in_era / DAYS_100_YEARS -
		    in_era / (DAYS_400_YEARS - 1)) /
		   DAYS_A_YEAR;
	int in_year = in_era - (DAYS_A_YEAR * year + year / 4 - year / 100);
	int march_month = (5 * in_year + 2) / 153; /* 153 days in five months */
	int month = march_month < 10 ? march_month + 3 : march_month - 9;

	return (struct date){ .year = (int)(era * 400) + year + (month <= 2),
			      .month = month,
			      .day = in_year - (153 * march_month + 2) / 5 + 1 };
}

static int64_t
day_of_date(struct date date)
{
	int year = date.year - (date.month <= 2) + 400; /* not negative */
	int march_month = date.month > 2 ? date.month - 3 : date.month + 9;

	return (int64_t)DAYS_A_YEAR * year + year / 4 - year / 100 + year / 400 +
	       (153 * march_month + 2) / 5 + date.day - 1 - DAYS_400_YEARS -
	       DAYS_TO_1970;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

/* Two digits; below 100. */
static void
put_pair(char *at, unsigned number)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";

	memcpy(at, pairs + 2 * number, 2);
}

size_t
instant_to_text(struct instant at, char text[INSTANT_TEXT_SIZE])
{
	int64_t second = at.usec / INSTANT_SECOND;
	int64_t fraction = at.usec % INSTANT_SECOND;

	if (fraction < 0) {
		fraction += INSTANT_SECOND;
		second--;
	}
	if (second < SECONDS_LEAST) {
		second = SECONDS_LEAST;
		fraction = 0;
	} else if (second > SECONDS_MOST) {
		second = SECONDS_MOST;
		fraction = INSTANT_SECOND - 1;
	}
	int64_t day = second / SECONDS_A_DAY;
	int in_day = (int)(second % SECONDS_A_DAY);
	if (in_day < 0) {
		in_day += SECONDS_A_DAY;
		day--;
	}
	struct date date = date_of_day(day);

	memcpy(text, "0000-00-00T00:00:00.000000+0000", INSTANT_TEXT_SIZE);
	put_pair(text, (unsigned)date.year / 100);
	put_pair(text + 2, (unsigned)date.year % 100);
	put_pair(text + 5, (unsigned)date.month);
	put_pair(text + 8, (unsigned)date.day);
	put_pair(text + 11, (unsigned)in_day / 3600);
	put_pair(text + 14, (unsigned)in_day / 60 % 60);
	put_pair(text + 17, (unsigned)in_day % 60);
	put_pair(text + 20, (unsigned)fraction / 10000);
	put_pair(text + 22, (unsigned)fraction / 100 % 100);
	put_pair(text + 24, (unsigned)fraction % 100);
	return INSTANT_TEXT_SIZE - 1;
}

/* What is left to read; 'is_good' turns false at the first character that does not fit.
 */
struct clock_text {
	const char *at, *end;
	bool is_good;
};

static int
take_digits(struct clock_text *in, int length)
{
	int number = 0;

	if (in->end - in->at < length) {
		in->is_good = false;
		return 0;
	}
	for (int i = 0; i < length; i++) {
		char c = *in->at++;
		if (c < '0' || c > '9')
			in->is_good = false;
		else
			number = number * 10 + (c - '0');
	}
	return number;
}

/* Takes the next character if it is 'upper' or 'lower'. */
static bool
take_one(struct clock_text *in, char upper, char lower)
{
	if (in->at == in->end || (*in->at != upper && *in->at != lower))
		return false;
	in->at++;
	return true;
}

static void
expect(struct clock_text *in, char upper, char lower)
{
	in->is_good = take_one(in, upper, lower) && in->is_good;
}

/* A point and one to nine digits, or nothing; in microseconds. */
static int
take_fraction(struct clock_text *in)
{
	int usec = 0, length = 0;

	if (!take_one(in, '.', '.'))
		return 0;
	for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++, length++)
		if (length < 6)
			usec = usec * 10 + (*in->at - '0');
	if (length < 1 || length > 9)
		in->is_good = false;
	for (; length < 6; length++)
		usec *= 10;
	return usec;
}

/* Z, +09:00 or +0900; in seconds east of Greenwich. */
static int
take_offset(struct clock_text *in)
{
	if (take_one(in, 'Z', 'z'))
		return 0;
	bool is_west = take_one(in, '-', '-');
	if (!is_west)
		expect(in, '+', '+');
	int hour = take_digits(in, 2);
	take_one(in, ':', ':');
	int minute = take_digits(in, 2);
	if (hour > 23 || minute > 59)
		in->is_good = false;
	int seconds = hour * 3600 + minute * 60;
	return is_west ? -seconds : seconds;
}

static struct date
take_date(struct clock_text *in)
{
	struct date date;

	date.year = take_digits(in, 4);
	expect(in, '-', '-');
	date.month = take_digits(in, 2);
	expect(in, '-', '-');
	date.day = take_digits(in, 2);
	if (date.month < 1 || date.month > 12 || date.day < 1 ||
	    date.day > days_of_month(date.year, date.month))
		in->is_good = false;
	return date;
}

bool
instant_from_text(const char *text, size_t length, struct instant *at)
{
	struct clock_text in = { text, text + length, length > 0 };

	struct date date = take_date(&in);
	expect(&in, 'T', 't');
	int hour = take_digits(&in, 2);
	expect(&in, ':', ':');
	int minute = take_digits(&in, 2);
	expect(&in, ':', ':');
	int second =
		take_digits(&in, 2); /* 60 in a leap second (RFC 3339 section 5.6) */
	int usec = take_fraction(&in);
	int offset = take_offset(&in);
	if (!in.is_good || in.at != in.end || hour > 23 || minute > 59 || second > 60)
		return false;

	int64_t seconds = day_of_date(date) * SECONDS_A_DAY + hour * 3600 +
			  minute * 60 + second - offset;
	at->usec = seconds * INSTANT_SECOND + usec;
	return true;
}
