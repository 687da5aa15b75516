/* SPDX-License-Identifier: Apache-2.0 */
/* endpoint: an IP address with a port, as settings write it. */
#include "common/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* 1 to 65535, digits only; 0 if it is none. */
static uint16_t
parse_port(const char *text)
{
	uint32_t port = 0;

	if (text[0] == '\0' || strlen(text) > 5)
		return 0;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		port = port * 10 + (uint32_t)(*text - '0');
	}
	return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static bool
parse_host(char *host, uint16_t port, struct endpoint *endpoint)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&endpoint->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&endpoint->address;
	size_t length = strlen(host);

	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		endpoint->size = sizeof(*v4);
		return true;
	}
	if (length < 2 || host[0] != '[' || host[length - 1] != ']')
		return false;
	host[length - 1] = '\0';
	if (inet_pton(AF_INET6, host + 1, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	endpoint->size = sizeof(*v6);
	return true;
}

int
endpoint_parse(const char *text, struct endpoint *endpoint, struct error *err)
{
	char host[INET6_ADDRSTRLEN + 2] = "";
	const char *colon = strrchr(text, ':');
	size_t length = colon != NULL ? (size_t)(colon - text) : 0;

	*endpoint = (struct endpoint){ 0 };
	if (length > 0 && length < sizeof(host)) {
		memcpy(host, text, length);
		uint16_t port = parse_port(colon + 1);
		if (port != 0 && parse_host(host, port, endpoint))
			return 0;
	}
	return error_set(
		err,
		"\"%.80s\" is no address with a port; expected 192.0.2.1:8641 or "
		"[2001:db8::1]:8641",
		text);
}
