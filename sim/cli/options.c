#include "cli/options.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "document/record.h"
#include "flow/metric_kind.h"

enum { OPTIONS_MOST = 24, HELP_MOST = 96, FIRST_KEY = 256 };

const char *const text_or_json_names[] = { "text", "json", NULL };

bool settings_add(struct settings *settings, const char *text, const char *value,
		  struct error *error)
{
	if (!memory_grow(&settings->items, &settings->capacity, settings->count + 1,
			 sizeof(*settings->items), "settings", error))
		return false;
	settings->items[settings->count++] = (struct setting){ text, value, NULL };
	return true;
}

bool option_read_set(void *settings, const char *text, struct error *error)
{
	return settings_add(settings, text, NULL, error);
}

bool texts_add(struct texts *texts, const char *text, struct error *error)
{
	if (!memory_grow(&texts->items, &texts->capacity, texts->count + 1, sizeof(*texts->items),
			 "options", error))
		return false;
	texts->items[texts->count++] = text;
	return true;
}

bool option_read_text(void *texts, const char *text, struct error *error)
{
	return texts_add(texts, text, error);
}

bool option_read_metric(void *texts, const char *text, struct error *error)
{
	char hint[HINT_MAX];

	if (!metric_kind_of(text))
		return error_set(error, ERROR_INPUT, "there is no metric \"%.60s\"%s", text,
				 metric_did_you_mean(hint, text));
	return texts_add(texts, text, error);
}

unsigned int command_threads(int64_t jobs)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (jobs > 0)
		return (unsigned int)jobs;
	return cores > 0 && cores < 256 ? (unsigned int)cores : 1;
}

/* What argp parses with, from the rows; the same place in each list is the same option. */
struct parser {
	const struct command *command;
	char *arguments;
	const struct option_row *rows[OPTIONS_MOST];
	size_t offsets[OPTIONS_MOST]; /* of their values in the arguments */
	bool seen[OPTIONS_MOST];
	struct argp_option options[OPTIONS_MOST + 1];
	char help[OPTIONS_MOST][HELP_MOST]; /* of those whose help is their choices */
	size_t count;
};

/* "text, json or csv": its length, or more than there is room for. */
static size_t list_choices(char list[HELP_MOST], const char *const *choices)
{
	size_t used = 0;

	for (int i = 0; choices[i] && used < HELP_MOST; i++)
		used += (size_t)snprintf(list + used, HELP_MOST - used, "%s%s",
					 !i               ? ""
					 : choices[i + 1] ? ", "
							  : " or ",
					 choices[i]);
	return used;
}

/* "text, json or csv; without it by the ending of --output" */
static const char *choices_help(char help[HELP_MOST], const struct option_row *row)
{
	size_t used = list_choices(help, row->field.choices);

	if (row->ending_of && used < HELP_MOST)
		snprintf(help + used, HELP_MOST - used, "; without it by the ending of --%s",
			 row->ending_of);
	return help;
}

static void build(struct parser *parser, const struct command *command, void *arguments)
{
	*parser = (struct parser){ .command = command, .arguments = arguments };
	for (const struct option_table *table = command->options; table->rows; table++) {
		for (const struct option_row *row = table->rows; row->field.key; row++) {
			size_t n = parser->count;

			assert(n < OPTIONS_MOST);
			parser->rows[n] = row;
			parser->offsets[n] = table->offset + row->field.offset;
			parser->options[n] = (struct argp_option){
				.name = row->field.key,
				.key = row->letter ? row->letter : FIRST_KEY + (int)n,
				.arg = row->argument,
				.flags = row->bare ? OPTION_ARG_OPTIONAL : 0,
				.doc = row->field.help ? row->field.help
						       : choices_help(parser->help[n], row),
				.group = row->group,
			};
			parser->count++;
		}
	}
}

/* --- values --------------------------------------------------------------------- */

static bool read_value(const struct field *field, const char *name, const char *text, void *target,
		       struct error *error)
{
	if (field->kind != FIELD_TEXT)
		return field_read_text(field, name, text, target, error);
	*(const char **)target = text;
	return true;
}

static bool read_option(const struct option_row *row, const char *text, void *target,
			struct error *error)
{
	char name[64];

	snprintf(name, sizeof(name), "--%s", row->field.key);
	if (!text)
		text = row->bare ? row->bare : "true";
	if (row->setting)
		return settings_add(target, row->setting, text, error);
	if (row->read) {
		struct error own = { 0 };

		return row->read(target, text, &own) ||
		       error_set(error, own.kind, "%s: %s", name, own.message);
	}
	return read_value(&row->field, name, text, target, error);
}

