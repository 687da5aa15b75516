/* SPDX-License-Identifier: Apache-2.0 */
/* user: 'sekisho user add, list, passwd, disable': who may log in to the console. */
#include "tool/user.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "common/exit_code.h"
#include "common/instant.h"
#include "common/settings.h"
#include "common/text.h"
#include "store/console_db.h"

enum { NAME_MAX_SIZE = 64, PASSWORD_LEAST = 8, PASSWORD_MOST = 1024 };

struct config {
	const char *console_db, *role, *partition;
	int language;
	bool reads_password;
};

static const char *const languages[] = { "browser", "ja", "en", NULL };

#define INTO(member) offsetof(struct config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "User", "console-db", 'd', SETTING_PATH, INTO(console_db), .initial = "/var/lib/sekisho/console/console.db",
	  .placeholder = "FILE", .meaning = "the console's file of users" },
	{ "User", "role", 'r', SETTING_TEXT, INTO(role), .placeholder = "ROLE",
	  .meaning = "analyst, operator, region_viewer, admin or auditor" },
	{ "User", "partition", 'p', SETTING_TEXT, INTO(partition), .initial = "", .placeholder = "REGION",
	  .meaning = "of a region_viewer: the one region whose rows it sees" },
	{ "User", "lang", 'l', SETTING_CHOICE, INTO(language), .initial = "browser", .choices = languages,
	  .meaning = "language of the page for this user" },
	{ "User", "password-stdin", 0, SETTING_BOOL, INTO(reads_password),
	  .meaning = "read the password from standard input; without it one is made and printed once" },
	{ 0 },
};
/* clang-format on */

static const struct settings_program program = {
	.name = "sekisho user",
	.purpose = "Adds, lists and disables those who may log in to the console.",
	.arguments = "add NAME | list | passwd NAME | disable NAME",
	.arguments_least = 1,
	.arguments_most = 2,
	.table = table,
	.has_no_file = true,
};

typedef int action(struct console_db *db, const struct config *config,
		   const char *name);
static action add, list, set_password, disable;

static const struct {
	const char *name;
	action *run;
	bool takes_name;
} actions[] = {
	{ "add", add, true },
	{ "list", list, false },
	{ "passwd", set_password, true },
	{ "disable", disable, true },
};

static int
fail(int status, const char *text)
{
	fprintf(stderr, "sekisho user: %s\n", text);
	return status;
}

static int64_t
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return (int64_t)at.tv_sec * INSTANT_SECOND + at.tv_nsec / 1000;
}

/* Who sits at this machine, for the audit trail. */
static const char *
local_user(void)
{
	const struct passwd *about = getpwuid(getuid());

	return about != NULL ? about->pw_name : "unknown";
}

static int
audit(struct console_db *db, const char *what, const char *name, const char *detail,
      struct error *err)
{
	return console_db_audit(db,
				&(struct audit_row){ .time = now(),
						     .user = local_user(),
						     .role = "local",
						     .address = "local",
						     .action = what,
						     .object = name,
						     .detail = detail,
						     .result = "ok" },
				err);
}

/* One line without its end; false if there is none, or it is too short or long. */
static bool
read_password(char password[PASSWORD_MOST + 2])
{
	if (fgets(password, PASSWORD_MOST + 2, stdin) == NULL)
		return false;
	size_t size = strcspn(password, "\r\n");
	bool is_whole = password[size] != '\0' || feof(stdin);

	password[size] = '\0';
	return is_whole && size >= PASSWORD_LEAST && size <= PASSWORD_MOST &&
	       text_is_valid(password, size);
}

/* 20 letters and digits that nobody takes for another: 99 bits. */
static void
make_password(char password[PASSWORD_MOST + 2])
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	int at = 0;

	for (int i = 0; i < 20; i++) {
		if (i > 0 && i % 5 == 0)
			password[at++] = '-';
		password[at++] = letters[randombytes_uniform(sizeof(letters) - 1)];
	}
	password[at] = '\0';
}

/* The hash of a password read or made; prints a made one.  An exit status. */
static int
hash_password(const struct config *config, char hash[crypto_pwhash_STRBYTES])
{
	char password[PASSWORD_MOST + 2];

	if (!config->reads_password)
		make_password(password);
	else if (!read_password(password))
		return fail(EXIT_CODE_INPUT, "standard input holds no password; "
					     "expected one line of 8 to 1024 bytes "
					     "of UTF-8");
	int done = crypto_pwhash_str(hash, password, strlen(password),
				     crypto_pwhash_OPSLIMIT_INTERACTIVE,
				     crypto_pwhash_MEMLIMIT_INTERACTIVE);
	if (done == 0 && !config->reads_password)
		printf("password: %s\n", password);
	sodium_memzero(password, sizeof(password));
	return done == 0 ? EXIT_CODE_OK
			 : fail(EXIT_CODE_ENVIRONMENT,
				"no memory to hash a password (64 MiB)");
}

