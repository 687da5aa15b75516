/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_probe: enters the sandbox of a kind of process and then does one thing.
 * usage: sandbox_probe worker|spool|parent DIRECTORY ACT [PATH]
 * Prints "done" or "refused: why"; a call that is not allowed ends it by SIGSYS.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sandbox.h"

static const char *path;

static int
act_nothing(void)
{
	return 0;
}

static int
act_open(void)
{
	return open(path ? path : "/etc/hostname", O_RDONLY);
}

static int
act_write_file(void)
{
	return open(path, O_RDWR | O_CREAT, 0600);
}

static int
act_inet(void)
{
	return socket(AF_INET6, SOCK_STREAM, 0);
}

static int
act_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int
act_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static int
act_exec(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int
act_ptrace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
act_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static int
act_kill(void)
{
	return kill(getppid(), 0);
}

static int
act_code(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? -1 : 0;
}

static const struct {
	const char *name;
	int (*act)(void);
} acts[] = {
	{ "nothing", act_nothing },  { "open", act_open },
	{ "write", act_write_file }, { "inet", act_inet },
	{ "unix", act_unix },        { "packet", act_packet },
	{ "exec", act_exec },        { "ptrace", act_ptrace },
	{ "fork", act_fork },        { "kill", act_kill },
	{ "code", act_code },
};

static const char *const kinds[] = {
	[SANDBOX_WORKER] = "worker",
	[SANDBOX_SPOOL] = "spool",
	[SANDBOX_PARENT] = "parent",
	[SANDBOX_UPLINK] = "uplink",
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int
find(const char *name, int (**act)(void))
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, name) == 0) {
			*act = acts[i].act;
			return 0;
		}
	return -1;
}

int
main(int argc, char **argv)
{
	struct error err;
	bool has_landlock;
	int (*act)(void);
	size_t kind = 0;

	if (argc < 4 || find(argv[3], &act) == -1)
		return 2;
	while (kind < KINDS && strcmp(kinds[kind], argv[1]) != 0)
		kind++;
	path = argc > 4 ? argv[4] : NULL;
	const char *const directories[] = { kind == SANDBOX_SPOOL || kind == SANDBOX_UPLINK
							? argv[2]
							: NULL,
					    NULL };
	if (kind == KINDS || sandbox_become(NULL, kind == SANDBOX_PARENT, &err) == -1 ||
	    sandbox_enter((enum sandbox_kind)kind, directories, &has_landlock, &err) ==
		    -1)
		return 2;
	int result = act();
	/* no stdio: a worker may not even ask what its standard output is */
	char line[128];
	int size = result == -1 ? snprintf(line, sizeof(line), "refused: %s\n",
					   strerror(errno))
				: snprintf(line, sizeof(line), "done%s\n",
					   has_landlock ? "" : " without landlock");
	return write(STDOUT_FILENO, line, (size_t)size) == size ? 0 : 1;
}
