/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password: checks passwords (argon2id, about 0.1 s and 64 MiB each) beside the loop.
 *
 * One thread, so that never more than one check's memory is in use, and a queue
 * with a cap.  Answers come back in the loop's thread.
 */
#ifndef DASHBOARDS_CONSOLE_PASSWORD_H
#define DASHBOARDS_CONSOLE_PASSWORD_H

#include <stdbool.h>

#include "dashboards/console/loop.h"

enum { PASSWORD_SIZE_MAX = 1024, PASSWORD_QUEUE_MAX = 8 };

struct passwords;

typedef void password_checked(void *ctx, bool is_right);

/* Ends the program if libsodium or the thread cannot be had. */
struct passwords *passwords_new(struct loop *loop);
/* Waits for the check at work; what is queued gets no answer. */
void passwords_free(struct passwords *passwords);
/*
 * False if the queue is full.  'hash' NULL: nobody of that name; takes the same
 * time and answers false.  Both are copied.
 */
bool passwords_check(struct passwords *passwords, const char *password,
		     const char *hash, password_checked *checked, void *ctx);

#endif
