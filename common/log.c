/* SPDX-License-Identifier: Apache-2.0 */
/* log: one line to stderr with level and subsystem. */
#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/exit_code.h"

enum { LINE_SIZE = 1024 };

/* The only state of the whole house that no caller holds: where complaints go. */
static struct {
	log_sink *sink;
	void *ctx;
	enum log_level most;
} target = { .most = LOG_LEVEL_INFO };

static const struct {
	const char *name;
	const char *journal; /* sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "<3>" },
	[LOG_LEVEL_WARNING] = { "warning", "<4>" },
	[LOG_LEVEL_INFO] = { "info", "<6>" },
	[LOG_LEVEL_DEBUG] = { "debug", "<7>" },
};

void
log_to(log_sink *sink, void *ctx)
{
	target.sink = sink;
	target.ctx = ctx;
}

void
log_level_set(enum log_level most)
{
	target.most = most;
}

/* One write, so that the lines of several processes do not mix. */
static void
write_line(enum log_level level, const char *line)
{
	char out[LINE_SIZE + 16];
	int size;

	if (getenv("JOURNAL_STREAM") != NULL)
		size = snprintf(out, sizeof(out), "%s%s\n", levels[level].journal,
				line);
	else
		size = snprintf(out, sizeof(out), "%s: %s\n", levels[level].name, line);
	if (write(STDERR_FILENO, out, (size_t)size) < 0)
		return; /* nobody is left to tell */
}

static void
log_line(enum log_level level, const char *subsystem, const char *fmt, va_list args)
{
	char line[LINE_SIZE];

	if (level > target.most)
		return;
	int used = snprintf(line, sizeof(line), "%s: ", subsystem);
	if (used > 0 && (size_t)used < sizeof(line))
		vsnprintf(line + used, sizeof(line) - (size_t)used, fmt, args);
	for (char *at = line; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f) /* it stays one line */
			*at = ' ';
	if (target.sink != NULL)
		target.sink(target.ctx, level, line);
	else
		write_line(level, line);
}

void
log_error(const char *subsystem, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_ERROR, subsystem, fmt, args);
	va_end(args);
}

void
log_warn(const char *subsystem, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_WARNING, subsystem, fmt, args);
	va_end(args);
}

void
log_info(const char *subsystem, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_INFO, subsystem, fmt, args);
	va_end(args);
}

void
log_debug(const char *subsystem, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_DEBUG, subsystem, fmt, args);
	va_end(args);
}

void
log_fatal(const char *subsystem, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_ERROR, subsystem, fmt, args);
	va_end(args);
	exit(EXIT_CODE_ENVIRONMENT);
}
