/* SPDX-License-Identifier: Apache-2.0 */
/* tail: follows logs of other devices and hands their lines to the engine as records.
 */
#include "correlator/logs/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/log.h"
#include "common/record_write.h"
#include "correlator/lanes.h"
#include "correlator/logs/line.h"
#include "store/evidence.h"

enum { POLLS_IDLE = 20 };

struct source {
	char *spec, *poi, *path; /* spec owns the others' memory */
	const struct log_mapping *mapping;
	char sensor[LANE_NAME_SIZE];
	int fd; /* -1: not open */
	struct tail_row at;
	unsigned idle;   /* polls since another file has its name and nothing came */
	bool is_told;    /* that it cannot be read */
	bool is_passing; /* the rest of a line that is too long */
};

struct tails {
	struct store *store;
	struct log_reader *reader;
	struct tails_counters counters;
	size_t count;
	struct source source[TAIL_SOURCES_MAX];
	char out[RECORD_SIZE_MAX];
	char buffer[TAIL_BYTES_A_POLL];
};

static const struct scope everybody = { .is_all = true };

/* "log.MAPPING.12345678": of one source and no other. */
static void
name_source(struct source *source, const char *spec)
{
	struct digest digest = digest_of(spec, strlen(spec));
	char text[DIGEST_TEXT_SIZE];

	digest_to_text(&digest, text);
	snprintf(source->sensor, sizeof(source->sensor), "%s%s.%.8s", LANE_LOG_PREFIX,
		 source->mapping->id, text);
}

static int
read_spec(struct source *source, const char *spec, const struct log_mappings *mappings,
	  struct error *err)
{
	struct error why;
	char *equals;

	source->fd = -1;
	source->spec = strdup(spec);
	equals = source->spec != NULL ? strchr(source->spec, '=') : NULL;
	if (equals == NULL || equals[1] == '\0')
		return error_set(err,
				 "\"%s\" is no log; expected MAPPING=PATH or "
				 "MAPPING@POI=PATH",
				 spec);
	*equals = '\0';
	source->path = equals + 1;
	source->poi = equals; /* "" */
	char *at = strchr(source->spec, '@');
	if (at != NULL) {
		*at = '\0';
		source->poi = at + 1;
	}
	source->mapping = log_mappings_find(mappings, source->spec, &why);
	if (source->mapping == NULL)
		return error_set(err, "%s: %s", spec, why.text);
	name_source(source, spec);
	return 0;
}

struct tails *
tails_new(const char *const *source, size_t count, const struct log_mappings *mappings,
	  struct store *store, struct error *err)
{
	struct tails *tails = calloc(1, sizeof(*tails));
	int result = 0;

	if (tails == NULL)
		log_fatal("logs", "no memory to follow logs");
	tails->store = store;
	tails->reader = log_reader_new();
	if (count > TAIL_SOURCES_MAX)
		result = error_set(err, "%zu logs; expected at most %d", count,
				   TAIL_SOURCES_MAX);
	while (result == 0 && tails->count < count) {
		struct source *one = &tails->source[tails->count];
		result = read_spec(one, source[tails->count++], mappings, err);
		if (result == 0 && store_find_tail(store, &everybody, one->sensor,
						   &one->at, err) == -1)
			result = -1;
	}
	if (result == 0)
		return tails;
	tails_free(tails);
	return NULL;
}

void
tails_free(struct tails *tails)
{
	if (tails == NULL)
		return;
	for (size_t i = 0; i < tails->count; i++) {
		if (tails->source[i].fd != -1)
			close(tails->source[i].fd);
		free(tails->source[i].spec);
	}
	log_reader_free(tails->reader);
	free(tails);
}

static void
tell(struct source *source, const char *what)
{
	if (!source->is_told)
		log_error("logs", "%s: %s; it is tried again", source->path, what);
	source->is_told = true;
}

