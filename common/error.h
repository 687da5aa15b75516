/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error: what went wrong outside this program, in words for its operator.
 *
 * The function that fails fills it, the callers in between only pass it up,
 * and whoever decides what to do next logs it.  Exactly one log line per
 * failure.
 */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

struct error {
	char text[512];
};

/* Both return -1, so that a failing function can end with one statement. */
int error_set(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Appends ": " and the meaning of errno. */
int error_errno(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
