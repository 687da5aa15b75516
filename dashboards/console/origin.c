/* SPDX-License-Identifier: Apache-2.0 */
/* origin: where a request comes from. */
#include "dashboards/console/origin.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"

static bool
is_proxy(const struct console *console, const char *peer)
{
	const struct words *proxies = &console->config.proxies;

	for (size_t i = 0; i < proxies->count; i++)
		if (strcmp(proxies->word[i], peer) == 0)
			return true;
	return false;
}

/* The last address of the list is the one that the proxy itself saw. */
static bool
last_address(const char *list, char address[64])
{
	const char *comma = strrchr(list, ',');
	const char *last = comma != NULL ? comma + 1 : list;
	struct address parsed;

	last += strspn(last, " \t");
	size_t size = strcspn(last, " \t");
	if (size == 0 || size > 63 ||
	    !address_from_text((struct text){ last, (uint32_t)size }, &parsed))
		return false;
	snprintf(address, 64, "%.*s", (int)size, last);
	return true;
}

void
origin_of(const struct console *console, const struct http_request *request,
	  char address[64], bool *is_https)
{
	const char *peer = http_request_peer(request);

	snprintf(address, 64, "%s", peer);
	*is_https = false;
	if (!is_proxy(console, peer))
		return;
	const char *list = http_request_header(request, "X-Forwarded-For");
	const char *proto = http_request_header(request, "X-Forwarded-Proto");
	if (list != NULL)
		last_address(list, address);
	*is_https = proto != NULL && strcmp(proto, "https") == 0;
}

static bool
is_own_origin(const char *origin, const char *host, bool is_https)
{
	char own[300];

	snprintf(own, sizeof(own), "%s://%s", is_https ? "https" : "http", host);
	return strcasecmp(origin, own) == 0;
}

const char *
origin_refuses(const struct http_request *request, bool is_https)
{
	const char *site = http_request_header(request, "Sec-Fetch-Site");
	const char *origin = http_request_header(request, "Origin");
	const char *host = http_request_header(request, "Host");
	const char *type = http_request_header(request, "Content-Type");

	if (site != NULL ? strcmp(site, "same-origin") != 0
			 : origin == NULL || host == NULL ||
				   !is_own_origin(origin, host, is_https))
		return "site";
	if (type == NULL || strncasecmp(type, "application/json", 16) != 0 ||
	    (type[16] != '\0' && type[16] != ';' && type[16] != ' '))
		return "type";
	return http_request_header(request, "X-Sekisho") == NULL ? "header" : NULL;
}