/* Opens the log, from where it was applied if it is still the same file. */
static bool
open_source(struct source *source)
{
	struct stat about;

	source->fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd == -1 || fstat(source->fd, &about) == -1 ||
	    !S_ISREG(about.st_mode)) {
		tell(source, source->fd == -1 ? strerror(errno) : "no regular file");
		if (source->fd != -1)
			close(source->fd);
		source->fd = -1;
		return false;
	}
	source->is_told = false;
	if (source->at.inode != (uint64_t)about.st_ino ||
	    source->at.offset > (uint64_t)about.st_size)
		source->at.offset = 0;
	source->at.inode = (uint64_t)about.st_ino;
	return true;
}

/* At the end of what is open: was it cut, or is there another file by its name? */
static bool
has_moved_on(struct source *source)
{
	struct stat open_one, named;

	if (fstat(source->fd, &open_one) == -1)
		return true;
	if ((uint64_t)open_one.st_size < source->at.offset) {
		source->at.offset = 0;
		source->is_passing = false;
		return false;
	}
	if (stat(source->path, &named) == -1 || named.st_ino == open_one.st_ino) {
		source->idle = 0;
		return false;
	}
	/* its writer may still be in the middle of a last line */
	return (uint64_t)open_one.st_size == source->at.offset ||
	       ++source->idle > POLLS_IDLE;
}

static int
apply_line(struct tails *tails, struct source *source, struct engine *engine,
	   const char *line, size_t size, struct error *err)
{
	struct record record;

	switch (log_read(tails->reader, source->mapping, source->poi, line, size,
			 &record)) {
	case LOG_OTHER:
		tails->counters.others++;
		return 0;
	case LOG_REFUSED:
		tails->counters.refused++;
		return 0;
	case LOG_RECORD:
		break;
	}
	tails->counters.records++;
	size_t written = record_write(&record, NULL, tails->out);
	return engine_apply(engine, source->sensor, LANE_LOG_EPOCH, 0, ++source->at.seq,
			    1, tails->out, written, err);
}

/* The whole lines of the buffer; returns how many bytes they were, or -1. */
static ssize_t
apply_lines(struct tails *tails, struct source *source, struct engine *engine,
	    size_t size, struct error *err)
{
	const char *at = tails->buffer, *end = at + size;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			break;
		size_t length = (size_t)(stop - at);
		if (length > 0 && at[length - 1] == '\r')
			length--;
		if (source->is_passing || length > LOG_LINE_MAX)
			tails->counters.too_long++;
		else if (length > 0 &&
			 apply_line(tails, source, engine, at, length, err) == -1)
			return -1;
		source->is_passing = false;
		at = stop + 1;
	}
	if ((size_t)(end - at) > LOG_LINE_MAX) { /* its end is not in sight */
		source->is_passing = true;
		at = end;
	}
	return at - tails->buffer;
}

/* 1 if anything was applied. */
static int
poll_source(struct tails *tails, struct source *source, struct engine *engine,
	    struct error *err)
{
	if (source->fd == -1 && !open_source(source))
		return 0;
	ssize_t size = pread(source->fd, tails->buffer, sizeof(tails->buffer),
			     (off_t)source->at.offset);
	if (size == -1) {
		tell(source, strerror(errno));
		return 0;
	}
	ssize_t used =
		size > 0 ? apply_lines(tails, source, engine, (size_t)size, err) : 0;
	if (used == -1)
		return -1;
	source->at.offset += (uint64_t)used;
	if (used == 0 && has_moved_on(source)) {
		close(source->fd);
		source->fd = -1;
	}
	if (used == 0)
		return 0;
	if (engine_begin(engine, err) == -1 ||
	    store_put_tail(tails->store, source->sensor, &source->at, err) == -1)
		return -1;
	return 1;
}

int
tails_poll(struct tails *tails, struct engine *engine, struct error *err)
{
	int any = 0;

	for (size_t i = 0; i < tails->count; i++) {
		int result = poll_source(tails, &tails->source[i], engine, err);
		if (result == -1)
			return -1;
		any |= result;
	}
	return any;
}

struct tails_counters
tails_counters(const struct tails *tails)
{
	return tails->counters;
}
