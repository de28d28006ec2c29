#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli/command.h"
#include "flow/model.h"
#include "flow/print.h"

enum { OPTION_FORMAT = 256 };

enum format { FORMAT_TEXT, FORMAT_DOT, FORMAT_JSON };

struct arguments {
	char *path; /* MODEL[/STRATEGY[/OPERATION]]; NULL: everything */
	enum format format;
};

static const struct argp_option options[] = {
	{ "format", OPTION_FORMAT, "FORMAT", 0, "text, dot (Graphviz) or json", 0 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	static const char *const names[] = { "text", "dot", "json" };
	struct arguments *arguments = state->input;

	switch (key) {
	case OPTION_FORMAT:
		for (int i = 0; i < 3; i++) {
			if (strcmp(text, names[i]) == 0) {
				arguments->format = (enum format)i;
				return 0;
			}
		}
		argp_error(state, "the format is text, dot or json");
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->path)
			argp_error(state, "one MODEL/STRATEGY/OPERATION at a time");
		arguments->path = text;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"[MODEL[/STRATEGY[/OPERATION]]]",
	"List operations, or print the steps of one: what is simulated, nothing else.\v"
	"Example:\n  sim flows s390-pv/async/reboot\n"
	"  sim flows s390-pv/async/reboot --format dot | dot -Tsvg -o reboot.svg\n",
	NULL,
	NULL,
	NULL,
};

static json_t *flow_to_json(const struct program *program, const struct program_flow *flow)
{
	json_t *steps = json_array();

	for (uint32_t i = flow->first; steps && i < flow->first + flow->count; i++) {
		const struct program_step *step = &program->steps[i];
		char *words = NULL;
		size_t size = 0;
		FILE *memory = open_memstream(&words, &size);
		json_t *item;

		if (!memory)
			break;
		flow_describe_step(program, step, memory);
		fclose(memory);
		item = json_pack("{s:s, s:s, s:s?, s:s?}", "step", step->name, "description", words,
				 "where", step->step->where, "on_failure",
				 step->step->kind == STEP_LABEL ? NULL : step->step->label);
		free(words);
		if (json_array_append_new(steps, item) != 0)
			break;
	}
	return json_pack("{s:s, s:s, s:o*}", "flow", flow->flow->name, "summary",
			 flow->flow->summary, "steps", steps);
}

static json_t *operation_to_json(const struct program *program, const char *title)
{
	json_t *flows = json_array();

	for (size_t f = 0; flows && f < program->flow_count; f++)
		json_array_append_new(flows, flow_to_json(program, &program->flows[f]));
	return json_pack("{s:s, s:o*}", "operation", title, "flows", flows);
}

/* What is printed: text and DOT at once, JSON when everything is collected. */
struct printer {
	enum format format;
	json_t *operations;
};

static bool print_operation(const struct model *model, const struct strategy *strategy,
			    enum operation operation, struct printer *printer, struct error *error)
{
	struct program program;
	char title[128];

	snprintf(title, sizeof(title), "%s/%s/%s", model->name, strategy->name,
		 operation_names[operation]);
	if (!program_build(&program, model, strategy->flows[operation], error))
		return false;
	if (printer->format == FORMAT_TEXT) {
		printf("# %s\n", title);
		flow_print_text(&program, stdout);
	} else if (printer->format == FORMAT_DOT) {
		flow_print_dot(&program, title, stdout);
	} else if (json_array_append_new(printer->operations, operation_to_json(&program, title)) !=
		   0) {
		error_memory(error, "flows");
	}
	program_fini(&program);
	return error->kind == ERROR_NONE;
}

static bool matches(const char *wanted, const char *name)
{
	return !wanted || strcmp(wanted, name) == 0;
}

/* Print one operation, or list all that match. */
static int select_and_print(const char *model, const char *strategy, const char *operation,
			    struct printer *printer, struct error *error)
{
	int found = 0;

	for (size_t m = 0; m < model_table_count; m++) {
		for (size_t s = 0; s < model_table[m]->strategy_count; s++) {
			const struct strategy *one = &model_table[m]->strategies[s];

			for (int i = 0; i < OPERATION_COUNT; i++) {
				if (!one->flows[i] || !matches(model, model_table[m]->name) ||
				    !matches(strategy, one->name) ||
				    !matches(operation, operation_names[i]))
					continue;
				found++;
				if (operation || printer->format == FORMAT_JSON) {
					if (!print_operation(model_table[m], one, (enum operation)i,
							     printer, error))
						return found;
				} else {
					printf("%s/%s/%s: %s\n", model_table[m]->name, one->name,
					       operation_names[i], one->flows[i]->summary);
				}
			}
		}
	}
	return found;
}

static int flows(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct printer printer = { 0 };
	char *parts[3] = { NULL, NULL, NULL };
	char *rest;

	command_parse(&argp, argc, argv, &arguments);
	printer = (struct printer){ arguments.format, json_array() };
	for (int i = 0; arguments.path && i < 3; i++)
		parts[i] = strtok_r(i ? NULL : arguments.path, "/", &rest);
	if (!printer.operations)
		error_memory(error, "flows");
	else if (arguments.format == FORMAT_DOT && !parts[2])
		error_set(error, ERROR_INPUT,
			  "sim flows: error: a drawing is of one MODEL/STRATEGY/OPERATION; `sim "
			  "flows` "
			  "lists them");
	else if (!select_and_print(parts[0], parts[1], parts[2], &printer, error))
		error_set(error, ERROR_INPUT,
			  "sim flows: error: no such MODEL/STRATEGY/OPERATION; `sim flows` lists "
			  "them");
	else if (arguments.format == FORMAT_JSON &&
		 (json_dumpf(printer.operations, stdout, JSON_INDENT(2)) != 0 ||
		  putchar('\n') == EOF))
		error_set(error, ERROR_OUTPUT, "cannot write the flows");
	json_decref(printer.operations);
	return 0;
}

const struct command command_flows = { "flows", "print the steps that are simulated", flows,
				       &argp };
