#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/quantity.h"
#include "cli/command.h"
#include "flow/model.h"

enum { OPTION_FORMAT = 256 };

struct arguments {
	const struct model *model; /* NULL: all */
	bool json;
};

static const struct argp_option options[] = {
	{ "format", OPTION_FORMAT, "FORMAT", 0, "text or json", 0 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case OPTION_FORMAT:
		arguments->json = strcmp(text, "json") == 0;
		if (!arguments->json && strcmp(text, "text") != 0)
			argp_error(state, "the format is text or json");
		return 0;
	case ARGP_KEY_ARG:
		arguments->model = model_find(text);
		if (!arguments->model)
			argp_error(state, "there is no such model; `sim models` lists them");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"[MODEL]",
	"List the cost terms of the models: value, spread, plausible range, status and source.\v"
	"Example:\n  sim costs s390-pv\n",
	NULL,
	NULL,
	NULL,
};

static void print_text(const struct model *model)
{
	printf("%s\n", model->name);
	for (size_t i = FIRST_TERM; i < model->term_count; i++) {
		const struct term *term = &model->terms[i];

		printf("  %-24s ", term->name);
		quantity_print_duration(stdout, term->mean_ns);
		printf(" per %s, cv %g, ", term_unit_names[term->unit], term->cv);
		quantity_print_duration(stdout, term->low_ns);
		fputs(" .. ", stdout);
		quantity_print_duration(stdout, term->high_ns);
		printf(", %s\n%28s%s\n", term_status_names[term->status], "", term->source);
	}
}

static bool add_json(json_t *list, const struct model *model)
{
	for (size_t i = FIRST_TERM; i < model->term_count; i++) {
		const struct term *term = &model->terms[i];

		if (json_array_append_new(
			    list,
			    json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:[f, f], s:s, s:s}", "model",
				      model->name, "term", term->name, "unit", "ns", "per",
				      term_unit_names[term->unit], "mean", term->mean_ns, "cv",
				      term->cv, "range", term->low_ns, term->high_ns, "status",
				      term_status_names[term->status], "source", term->source)) !=
		    0)
			return false;
	}
	return true;
}

static int costs(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	json_t *list = json_array();
	bool ok = list != NULL;

	command_parse(&argp, argc, argv, &arguments);
	for (size_t i = 0; ok && i < model_table_count; i++) {
		if (arguments.model && arguments.model != model_table[i])
			continue;
		if (arguments.json)
			ok = add_json(list, model_table[i]);
		else
			print_text(model_table[i]);
	}
	if (!ok)
		error_memory(error, "costs");
	else if (arguments.json &&
		 (json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) ||
		  putchar('\n') == EOF))
		error_set(error, ERROR_OUTPUT, "cannot write the costs");
	json_decref(list);
	return 0;
}

const struct command command_costs = { "costs", "list cost terms with their ranges and sources",
				       costs, &argp };
