/* SPDX-License-Identifier: Apache-2.0 */
/* notify: tells systemd that a program is ready, alive or stopping (sd_notify(3)'s
 * datagrams). */
#include "common/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A name that begins with '@' is no file: its first byte on the socket is 0. */
static int
connect_to(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t size = strlen(name);

	if (size == 0 || size >= sizeof(to.sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return -1;
	memcpy(to.sun_path, name, size);
	if (name[0] == '@')
		to.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	if (fd != -1 && connect(fd, (struct sockaddr *)&to, length) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The watchdog may be meant for another process that started us. */
static int64_t
find_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != getpid()))
		return 0;
	int64_t watchdog = strtoll(usec, NULL, 10);
	return watchdog > 0 ? watchdog : 0;
}

struct notify
notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	return (struct notify){ .fd = name ? connect_to(name) : -1,
				.watchdog = find_watchdog() };
}

void
notify_say(const struct notify *notify, const char *what)
{
	/* one who does not listen misses it, we go on */
	if (notify->fd != -1 && send(notify->fd, what, strlen(what), 0) == -1)
		return;
}
