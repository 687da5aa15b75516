/* SPDX-License-Identifier: Apache-2.0 */
/* selftest: does the server refuse a request that hides another one? */
#include "dashboards/console/selftest.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURNS_MAX = 200, TURN_MSEC = 10 };

static const char hidden[] =
	"POST /api/v1/login HTTP/1.1\r\nHost: selftest\r\n"
	"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
	"0\r\n\r\nGET /api/v1/me HTTP/1.1\r\nHost: selftest\r\n\r\n";

static int
connect_to(const char *listen, uint16_t port)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(port) };
	bool is_ipv6 = listen[0] == '[';

	/* Whatever it listens on, it answers there on loopback or on that address. */
	ipv6.sin6_addr = in6addr_loopback;
	char address[64] = "";
	size_t size = strcspn(listen, ":");
	memcpy(address, listen, size < sizeof(address) ? size : 0);
	if (!is_ipv6 && (inet_pton(AF_INET, address, &ipv4.sin_addr) != 1 ||
			 ipv4.sin_addr.s_addr == htonl(INADDR_ANY)))
		ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int done = fd == -1  ? -1
		   : is_ipv6 ? connect(fd, (struct sockaddr *)&ipv6, sizeof(ipv6))
			     : connect(fd, (struct sockaddr *)&ipv4, sizeof(ipv4));
	if (done == 0)
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

/* Reads what there is; true at the end of the stream. */
static bool
read_more(int fd, char *answer, size_t room, size_t *size)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	if (poll(&ready, 1, TURN_MSEC) != 1)
		return false;
	ssize_t more = recv(fd, answer + *size, room - *size, 0);
	if (more > 0)
		*size += (size_t)more;
	return more <= 0 || *size == room;
}

bool
selftest_run(struct loop *loop, const char *listen, const struct http *http,
	     struct error *err)
{
	char answer[4096] = "";
	size_t size = 0;
	int fd = connect_to(listen, http_port(http)), turns = 0;

	if (fd == -1 || send(fd, hidden, sizeof(hidden) - 1, MSG_NOSIGNAL) == -1) {
		error_errno(err, "cannot reach our own port %u", http_port(http));
	} else {
		do
			loop_turn(loop);
		while (!read_more(fd, answer, sizeof(answer) - 1, &size) &&
		       ++turns < TURNS_MAX);
		error_set(err, "a request that hides another one was not refused");
	}
	if (fd != -1)
		close(fd);
	/* One answer, a refusal, and the connection closed. */
	return turns < TURNS_MAX && strncmp(answer, "HTTP/1.1 400", 12) == 0 &&
	       strstr(answer + 12, "HTTP/1.1") == NULL;
}
