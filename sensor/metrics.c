/* SPDX-License-Identifier: Apache-2.0 */
/* metrics: what the sensor counts, as Prometheus text on a Unix socket, for HTTP GET of
 * any path. */
#include "sensor/metrics.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 18, AT_ONCE = 8, BACKLOG = 16 };

static const struct {
	const char *name, *type, *help;
} rows[SHARE_COUNTS] = {
	[SHARE_PACKETS] = { "packets_total", "counter", "Packets decoded." },
	[SHARE_BYTES] = { "bytes_total", "counter", "Bytes of them on the wire." },
	[SHARE_FLOWS] = { "flows_total", "counter", "Flows begun." },
	[SHARE_RECORDS] = { "records_total", "counter", "Records made." },
	[SHARE_INVALID] = { "invalid_total", "counter",
			    "Packets that break their protocol." },
	[SHARE_EVICTED] = { "flows_evicted_total", "counter",
			    "Flows a full table ended early." },
	[SHARE_VIOLATIONS] = { "violations_total", "counter",
			       "Dissectors that stopped at a violation." },
	[SHARE_LOST_INTERFACE] = { "lost_interface_total", "counter",
				   "Packets lost at the interface." },
	[SHARE_LOST_KERNEL] = { "lost_kernel_total", "counter",
				"Packets lost in the kernel's ring." },
	[SHARE_LOST_WORKER] = { "lost_worker_total", "counter",
				"Packets lost before the worker." },
	[SHARE_LOST_OUTPUT] = { "lost_output_total", "counter",
				"Records a full ring had no room for." },
	[SHARE_SPOOL_BYTES] = { "spool_bytes", "gauge", "Bytes of the spool in use." },
	[SHARE_SPOOL_WAITING] = { "spool_waiting_records", "gauge",
				  "Records without a commit of the correlator." },
	[SHARE_SPOOL_LOST] = { "spool_lost_total", "counter",
			       "Records the full spool let go." },
	[SHARE_CONNECTED] = { "correlator_connected", "gauge",
			      "1 if the correlator is connected." },
};

int
metrics_listen(const char *path, struct error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(at.sun_path))
		return error_set(err, "%s is longer than a socket's name can be", path);
	memcpy(at.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat about;
	if (lstat(path, &about) == 0 && S_ISSOCK(about.st_mode))
		unlink(path);
	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof(at)) == -1 ||
	    chmod(path, 0660) == -1 ||
	    listen(fd, BACKLOG) == -1) {
		error_errno(err, "cannot listen on %s", path);
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

struct text_out {
	char *at;
	size_t used, room;
};

static void __attribute__((format(printf, 2, 3)))
put(struct text_out *out, const char *fmt, ...)
{
	va_list args;

	if (out->used == out->room)
		return;
	va_start(args, fmt);
	int size = vsnprintf(out->at + out->used, out->room - out->used, fmt, args);
	va_end(args);
	out->used = size < 0 || (size_t)size >= out->room - out->used
			    ? out->room
			    : out->used + (size_t)size;
}

/* A label's value: what would end it is escaped. */
static void
put_label(struct text_out *out, const char *name, const char *value)
{
	put(out, "%s=\"", name);
	for (; *value != '\0'; value++)
		put(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	put(out, "\"");
}

static void
put_value(struct text_out *out, const struct metrics_source *source, const char *name,
	  uint32_t lane, uint64_t value)
{
	put(out, "sekisho_sensor_%s{", name);
	put_label(out, "sensor", source->sensor);
	put(out, ",");
	put_label(out, "poi", source->poi);
	put(out, ",lane=\"%u\"} %llu\n", lane, (unsigned long long)value);
}

static void
put_head(struct text_out *out, const char *name, const char *type, const char *help)
{
	put(out, "# HELP sekisho_sensor_%s %s\n# TYPE sekisho_sensor_%s %s\n", name,
	    help, name, type);
}

/* What the spool says is of all lanes together: it stands in the first's. */
static uint32_t
lanes_of(const struct metrics_source *source, int count)
{
	return count >= SHARE_SPOOL_BYTES ? 1 : source->lanes;
}

size_t
metrics_text(const struct metrics_source *source, char *at, size_t room)
{
	struct text_out out = { at, 0, room };

	for (int i = 0; i < SHARE_COUNTS; i++) {
		put_head(&out, rows[i].name, rows[i].type, rows[i].help);
		for (uint32_t lane = 0; lane < lanes_of(source, i); lane++)
			put_value(&out, source, rows[i].name, lane,
				  source->links[lane].share->count[i]);
	}
	put_head(&out, "memory_bytes", "gauge", "Bytes of its tables.");
	for (uint32_t lane = 0; lane < source->lanes; lane++) {
		uint64_t sum = 0;
		for (int i = 0; i < PIPELINE_TABLES; i++)
			sum += source->links[lane].share->memory[i];
		put_value(&out, source, "memory_bytes", lane, sum);
	}
	put_head(&out, "last_tick_seconds", "gauge",
		 "When it last looked at the clock.");
	for (uint32_t lane = 0; lane < source->lanes; lane++)
		put_value(&out, source, "last_tick_seconds", lane,
			  (uint64_t)source->links[lane].share->last_tick / 1000000);
	return out.used;
}

/* Whatever was asked for; a local client has sent it in one piece. */
static void
answer(int fd, const char *text, size_t size)
{
	char head[160], asked[2048];

	if (recv(fd, asked, sizeof(asked), MSG_DONTWAIT) == 0)
		return;
	int head_size = snprintf(head, sizeof(head),
				 "HTTP/1.1 200 OK\r\nContent-Type: text/plain; "
				 "version=0.0.4\r\nContent-Length: %zu\r\nConnection: "
				 "close\r\n\r\n",
				 size);
	if (send(fd, head, (size_t)head_size, MSG_DONTWAIT | MSG_NOSIGNAL) == head_size)
		send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
}

void
metrics_serve(int listener, const struct metrics_source *source)
{
	char *text = NULL;
	size_t size = 0;

	for (int i = 0; i < AT_ONCE; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1)
			break;
		if (text == NULL && (text = malloc(TEXT_MAX)) != NULL)
			size = metrics_text(source, text, TEXT_MAX);
		if (text != NULL)
			answer(fd, text, size);
		close(fd);
	}
	free(text);
}