static void set_default(const struct parser *parser, const struct field *field, size_t offset,
			struct error *error)
{
	if (field->fallback)
		field_read_fallback(field, parser->arguments + offset, error);
}

static bool read_words(const struct parser *parser, char **words, size_t count, struct error *error)
{
	const struct field *field = &parser->command->words;
	void *target = parser->arguments + field->offset;

	if (!field->key)
		return error_set(error, ERROR_INPUT, "no arguments are needed");
	if (field->kind == FIELD_TEXTS) {
		if (count > (size_t)field->maximum)
			return error_set(error, ERROR_INPUT, "at most %.0f %s", field->maximum,
					 field->key);
		*(struct field_list *)target = (struct field_list){ words, count };
		return true;
	}
	return count == 1 ? read_value(field, field->key, words[0], target, error)
			  : error_set(error, ERROR_INPUT, "one %s at a time", field->key);
}

static size_t find_row(const struct parser *parser, const char *name)
{
	size_t n = 0;

	while (n < parser->count && strcmp(parser->options[n].name, name) != 0)
		n++;
	return n;
}

/* "-o page.html" of a command that writes no pages: not text under that name. */
static bool refuse_ending(const struct option_row *row, const char *path, const char *ending,
			  struct error *error)
{
	static const char *const others[] = { "csv", "hgrm", "html", "json", "markdown",
					      "md",  "pdf",  "png",  "svg",  NULL };
	char choices[HELP_MOST];

	for (size_t i = 0; others[i]; i++) {
		if (strcasecmp(ending, others[i]) != 0)
			continue;
		list_choices(choices, row->field.choices);
		return error_set(error, ERROR_INPUT,
				 "%s: this command does not write %s; it writes %s (--%s=FORMAT "
				 "writes that under any name)",
				 path, others[i], choices, row->field.key);
	}
	return true;
}

/* What was not said, and the name of a file says. */
static bool read_endings(const struct parser *parser, struct error *error)
{
	for (size_t n = 0; n < parser->count; n++) {
		const struct option_row *row = parser->rows[n];
		size_t file = row->ending_of ? find_row(parser, row->ending_of) : parser->count;
		const char *path, *dot;
		size_t i = 0;

		if (file == parser->count || !parser->seen[file] || parser->seen[n])
			continue;
		path = *(const char **)(void *)(parser->arguments + parser->offsets[file]);
		dot = strrchr(path, '.');
		while (dot && row->field.choices[i] &&
		       strcasecmp(dot + 1, row->field.choices[i]) != 0)
			i++;
		if (dot && !(row->field.choices[i]
				     ? read_option(row, row->field.choices[i],
						   parser->arguments + parser->offsets[n], error)
				     : refuse_ending(row, path, dot + 1, error)))
			return false;
	}
	return true;
}

/* What will be written is known before anything is read. */
static bool announce_files(const struct parser *parser, struct error *error)
{
	bool ok = true;

	for (size_t n = 0; ok && n < parser->count; n++) {
		const char *path;

		if (!parser->seen[n] || !parser->rows[n]->file)
			continue;
		path = *(const char **)(void *)(parser->arguments + parser->offsets[n]);
		ok = parser->rows[n]->file == FILE_UPDATE ? files_add_update(path, error)
							  : files_add_output(path, error);
	}
	return ok;
}

/* What is needed is there, and what was given goes together. */
static bool check_all(const struct parser *parser, size_t words, struct error *error)
{
	const struct command *command = parser->command;
	const struct field *field = &command->words;

	if (field->key &&
	    (field->kind == FIELD_TEXTS ? words < (size_t)field->minimum : !words && field->help))
		return error_set(error, ERROR_INPUT, "%s", field->help);
	for (size_t n = 0; n < parser->count; n++)
		if (!parser->seen[n] && parser->rows[n]->needed)
			return error_set(error, ERROR_INPUT, "--%s=%s is needed",
					 parser->rows[n]->field.key, parser->rows[n]->argument);
	return read_endings(parser, error) &&
	       (!command->check || command->check(parser->arguments, error)) &&
	       announce_files(parser, error);
}

