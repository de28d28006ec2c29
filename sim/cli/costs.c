#include <stdio.h>

#include <jansson.h>

#include "cli/command.h"
#include "flow/model.h"
#include "report/json_tools.h"
#include "report/text_tools.h"

struct arguments {
	int model;  /* in model_table; -1: all */
	int format; /* enum text_or_json */
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
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

static int costs(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .model = -1 };
	json_t *list = json_array();

	command_parse(&command_costs, argc, argv, &arguments);
	for (int i = 0; i < (int)model_table_count; i++) {
		if (arguments.model >= 0 && arguments.model != i)
			continue;
		if (arguments.format == JSON_FORMAT)
			add_json(&list, model_table[i]);
		else
			print_terms(model_table[i]);
	}
	if (!list)
		error_memory(error, "costs");
	else if (arguments.format == JSON_FORMAT &&
		 (json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) ||
		  putchar('\n') == EOF))
		error_set(error, ERROR_OUTPUT, "cannot write the costs");
	json_decref(list);
	return 0;
}

const struct command command_costs = {
	.name = "costs",
	.summary = "list cost terms with their ranges and sources",
	.arguments = "[MODEL]",
	.about = "List the cost terms of the models: value, spread, plausible range, status and "
		 "source.\v"
		 "Example:\n  sim costs s390-pv\n",
	.options = { { options, 0 } },
	.words = { "model", FIELD_CHOICE, AT(model), .choices = model_names },
	.run = costs,
};
