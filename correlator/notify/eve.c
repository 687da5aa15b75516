/* SPDX-License-Identifier: Apache-2.0 */
/* eve: alerts as EVE lines in a file, for EveBox, Filebeat and whoever reads
 * Suricata's. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/record_read.h"
#include "common/record_write.h"
#include "correlator/alert/alert.h"
#include "correlator/notify/output.h"

/* A line that a death cut in two gets its end, so that it spoils no other. */
static int
open_file(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	struct stat about;
	char last = '\n';

	if (fd == -1 || fstat(fd, &about) == -1) {
		error_errno(err, "%s", path);
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (S_ISREG(about.st_mode) && about.st_size > 0 &&
	    pread(fd, &last, 1, about.st_size - 1) == 1 && last != '\n' &&
	    write(fd, "\n", 1) != 1)
		log_warn("notify", "%s: cannot end a line that was cut", path);
	return fd;
}

/* What the store holds of the opening record, or the little the notice knows. */
static void
open_record(struct record_reader *reader, const struct notice_row *row,
	    struct record *record)
{
	struct error unused;

	if (row->line[0] != '\0' &&
	    record_read(reader, row->line, strlen(row->line), record, &unused))
		return;
	record_begin(record, EVENT_ALERT);
	record_set_time(record, FIELD_TIMESTAMP, (struct instant){ row->time });
	record_set_text(record, FIELD_SEKISHO_POI, text_of(row->poi));
}

static size_t
write_line(const struct notice *notice, struct record_reader *reader, char *line)
{
	const struct notice_row *row = &notice->row;
	char sentence[NOTICE_SENTENCE_SIZE], signature[ALERT_SIGNATURE_SIZE];
	struct record opening, record;
	struct alert alert = { .rule = row->rule,
			       .category = row->category,
			       .severity = row->severity,
			       .title = { row->title_ja, row->title_en },
			       .client = row->client.id,
			       .server = row->server.id,
			       .signature_id = alert_signature_id(row->rule) };

	memcpy(alert.id, row->alert,
	       strlen(row->alert) < sizeof(alert.id) ? strlen(row->alert)
						     : sizeof(alert.id) - 1);
	notice_sentence(notice, false, sentence);
	alert.sentence = (struct title){ sentence, sentence };
	open_record(reader, row, &opening);
	alert_to_record(&alert, &opening, signature, &record);
	record_set_time(&record, FIELD_TIMESTAMP, (struct instant){ row->time });
	record_set_number(&record, FIELD_SALERT_COUNT, row->count);
	record_set_number(&record, FIELD_SALERT_TRANSITION, row->number);
	size_t size = record_write(&record, NULL, line);
	line[size++] = '\n';
	return size;
}

int
eve_send(const struct notify_settings *settings, const struct notice *notice,
	 size_t count, struct delivery *delivery, struct error *err)
{
	int fd = open_file(settings->eve, err);
	char *line = malloc(RECORD_SIZE_MAX + 1);
	int result = fd == -1 ? -1 : 0;

	if (line == NULL)
		log_fatal("notify", "no memory for a line");
	struct record_reader *reader = record_reader_new();
	for (size_t i = 0; result == 0 && i < count; i++) {
		size_t size = write_line(&notice[i], reader, line);
		if (write(fd, line, size) != (ssize_t)size)
			result = error_errno(err, "%s", settings->eve);
	}
	if (result == 0 && fsync(fd) == -1 && errno != EINVAL)
		result = error_errno(err, "%s", settings->eve);
	delivery->done = result == 0 ? count : 0;
	record_reader_free(reader);
	free(line);
	if (fd != -1)
		close(fd);
	return result;
}
