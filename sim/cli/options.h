#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

/*
 * Options of commands as rows of a table, like the keys of a scenario: the same kinds, ranges,
 * choices and defaults (base/field.h), read by the same readers. The rows give argp its options
 * (help, usage), and from them come the parser, its messages, manual page and completions.
 *
 * What is different from keys: texts are borrowed from the command line, a flag takes no
 * argument, and FIELD_ANY is read by the row's own function.
 */

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/field.h"
#include "scenario/scenario.h"

/* Changes of a scenario, in the order of the command line; their texts are borrowed. */
struct settings {
	struct setting *items; /* the caller frees it */
	size_t count, capacity;
};

/* One more: POINTER=VALUE as one text (value NULL) or as its two halves. */
bool settings_add(struct settings *settings, const char *text, const char *value,
		  struct error *error);

enum option_file {
	FILE_NOT_WRITTEN,
	FILE_OUTPUT, /* never one of the command's inputs */
	FILE_UPDATE, /* read first, and then written anew */
};

/* What a repeatable option was given, in the order of the command line; borrowed texts. */
struct texts {
	const char **items; /* the caller frees it */
	size_t count, capacity;
};
bool texts_add(struct texts *texts, const char *text, struct error *error);

struct option_row {
	struct field field;   /* key: the long name; fallback: set first; no help: its choices */
	const char *argument; /* what help calls it; NULL: the option takes none */
	char letter;          /* of the short option; 0: none */
	bool needed;
	enum option_file file; /* of FIELD_TEXT: it names a file that is written (base/files.h) */
	int group;             /* help is sorted by groups */
	const char *ending_of; /* a choice: without it the ending of that option's file says it */
	const char *bare;      /* stands for an argument that is left out; NULL: it is needed */
	const char *setting;   /* the option is --set SETTING=...; it fills a struct settings */
	/* FIELD_ANY: `target` is at the field's offset. */
	bool (*read)(void *target, const char *text, struct error *error);
};

/* A row; behind the help whatever else it has. */
#define OPTION(key_, kind_, offset_, argument_, help_, ...)                                        \
	{                                                                                          \
		.field.key = (key_), .field.kind = (kind_), .field.offset = (offset_),             \
		.field.help = (help_), .argument = (argument_), __VA_ARGS__                        \
	}
#define WITHIN(minimum_, maximum_)  .field.minimum = (minimum_), .field.maximum = (maximum_)
#define ONE_OF(choices_, fallback_) .field.choices = (choices_), .field.fallback = (fallback_)

/* Rows that fill the struct at `offset` of the command's; a command may share them. */
struct option_table {
	const struct option_row *rows; /* ends with a row without a key */
	size_t offset;
};

/* Threads, as command_threads takes them, and where the result goes (NULL: standard output). */
#define OPTION_JOBS(offset, group_)                                                                \
	OPTION("jobs", FIELD_COUNT, offset, "N",                                                   \
	       "Threads; results do not depend on it (default: all cores)", WITHIN(1, 256),        \
	       .letter = 'j', .group = (group_))
#define OPTION_OUTPUT(offset, group_)                                                              \
	OPTION("output", FIELD_TEXT, offset, "FILE", "Write there instead of to standard output",  \
	       .letter = 'o', .group = (group_), .file = FILE_OUTPUT)

/* A value of the scenario; fills a struct settings. */
#define OPTION_SET(offset, group_)                                                                 \
	OPTION("set", FIELD_ANY, offset, "/POINTER=VALUE",                                         \
	       "Change a value of the scenario (repeatable)", .group = (group_),                   \
	       .read = option_read_set)
bool option_read_set(void *settings, const char *text, struct error *error);

/* One more text of a struct texts, and one that names a metric. */
bool option_read_text(void *texts, const char *text, struct error *error);
bool option_read_metric(void *texts, const char *text, struct error *error);

/* What a scenario runs on; fills a struct settings. */
#define OPTION_PLATFORM(offset, group_)                                                            \
	OPTION("platform", FIELD_ANY, offset, "PLATFORM",                                          \
	       "What it runs on: a shipped platform (`sim platforms`) or the path of a profile",   \
	       .group = (group_), .setting = "/platform")

/*
 * --format of what --output takes: `-o result.json` is JSON. That of a format of
 * others is refused, any other says nothing.
 */
#define OPTION_FORMAT(offset, choices_, group_)                                                    \
	OPTION("format", FIELD_CHOICE, offset, "FORMAT", NULL, ONE_OF(choices_, "\"text\""),       \
	       .group = (group_), .ending_of = "output")

/* --format of commands that know text (the default) and JSON: an enum text_or_json. */
#define OPTION_TEXT_OR_JSON(offset, group_)                                                        \
	OPTION("format", FIELD_CHOICE, offset, "FORMAT", NULL,                                     \
	       ONE_OF(text_or_json_names, "\"text\""), .group = (group_))
enum text_or_json { TEXT_FORMAT, JSON_FORMAT };
extern const char *const text_or_json_names[];

struct command;

/*
 * Fill *arguments, the command's struct, from the command line; defaults are set first. Usage
 * errors and --help end the program: messages are prefixed "sim NAME", the status of bad usage
 * is 2.
 */
void command_parse(const struct command *command, int argc, char **argv, void *arguments);

/* Call `visit` for each option of a command, as argp has it. */
void options_visit(const struct command *command,
		   void (*visit)(const struct argp_option *option, void *data), void *data);

#endif
