#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/scenario_options.h"
#include "document/data_folder.h"
#include "page/report_page.h"
#include "report/output.h"

struct arguments {
	const char *file;
	bool alone;
	int study;
	struct scenario_options scenario;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("alone", FIELD_FLAG, AT(alone), NULL,
	       "Do not compare with the model's other strategies", .group = 3),
	OPTION_STUDY(AT(study), 3),
	{ .field.key = NULL },
};

static bool is_plain(const char *word)
{
	return strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "/._-=,:+%@") == strlen(word);
}

static void print_quoted(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
}

/* WORD or WORD=VALUE, between single quotes where a shell needs them. */
static void print_word(FILE *out, const char *word, const char *value)
{
	const char *quote = *word && is_plain(word) && (!value || is_plain(value)) ? "" : "'";

	fputs(quote, out);
	print_quoted(out, word);
	if (value)
		fputc('=', out);
	print_quoted(out, value ? value : "");
	fputs(quote, out);
}

static char *command_line(const struct arguments *arguments, struct error *error)
{
	const struct settings *settings = &arguments->scenario.settings;
	char *text = NULL;
	size_t size;
	FILE *out = memory_stream(&text, &size);

	if (out) {
		fputs("sim report ", out);
		print_word(out, arguments->file, NULL);
		for (size_t i = 0; i < settings->count; i++) {
			fputs(" --set ", out);
			print_word(out, settings->items[i].text, settings->items[i].value);
		}
		if (arguments->study != STUDY_BOUNDED)
			fprintf(out, " --study %s", study_names[arguments->study]);
		fputs(arguments->alone ? " --alone -o report.html" : " -o report.html", out);
		memory_stream_close(out, &text, "command", error);
	} else {
		error_memory(error, "command");
	}
	return text;
}

static int write_report(const struct arguments *arguments, struct error *error)
{
	struct report_page_request request = {
		.file = arguments->file,
		.settings = arguments->scenario.settings.items,
		.setting_count = arguments->scenario.settings.count,
		.compare = !arguments->alone,
		.options = scenario_options_experiment(&arguments->scenario),
	};
	char scripts[4096];
	char *command = command_line(arguments, error);
	struct output output = { 0 };
	enum judgement verdict = LIMIT_MET;

	request.options.study = (enum study)arguments->study;
	if (command) {
		request.command = command;
		if (data_folder_find(NULL, "gnuplot", scripts, sizeof(scripts)))
			request.scripts = scripts;
		if (output_open(&output, arguments->scenario.output, error)) {
			report_page_write(&request, output.stream, &verdict, error);
			output_close(&output, error);
		}
	}
	free(command);
	return error->kind != ERROR_NONE ? 1 : judgement_status(verdict);
}

/* A page under the name of something else would be opened by something else. */
static bool check(const void *data, struct error *error)
{
	static const char *const others[] = {
		".pdf", ".md", ".json", ".csv", ".svg", ".png", ".txt"
	};
	const char *output = ((const struct arguments *)data)->scenario.output;
	size_t length = output ? strlen(output) : 0;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (length > strlen(others[i]) &&
		    strcmp(output + length - strlen(others[i]), others[i]) == 0)
			return error_set(
				error, ERROR_INPUT,
				"--output: \"%.200s\": the page is HTML: give a name that ends "
				"in .html (a browser prints it as PDF; sim run --format md "
				"and json write those)",
				output);
	return true;
}

static int report(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	int status;

	command_parse(&command_report, argc, argv, &arguments);
	status = write_report(&arguments, error);
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_report = {
	.name = "report",
	.summary = "write an HTML page about a scenario",
	.arguments = "FILE",
	.about =
		"Write one self-contained HTML page about a scenario: the answer, its confidence, "
		"where the time goes, the model's strategies side by side, the slowest replication "
		"as a timeline, the assumptions with their sources, and the command that makes it "
		"again.\v"
		"Example:\n  sim report scenarios/s390-pv/reboot-64g.json -o report.html\n",
	.options = { { options, 0 },
		     { scenario_options, AT(scenario) },
		     { scenario_output, AT(scenario) } },
	.words = { "scenario", FIELD_TEXT, AT(file), .help = "a scenario file is needed" },
	.check = check,
	.run = report,
};