static bool
is_role(const char *role)
{
	for (const char *const *known = console_db_roles; *known != NULL; known++)
		if (strcmp(*known, role) == 0)
			return true;
	return false;
}

/* What is wrong with the options of 'add', or NULL. */
static const char *
wrong_options(const struct config *config)
{
	bool is_regional;

	if (config->role == NULL || !is_role(config->role))
		return "--role is missing or none; expected analyst, operator, "
		       "region_viewer, admin "
		       "or auditor";
	is_regional = strcmp(config->role, "region_viewer") == 0;
	if (is_regional && config->partition[0] == '\0')
		return "a region_viewer sees one region; expected --partition REGION";
	if (!is_regional && config->partition[0] != '\0')
		return "only a region_viewer has a --partition";
	return NULL;
}

/* Ends the transaction: the change that came out as 'done', and its audit row. */
static int
finish(struct console_db *db, int done, const char *what, const char *name,
       const char *detail, const char *no, struct error *err)
{
	if (done == 1 && (audit(db, what, name, detail, err) == -1 ||
			  console_db_commit(db, err) == -1))
		done = -1;
	if (done != 1)
		console_db_rollback(db);
	if (done == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err->text);
	return done == 1 ? EXIT_CODE_OK : fail(EXIT_CODE_NO, no);
}

static int
add(struct console_db *db, const struct config *config, const char *name)
{
	char hash[crypto_pwhash_STRBYTES];
	const char *wrong = wrong_options(config);
	struct error err;

	if (wrong != NULL)
		return fail(EXIT_CODE_USAGE, wrong);
	int status = hash_password(config, hash);
	if (status != EXIT_CODE_OK)
		return status;
	if (console_db_begin(db, &err) == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	struct user_row row = { .name = name,
				.role = config->role,
				.partition = config->partition,
				.password = hash,
				.language = config->language == 0
						    ? ""
						    : languages[config->language],
				.created = now() };
	return finish(
		db, console_db_add_user(db, &row, &err), "user.add", name, config->role,
		"there is a user of that name; expected a new one, or 'passwd'", &err);
}

static int
set_password(struct console_db *db, const struct config *config, const char *name)
{
	char hash[crypto_pwhash_STRBYTES];
	struct error err;
	int status = hash_password(config, hash);

	if (status != EXIT_CODE_OK)
		return status;
	if (console_db_begin(db, &err) == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	return finish(db, console_db_set_password(db, name, hash, &err), "user.passwd",
		      name, "", "there is no user of that name", &err);
}

static int
disable(struct console_db *db, const struct config *config, const char *name)
{
	struct error err;

	(void)config;
	if (console_db_begin(db, &err) == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	return finish(db, console_db_disable_user(db, name, &err), "user.disable", name,
		      "", "there is no user of that name", &err);
}

static bool
print_user(void *ctx, const struct user_row *row)
{
	(void)ctx;
	printf("%s\t%s\t%s\t%s\n", row->name, row->role,
	       row->partition[0] != '\0' ? row->partition : "-",
	       row->is_disabled ? "disabled" : "enabled");
	return true;
}

static int
list(struct console_db *db, const struct config *config, const char *name)
{
	struct error err;

	(void)config;
	(void)name;
	if (console_db_each_user(db, print_user, NULL, &err) == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	return EXIT_CODE_OK;
}

/* Letters, digits and . _ - @, so that a name reads the same in every log. */
static bool
is_name(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && size <= NAME_MAX_SIZE &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
			    "6789._-@") == size;
}

static int
run(const struct config *config, const struct settings *settings)
{
	const char *wanted = settings->argument[0];
	const char *name = settings->argument_count > 1 ? settings->argument[1] : NULL;
	size_t i = 0;
	struct error err;

	while (i < sizeof(actions) / sizeof(actions[0]) &&
	       strcmp(actions[i].name, wanted) != 0)
		i++;
	if (i == sizeof(actions) / sizeof(actions[0]) ||
	    actions[i].takes_name != (name != NULL))
		return fail(EXIT_CODE_USAGE,
			    "expected add NAME, list, passwd NAME or disable NAME");
	if (name != NULL && !is_name(name))
		return fail(EXIT_CODE_USAGE, "the name is none; expected up to 64 "
					     "letters, digits and . _ - @");
	struct console_db *db = console_db_open(config->console_db, &err);
	if (db == NULL)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	int status = actions[i].run(db, config, name);
	console_db_close(db);
	return status;
}

int
command_user(int argc, char **argv)
{
	struct config config = { 0 };
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1 && sodium_init() == -1)
		status = fail(EXIT_CODE_ENVIRONMENT, "libsodium cannot be used");
	if (status == -1)
		status = run(&config, &settings);
	settings_release(&settings);
	return status;
}
