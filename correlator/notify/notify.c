/* SPDX-License-Identifier: Apache-2.0 */
/* notify: the outputs' processes: started, started again when they die, ended with the
 * caller. */
#include "correlator/notify/notify.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "correlator/notify/output.h"
#include "correlator/notify/state.h"
#include "correlator/notify/target.h"

enum { OUTPUTS_MAX = 8 };

static const struct scope everybody = { .is_all = true };

int
notify_check(const struct notify_settings *settings, struct error *err)
{
	struct target target;

	if (settings->syslog != NULL &&
	    target_parse(settings->syslog, &target, err) == -1)
		return -1;
	if (settings->cef != NULL && target_parse(settings->cef, &target, err) == -1)
		return -1;
	if (settings->mail != NULL && target_parse(settings->mail, &target, err) == -1)
		return -1;
	if (settings->webhook != NULL &&
	    target_parse_url(settings->webhook, &target, err) == -1)
		return -1;
	if (settings->webhook != NULL && settings->webhook_key == NULL)
		return error_set(err,
				 "--webhook: needs --webhook-key, by which receivers "
				 "know us");
	if (settings->mail != NULL &&
	    (settings->mail_from == NULL || settings->mail_to.count == 0))
		return error_set(err, "--mail: needs --mail-from and --mail-to");
	return 0;
}

/* Ends when whoever forked us does. */
static void
end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
}

static pid_t
start(const struct output *output, const struct notify_settings *settings,
      const char *store)
{
	pid_t parent = getpid(), child = fork();

	if (child != 0)
		return child;
	end_with(parent);
	follow_run(output, settings, store);
}

/* Starts each wanted output, and again a second after it has died. */
static _Noreturn void
supervise(const struct notify_settings *settings, const char *store)
{
	pid_t running[OUTPUTS_MAX] = { 0 };
	const struct timespec second = { .tv_sec = 1 };

	for (;;) {
		for (size_t i = 0; notify_outputs[i].name != NULL; i++)
			if (running[i] <= 0 &&
			    output_target(&notify_outputs[i], settings) != NULL)
				running[i] = start(&notify_outputs[i], settings, store);
		int status;
		pid_t gone = waitpid(-1, &status, 0);
		for (size_t i = 0; gone > 0 && notify_outputs[i].name != NULL; i++)
			if (running[i] == gone) {
				log_error("notify",
					  "output %s ended with status %d; it is "
					  "started again",
					  notify_outputs[i].name, status);
				running[i] = 0;
			}
		nanosleep(&second, NULL);
	}
}

static bool
is_any_wanted(const struct notify_settings *settings)
{
	for (size_t i = 0; notify_outputs[i].name != NULL; i++)
		if (output_target(&notify_outputs[i], settings) != NULL)
			return true;
	return false;
}

int
notify_start(const struct notify_settings *settings, const char *store,
	     struct error *err)
{
	if (!is_any_wanted(settings))
		return 0;
	pid_t parent = getpid(), child = fork();
	if (child == -1)
		return error_errno(err, "cannot start the outputs");
	if (child > 0)
		return 0;
	end_with(parent);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	supervise(settings, store);
}

int
notify_begin(const struct notify_settings *settings, struct store *store,
	     const char *directory, struct error *err)
{
	static struct notify_state state; /* large, and one caller */
	uint64_t newest;

	if (!is_any_wanted(settings))
		return 0;
	if (store_last_transition(store, &everybody, &newest, err) == -1)
		return -1;
	for (size_t i = 0; notify_outputs[i].name != NULL; i++) {
		const struct output *output = &notify_outputs[i];
		if (output_target(output, settings) == NULL)
			continue;
		int has = notify_state_read(&state, directory, output->name, err);
		if (has == -1)
			return -1;
		state = (struct notify_state){ .position = newest };
		if (has == 0 &&
		    notify_state_write(&state, directory, output->name, err) == -1)
			return -1;
	}
	return 0;
}
