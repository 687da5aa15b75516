/* SPDX-License-Identifier: Apache-2.0 */
/* signals: what was asked of this process since it looked last. */
#include "sensor/signals.h"

#include <signal.h>
#include <stddef.h>

/* A signal handler can reach nothing else. */
static volatile sig_atomic_t came[NSIG];

static void
note(int number)
{
	came[number] = 1;
}

void
signals_watch(void)
{
	static const int noted[] = { SIGTERM, SIGUSR1, SIGHUP };
	struct sigaction action = { .sa_handler = note };
	sigset_t none;

	for (size_t i = 0; i < sizeof(noted) / sizeof(noted[0]); i++)
		sigaction(noted[i], &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGPIPE, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

struct signals
signals_take(void)
{
	struct signals taken = { came[SIGTERM], came[SIGUSR1], came[SIGHUP] };

	/* only what was seen: one that comes in between is for the next look */
	if (taken.counters)
		came[SIGUSR1] = 0;
	if (taken.reopen)
		came[SIGHUP] = 0;
	return taken;
}