/* --- argp ------------------------------------------------------------------------ */

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct parser *parser = state->input;
	struct error error = { 0 };
	error_t known = 0;

	if (key == ARGP_KEY_ARGS) {
		read_words(parser, state->argv + state->next, (size_t)(state->argc - state->next),
			   &error);
	} else if (key == ARGP_KEY_END) {
		check_all(parser, state->arg_num, &error);
	} else {
		known = ARGP_ERR_UNKNOWN;
		for (size_t n = 0; n < parser->count; n++) {
			if (parser->options[n].key != key)
				continue;
			parser->seen[n] = true;
			read_option(parser->rows[n], text, parser->arguments + parser->offsets[n],
				    &error);
			known = 0;
		}
	}
	if (error.kind == ERROR_INPUT)
		argp_error(state, "%s", error.message);
	else if (error.kind != ERROR_NONE)
		argp_failure(state, error_exit_status(&error), 0, "%s", error.message);
	return known;
}

/* A long option may be cut short, as long as it is one. */
static bool is_known(const struct parser *parser, const char *name, size_t length)
{
	static const char *const argps[] = { "help", "usage" };

	for (size_t n = 0; n < parser->count; n++)
		if (strncmp(parser->options[n].name, name, length) == 0)
			return true;
	for (size_t i = 0; i < sizeof(argps) / sizeof(argps[0]); i++)
		if (strncmp(argps[i], name, length) == 0)
			return true;
	return false;
}

/* "; sim compare has it", of the first command that has; "": none. */
static void who_has(char hint[HINT_MAX], const char *word)
{
	struct parser parser;

	*hint = '\0';
	for (size_t c = 0; commands[c] && !*hint; c++) {
		build(&parser, commands[c], NULL);
		for (size_t n = 0; n < parser.count; n++)
			if (strcmp(parser.options[n].name, word) == 0)
				snprintf(hint, HINT_MAX, "; sim %s has it", commands[c]->name);
	}
}

/* getopt's own message names no neighbour. An argument that begins with "--" has its option before it. */
static void refuse_unknown(const struct parser *parser, int argc, char **argv)
{
	const char *names[OPTIONS_MOST + 1] = { NULL };
	struct error error = { 0 };

	for (size_t n = 0; n < parser->count; n++)
		names[n] = parser->options[n].name;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *name;
		size_t length;
		char hint[HINT_MAX], word[64];

		if (strncmp(argv[i], "--", 2) != 0 || argv[i - 1][0] == '-')
			continue;
		name = argv[i] + 2;
		length = strcspn(name, "=");
		if (is_known(parser, name, length))
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)(length < 60 ? length : 60), name);
		if (!*did_you_mean(hint, word, names))
			who_has(hint, word);
		if (!*hint)
			continue;
		error_set(&error, ERROR_INPUT, "there is no option --%s%s (`%s --help` lists them)",
			  word, hint, argv[0]);
		errx(error_exit_status(&error), "%s", error.message);
	}
}

void command_parse(const struct command *command, int argc, char **argv, void *arguments)
{
	static char name[64]; /* argp keeps it for its messages */
	char format[32];
	struct parser parser;
	struct argp argp = { NULL, parse, command->arguments, command->about, NULL, NULL, NULL };
	struct error error = { 0 };

	snprintf(name, sizeof(name), "sim %s", argv[0]);
	snprintf(format, sizeof(format), "rmargin=%d", terminal_width(stdout) - 1);
	setenv("ARGP_HELP_FMT", format, 0);
	argv[0] = name;
	argp_err_exit_status = 2;
	program_invocation_name = program_invocation_short_name = name;
	build(&parser, command, arguments);
	if (parser.count) /* glibc leaks an empty table */
		argp.options = parser.options;
	for (size_t n = 0; n < parser.count; n++)
		set_default(&parser, &parser.rows[n]->field, parser.offsets[n], &error);
	set_default(&parser, &command->words, command->words.offset, &error);
	if (error.kind != ERROR_NONE)
		errx(error_exit_status(&error), "%s", error.message);
	refuse_unknown(&parser, argc, argv);
	if (argp_parse(&argp, argc, argv, 0, NULL, &parser) != 0) /* the rest was said by parse() */
		errx(1, "out of memory (options)");
}

void options_visit(const struct command *command,
		   void (*visit)(const struct argp_option *option, void *data), void *data)
{
	struct parser parser;

	build(&parser, command, NULL);
	for (size_t n = 0; n < parser.count; n++)
		visit(&parser.options[n], data);
}
