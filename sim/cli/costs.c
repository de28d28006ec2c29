#include <stdio.h>

#include <jansson.h>

#include "cli/command.h"
#include "cli/costs_functions.h"
#include "document/json.h"
#include "flow/model.h"
#include "report/json_tools.h"
#include "report/text_tools.h"

struct arguments {
	int model;  /* in model_table; -1: all */
	int format; /* enum text_or_json */
	bool functions;
	const char *probe;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("functions", FIELD_FLAG, AT(functions), NULL,
	       "List the functions of the kernel whose durations tell the terms, as sim fit reads "
	       "them"),
	OPTION("probe", FIELD_TEXT, AT(probe), "FUNCTION",
	       "Print a program for bpftrace that times one of them"),
	OPTION_TEXT_OR_JSON(AT(format), 0),
	{ .field.key = NULL },
};

static void print_terms(const struct model *model)
{
	printf("%s\n", model->name);
	for (size_t i = FIRST_TERM; i < model->term_count; i++) {
		const struct term *term = &model->terms[i];

		printf("  %-24s %s per %s, cv %g, %s, %s\n%28s%s\n", term->name,
		       VALUE(UNIT_NANOSECONDS, term->mean_ns), term_unit_names[term->unit],
		       term->cv, RANGE(UNIT_NANOSECONDS, term->low_ns, term->high_ns),
		       term_status_names[term->status], "", term->source);
	}
}

static void add_json(json_t **list, const struct model *model)
{
	for (size_t i = FIRST_TERM; i < model->term_count; i++) {
		const struct term *term = &model->terms[i];

		json_add(list,
			 json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:[f, f], s:s, s:s}", "model",
				   model->name, "term", term->name, "unit", "ns", "per",
				   term_unit_names[term->unit], "mean", term->mean_ns, "cv",
				   term->cv, "range", term->low_ns, term->high_ns, "status",
				   term_status_names[term->status], "source", term->source));
	}
}

static json_t *costs_to_json(const struct arguments *arguments)
{
	json_t *list = json_array();

	for (int i = 0; i < (int)model_table_count; i++)
		if (arguments->model < 0 || arguments->model == i)
			add_json(&list, model_table[i]);
	return list;
}

static int costs(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .model = -1 };
	const struct model *model;

	command_parse(&command_costs, argc, argv, &arguments);
	model = arguments.model >= 0 ? model_table[arguments.model] : NULL;
	if (arguments.probe)
		return probe_print(arguments.probe, error) ? 0 : 1;
	if (arguments.format == JSON_FORMAT)
		json_print(arguments.functions ? functions_to_json(model)
					       : costs_to_json(&arguments),
			   "costs", 2, stdout, error);
	else if (arguments.functions)
		functions_print(model);
	else
		for (int i = 0; i < (int)model_table_count; i++)
			if (!model || model == model_table[i])
				print_terms(model_table[i]);
	return 0;
}

const struct command command_costs = {
	.name = "costs",
	.summary = "list cost terms with their ranges and sources",
	.arguments = "[MODEL]",
	.about = "List the cost terms of the models: value, spread, plausible range, status and "
		 "source; or how they are measured: which functions of the kernel tell them.\v"
		 "Example:\n  sim costs s390-pv\n  sim costs s390-pv --functions\n  sim costs "
		 "--probe "
		 "unmap_page_range\n",
	.options = { { options, 0 } },
	.words = { "model", FIELD_CHOICE, AT(model), .choices = model_names },
	.run = costs,
};
