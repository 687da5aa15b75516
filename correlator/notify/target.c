/* SPDX-License-Identifier: Apache-2.0 */
/* target: where an output goes: HOST:PORT, [ADDRESS]:PORT, or a URL. */
#include "correlator/notify/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Letters that can stand in a name, an address or a path; nothing that ends a line. */
static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
			return false;
	return true;
}

static bool
is_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && port > 0 &&
	       port < 65536;
}

/* "HOST", "HOST:PORT", "[ADDRESS]", "[ADDRESS]:PORT" of that length. */
static bool
split(const char *text, size_t size, const char *port, struct target *target)
{
	char copy[300];

	if (size == 0 || size >= sizeof(target->host))
		return false;
	snprintf(copy, sizeof(copy), "%.*s", (int)size, text);
	char *host = copy, *colon = strrchr(copy, ':'), *close = strchr(copy, ']');
	if (copy[0] == '[') {
		if (close == NULL)
			return false;
		host++;
		*close = '\0';
		colon = close[1] == ':' ? close + 1 : NULL;
		if (colon == NULL && close[1] != '\0')
			return false;
	}
	if (colon != NULL) {
		*colon = '\0';
		port = colon + 1;
	}
	if (port == NULL || !is_port(port) || host[0] == '\0' || !is_plain(host))
		return false;
	snprintf(target->host, sizeof(target->host), "%.255s", host);
	snprintf(target->port, sizeof(target->port), "%.7s", port);
	return true;
}

int
target_parse(const char *text, struct target *target, struct error *err)
{
	*target = (struct target){ 0 };
	if (split(text, strlen(text), NULL, target))
		return 0;
	return error_set(err, "%.200s: not HOST:PORT or [ADDRESS]:PORT", text);
}

int
target_parse_url(const char *url, struct target *target, struct error *err)
{
	const char *rest;

	*target = (struct target){ .is_tls = strncmp(url, "https://", 8) == 0 };
	if (!target->is_tls && strncmp(url, "http://", 7) != 0)
		return error_set(err, "%.200s: not a URL of http or https", url);
	rest = url + (target->is_tls ? 8 : 7);
	size_t length = strcspn(rest, "/?");
	const char *path = rest + length;
	if (!split(rest, length, target->is_tls ? "443" : "80", target) ||
	    !is_plain(path) || strlen(path) + 2 > sizeof(target->path))
		return error_set(err, "%.200s: not a URL of http or https", url);
	snprintf(target->path, sizeof(target->path), "%s%s", path[0] == '/' ? "" : "/",
		 path);
	return 0;
}
