/* SPDX-License-Identifier: Apache-2.0 */
/* password: checks passwords beside the loop. */
#include "dashboards/console/password.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sodium.h>

#include "common/log.h"

struct job {
	char password[PASSWORD_SIZE_MAX + 1];
	char hash[crypto_pwhash_STRBYTES];
	bool is_nobody, is_right;
	password_checked *checked;
	void *ctx;
};

/* A ring: [done, worked) are answered by the thread, [worked, asked) wait for it. */
struct passwords {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t asked_more;
	struct job job[PASSWORD_QUEUE_MAX];
	unsigned asked, worked, done; /* under the lock */
	bool is_over;                 /* under the lock */
	int answers;                  /* eventfd */
	char nobody[crypto_pwhash_STRBYTES];
};

static void
answer(struct passwords *passwords)
{
	uint64_t one = 1;

	if (write(passwords->answers, &one, sizeof(one)) != sizeof(one))
		log_fatal("console", "cannot wake the loop");
}

static void *
work(void *ctx)
{
	struct passwords *passwords = ctx;

	pthread_mutex_lock(&passwords->lock);
	while (!passwords->is_over) {
		if (passwords->worked == passwords->asked) {
			pthread_cond_wait(&passwords->asked_more, &passwords->lock);
			continue;
		}
		struct job *job =
			&passwords->job[passwords->worked % PASSWORD_QUEUE_MAX];
		pthread_mutex_unlock(&passwords->lock);
		bool is_same = crypto_pwhash_str_verify(job->hash, job->password,
							strlen(job->password)) == 0;
		job->is_right = is_same && !job->is_nobody;
		sodium_memzero(job->password, sizeof(job->password));
		pthread_mutex_lock(&passwords->lock);
		passwords->worked++;
		answer(passwords);
	}
	pthread_mutex_unlock(&passwords->lock);
	return NULL;
}

static void
on_answers(void *ctx)
{
	struct passwords *passwords = ctx;
	uint64_t count;

	if (read(passwords->answers, &count, sizeof(count)) == -1)
		return;
	pthread_mutex_lock(&passwords->lock);
	while (passwords->done != passwords->worked) {
		struct job *job = &passwords->job[passwords->done % PASSWORD_QUEUE_MAX];
		password_checked *checked = job->checked;
		void *of = job->ctx;
		bool is_right = job->is_right;
		passwords->done++;
		pthread_mutex_unlock(&passwords->lock);
		checked(of, is_right);
		pthread_mutex_lock(&passwords->lock);
	}
	pthread_mutex_unlock(&passwords->lock);
}

/* What unknown names are checked against: the hash of a password nobody has. */
static void
make_nobody(struct passwords *passwords)
{
	char secret[32];

	randombytes_buf(secret, sizeof(secret));
	if (crypto_pwhash_str(passwords->nobody, secret, sizeof(secret),
			      crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		log_fatal("console", "no memory to check passwords (64 MiB)");
}

struct passwords *
passwords_new(struct loop *loop)
{
	struct passwords *passwords = calloc(1, sizeof(*passwords));

	if (passwords == NULL || sodium_init() == -1)
		log_fatal("console", "libsodium cannot be used");
	make_nobody(passwords);
	passwords->answers = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&passwords->lock, NULL);
	pthread_cond_init(&passwords->asked_more, NULL);
	if (passwords->answers == -1 ||
	    pthread_create(&passwords->thread, NULL, work, passwords) != 0)
		log_fatal("console", "no thread to check passwords");
	loop_watch(loop, passwords->answers, on_answers, passwords);
	return passwords;
}

void
passwords_free(struct passwords *passwords)
{
	if (passwords == NULL)
		return;
	pthread_mutex_lock(&passwords->lock);
	passwords->is_over = true;
	pthread_cond_signal(&passwords->asked_more);
	pthread_mutex_unlock(&passwords->lock);
	pthread_join(passwords->thread, NULL);
	pthread_mutex_destroy(&passwords->lock);
	pthread_cond_destroy(&passwords->asked_more);
	close(passwords->answers);
	sodium_memzero(passwords, sizeof(*passwords));
	free(passwords);
}

bool
passwords_check(struct passwords *passwords, const char *password, const char *hash,
		password_checked *checked, void *ctx)
{
	pthread_mutex_lock(&passwords->lock);
	bool has_room = passwords->asked - passwords->done < PASSWORD_QUEUE_MAX;
	if (has_room) {
		struct job *job =
			&passwords->job[passwords->asked % PASSWORD_QUEUE_MAX];
		snprintf(job->password, sizeof(job->password), "%s", password);
		snprintf(job->hash, sizeof(job->hash), "%s",
			 hash != NULL ? hash : passwords->nobody);
		job->is_nobody = hash == NULL;
		job->checked = checked;
		job->ctx = ctx;
		passwords->asked++;
		pthread_cond_signal(&passwords->asked_more);
	}
	pthread_mutex_unlock(&passwords->lock);
	return has_room;
}
