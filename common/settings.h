/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings: one table of a program's options: command line, file, help, man page.
 *
 * Order: option, then file (--config), then the row's initial value.  Every
 * program takes --config FILE, --check-config, --help, --version besides its
 * own rows.  Values go into a struct of the program by offset, checked:
 *
 *	struct config { const char *interface; int64_t flows; struct words taps; };
 *	#define INTO(member) offsetof(struct config, member)
 *	static const struct setting table[] = {
 *		{ "Capture", "interface", 'i', SETTING_TEXT, INTO(interface),
 *		  .placeholder = "NAME", .key = "capture.interface",
 *		  .meaning = "network interface to listen on" },
 *		{ "Limits", "flows", 0, SETTING_NUMBER, INTO(flows), .initial = "1000000",
 *		  .least = 1024, .most = 16000000, .key = "limits.flows",
 *		  .meaning = "flows followed at once" },
 *		{ 0 },
 *	};
 *
 * A complaint is one line: of the command line "PROGRAM: --flows: ...", exit 2;
 * of the file "file:line:col: limits.flows: ...", exit 3.
 */
#ifndef COMMON_SETTINGS_H
#define COMMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/arena.h"
#include "common/error.h"

enum setting_type {      /* the member at 'offset' is */
	SETTING_TEXT,    /* const char *, NULL if neither given nor initial */
	SETTING_PATH,    /* const char *, the same; not looked at here */
	SETTING_NUMBER,  /* int64_t */
	SETTING_DURATION,/* int64_t, microseconds; written 200ms, 10s, 5m, 1h, 30d, or 0 */
	SETTING_SIZE,    /* int64_t, bytes; written 512B, 64KiB, 64MiB, 10GiB, 1TiB, or 0 */
	SETTING_BOOL,    /* bool; --name, --no-name, --name=true */
	SETTING_CHOICE,  /* int, the index in 'choices' */
	SETTING_WORDS    /* struct words; --name a,b or --name a --name b; a list in the file */
};

struct words {
	const char *const *word;
	size_t count;
};

struct setting {
	const char *group;        /* heading in --help; rows of one group stand together */
	const char *name;         /* "flows" is --flows */
	char letter;              /* 'f' is -f; or 0 */
	enum setting_type type;
	size_t offset;            /* in the program's struct */
	const char *initial;      /* as one would write it; NULL: none, that is NULL, 0, false, no words */
	const char *placeholder;  /* "FILE" in help; NULL: by the type */
	const char *key;          /* "limits.flows" in the file, at most one dot; NULL: command line only */
	int64_t least, most;      /* of numbers, durations, sizes; both 0: from 0 to INT64_MAX */
	const char *const *choices; /* NULL at the end */
	const char *meaning;      /* one sentence without full stop, for help, man page and hints */
};

struct settings_program {
	const char *name;      /* "sekisho-sensor", "sekisho inventory" */
	const char *purpose;   /* one sentence */
	const char *arguments; /* "FILE...", or "" for none */
	size_t arguments_least, arguments_most;
	const struct setting *table; /* ends with { 0 } */
	/* What no single row can say, such as "one of two"; may be NULL.  'into' is filled. */
	int (*check)(const void *into, struct error *err);
	/* Reads what the settings name, such as rules, for --check-config alone; may be NULL.
	 * What is wrong there is bad input (exit 3), said with its own place. */
	int (*check_named)(const void *into, struct error *err);
	bool has_no_file; /* no --config, --check-config: a small command */
};

/* What was read; 'into' borrows its text from here. */
struct settings {
	struct arena arena;
	const char *config;          /* the file, or NULL */
	const char *const *argument; /* what is no option; borrowed from argv */
	size_t argument_count;
};

enum settings_result {
	SETTINGS_GO,      /* go on with the program */
	SETTINGS_DONE,    /* answered on stdout: exit 0 */
	SETTINGS_USAGE,   /* exit 2 */
	SETTINGS_INPUT    /* exit 3 */
};

/*
 * For main(): reads, answers --help and the like on stdout, complains on
 * stderr.  Returns -1 if the program shall go on, else its exit status.
 * 'into' comes zeroed.  settings_release() in either case.
 */
int settings_read(const struct settings_program *program, int argc, char **argv, void *into,
		  struct settings *settings);
void settings_release(struct settings *settings);

/* The same without exit status and stderr: answers to 'out', what is wrong to '*err'. */
enum settings_result settings_parse(const struct settings_program *program, int argc, char **argv,
				    void *into, struct settings *settings, FILE *out,
				    struct error *err);

/* The --help text. */
void settings_help(const struct settings_program *program, FILE *out);
/* The OPTIONS section of the man page (roff); also by the hidden option --man-options. */
void settings_man(const struct settings_program *program, FILE *out);
/* A file of settings with each key, its meaning and what holds without it; by --config-example. */
void settings_yaml(const struct settings_program *program, FILE *out);

#endif
