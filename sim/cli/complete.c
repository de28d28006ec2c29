#include "cli/complete.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "document/document.h"
#include "flow/model.h"
#include "scenario/complete.h"
#include "scenario/platform.h"

/* What is being completed: for what command, behind which words. */
struct request {
	const struct command *command;
	char *const *words; /* behind the command, the last is what is typed */
	size_t count;
	struct completion completion;
	FILE *out;
	char before[80]; /* stands before every word, "--format=" */
};

static void print_word(const char *word, void *data)
{
	const struct request *request = data;

	fprintf(request->out, "%s%s\n", request->before, word);
}

/* --- options ------------------------------------------------------------------------- */

/* The option of that name ("--set", "-o", or cut short), or NULL. */
static const struct option_row *find_option(const struct command *command, const char *word,
					    size_t length)
{
	for (const struct option_table *table = command->options; table->rows; table++)
		for (const struct option_row *row = table->rows; row->field.key; row++)
			if ((length > 2 && strncmp(word, "--", 2) == 0 &&
			     strncmp(row->field.key, word + 2, length - 2) == 0) ||
			    (length == 2 && word[0] == '-' && row->letter &&
			     word[1] == row->letter))
				return row;
	return NULL;
}

/* The option that the word at `index` is the argument of, or NULL. */
static const struct option_row *argument_of(const struct request *request, size_t index)
{
	const char *before = index ? request->words[index - 1] : "";
	const struct option_row *row = find_option(request->command, before, strlen(before));

	return row && row->argument && !row->bare ? row : NULL;
}

static void offer_option(const struct argp_option *option, void *data)
{
	const struct request *request = data;
	bool argument = option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
	char word[80];

	snprintf(word, sizeof(word), "--%s%s", option->name, argument ? "=" : "");
	completion_offer(&request->completion, word);
}

/* --- values -------------------------------------------------------------------------------- */

/* The scenario among the words, if there is one that can be read. */
static bool read_scenario(const struct request *request, struct document *document)
{
	for (size_t i = 0; i + 1 < request->count; i++) {
		struct error ignored = { 0 };

		if (*request->words[i] != '-' && !argument_of(request, i) &&
		    strcmp(request->words[i], "-") != 0 && access(request->words[i], R_OK) == 0 &&
		    document_read(document, request->words[i], &ignored))
			return true;
	}
	return false;
}

static void complete_pointers(const struct request *request)
{
	struct document document = { 0 };
	bool known = read_scenario(request, &document);

	complete_pointer(&request->completion, known ? document.root : NULL);
	document_fini(&document);
}

static void complete_group(const struct request *request)
{
	struct document document = { 0 };

	if (read_scenario(request, &document))
		complete_guests(&request->completion, document.root);
	document_fini(&document);
}

static void complete_metric(const struct request *request)
{
	complete_metrics(&request->completion);
}

static void complete_terms(const struct request *request)
{
	for (size_t m = 0; m < model_table_count; m++)
		for (size_t t = FIRST_TERM; t < model_table[m]->term_count; t++) {
			const char *name = model_table[m]->terms[t].name;
			bool first = true;

			for (size_t before = 0; before < m && first; before++)
				for (size_t k = FIRST_TERM; k < model_table[before]->term_count;
				     k++)
					first = first && strcmp(model_table[before]->terms[k].name,
								name) != 0;
			if (first)
				completion_offer(&request->completion, name);
		}
}

static void complete_files(const struct request *request)
{
	fputs(":files\n", request->out);
}

static void complete_platforms(const struct request *request)
{
	completion_offer_all(&request->completion, shipped_profile_names);
	if (strchr(request->completion.word, '/'))
		complete_files(request);
}

/* MODEL/STRATEGY/OPERATION, a part at a time, or a design. */
static void complete_flows(const struct request *request)
{
	for (size_t m = 0; m < model_table_count; m++) {
		const struct model *model = model_table[m];
		char word[256];

		snprintf(word, sizeof(word), "%s/", model->name);
		if (strncmp(request->completion.word, word, strlen(word)) != 0)
			completion_offer(&request->completion, word);
		else
			for (size_t s = 0; s < model->strategy_count; s++)
				for (int i = -1; i < OPERATION_COUNT; i++) {
					if (i >= 0 && !model->strategies[s].flows[i])
						continue;
					snprintf(word, sizeof(word), "%s/%s%s%s", model->name,
						 model->strategies[s].name, i < 0 ? "" : "/",
						 i < 0 ? "" : operation_names[i]);
					if (i < 0 || strchr(request->completion.word +
								    strlen(model->name) + 1,
							    '/'))
						completion_offer(&request->completion, word);
				}
	}
	complete_files(request);
}

/* What help calls an argument, or the table calls words, by how it begins. */
static const struct {
	const char *name;
	void (*complete)(const struct request *request);
} kinds[] = {
	{ "/POINTER", complete_pointers },  { "METRIC", complete_metric },
	{ "TERM", complete_terms },         { "PLATFORM", complete_platforms },
	{ "platform", complete_platforms }, { "strategies", complete_flows },
	{ "GUEST", complete_group },        { "FILE", complete_files },
	{ "PROFILE", complete_files },      { "scenario", complete_files },
	{ "file", complete_files },         { "result", complete_files },
	{ "profile", complete_files },      { "tables", complete_files },
};

static void complete_field(const struct request *request, const struct field *field,
			   const char *name)
{
	if (field->choices) {
		completion_offer_all(&request->completion, field->choices);
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (name && strncmp(name, kinds[i].name, strlen(kinds[i].name)) == 0) {
			kinds[i].complete(request);
			return;
		}
}

/* --- the whole ------------------------------------------------------------------------------- */

static void complete_argument(struct request *request)
{
	const char *word = request->completion.word, *equals = strchr(word, '=');
	const struct option_row *row = argument_of(request, request->count - 1);

	if (!row && equals && strncmp(word, "--", 2) == 0) {
		row = find_option(request->command, word, (size_t)(equals - word));
		snprintf(request->before, sizeof(request->before), "%.*s", (int)(equals + 1 - word),
			 word);
		request->completion.word = equals + 1;
	}
	if (row) {
		complete_field(request, &row->field, row->argument);
	} else if (*word == '-' && word[1]) {
		options_visit(request->command, offer_option, request);
		completion_offer(&request->completion, "--help");
	} else if (*word == '-') {
		options_visit(request->command, offer_option, request);
	} else {
		complete_field(request, &request->command->words, request->command->words.key);
	}
}

void complete_words(char *const *words, size_t count, FILE *out)
{
	static const char *const others[] = { "--help", "--version", NULL };
	struct request request = { .words = words + 1,
				   .count = count - 1,
				   .out = out,
				   .completion = { .visit = print_word } };

	if (!count)
		return;
	request.completion.data = &request;
	request.completion.word = words[count - 1];
	if (count == 1) {
		for (size_t c = 0; commands[c]; c++)
			completion_offer(&request.completion, commands[c]->name);
		completion_offer_all(&request.completion, others);
		return;
	}
	for (size_t c = 0; commands[c]; c++)
		if (strcmp(commands[c]->name, words[0]) == 0)
			request.command = commands[c];
	if (request.command)
		complete_argument(&request);
}
