/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: one line to stderr with level and subsystem.
 *
 * State changes and failures only; anything a stranger on the wire can trigger
 * is counted instead.  Under systemd (JOURNAL_STREAM set) the line begins with
 * the sd-daemon level.  Text from outside must be valid UTF-8 before it comes
 * here.  The sink can be replaced, which is how tests and fuzzers keep quiet.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

typedef void log_sink(void *ctx, enum log_level level, const char *line);

/* NULL restores stderr.  Lines above 'most' are not written. */
void log_to(log_sink *sink, void *ctx);
void log_level_set(enum log_level most);

void log_error(const char *subsystem, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *subsystem, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *subsystem, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *subsystem, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For what cannot go on, such as no memory at start.  Exits with 4 (environment). */
_Noreturn void log_fatal(const char *subsystem, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
