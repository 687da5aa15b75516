/* SPDX-License-Identifier: Apache-2.0 */
/* static_files: the web page, from a directory. */
#include "dashboards/console/static_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

enum { FILE_SIZE_MAX = 4 * 1024 * 1024 };

static const char *
type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".ico", "image/x-icon" },
		{ ".woff2", "font/woff2" },
		{ ".txt", "text/plain; charset=utf-8" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].end, dot) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* "app-3f9c01ab.js": at least eight letters and digits, one a digit, between - or . and
 * the end. */
static bool
has_hash(const char *path)
{
	const char *dot = strrchr(path, '.');
	size_t size = 0;
	bool has_digit = false;

	if (dot == NULL)
		return false;
	for (const char *c = dot - 1; c > path; c--, size++) {
		if (*c == '-' || *c == '.')
			return size >= 8 && has_digit;
		bool is_digit = *c >= '0' && *c <= '9';
		if (!is_digit && !(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z'))
			return false;
		has_digit = has_digit || is_digit;
	}
	return false;
}

static void
answer_missing(struct http_request *request, const char *why)
{
	http_answer_header(request, "Cache-Control", "no-store");
	http_answer(request, 404, "text/plain; charset=utf-8", why, strlen(why));
}

/* True if the path stays in the root; the guard has refused what could leave it. */
static bool
is_plain(const char *path)
{
	return strstr(path, "..") == NULL && strstr(path, "//") == NULL &&
	       strchr(path, '\\') == NULL && strlen(path) < 512;
}

static bool
answer_file(const char *root, const char *path, struct http_request *request)
{
	char name[4096], *data;
	size_t size;
	struct error err;

	snprintf(name, sizeof(name), "%s%s", root, path);
	if (file_read(name, FILE_SIZE_MAX, &data, &size, &err) == -1)
		return false;
	http_answer_header(request, "Cache-Control",
			   has_hash(path) ? "public, max-age=31536000, immutable"
					  : "no-cache");
	http_answer(request, 200, type_of(path), data, size);
	free(data);
	return true;
}

void
static_files_answer(const char *root, struct http_request *request)
{
	const char *path = http_request_path(request);
	bool is_page = strchr(path, '.') == NULL;

	if (http_request_method(request) == HTTP_POST || !is_plain(path))
		answer_missing(request, "not found\n");
	else if (!answer_file(root, is_page ? "/index.html" : path, request))
		answer_missing(
			request,
			is_page ? "the page is not built: run 'make web', or give "
				  "--web-root\n"
				: "not found\n");
}
