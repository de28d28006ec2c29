#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/layout.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "design/design.h"
#include "draw/gnuplot.h"
#include "draw/svg.h"
#include "flow/flow_diff.h"
#include "flow/print.h"

enum { STRATEGIES_MOST = 32 };

enum format { FORMAT_TEXT, FORMAT_DOT, FORMAT_SVG, FORMAT_JSON };
static const char *const formats[] = { "text", "dot", "svg", "json", NULL };

struct arguments {
	struct field_list paths; /* MODEL[/STRATEGY[/OPERATION]] or DESIGN.json[/OPERATION] */
	bool diff;
	int format; /* enum format */
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("format", FIELD_CHOICE, AT(format), "FORMAT",
	       "text, dot (Graphviz), svg (drawn by it) or json (a design to start from, "
	       "docs/designs.md)",
	       ONE_OF(formats, "\"text\"")),
	OPTION("diff", FIELD_FLAG, AT(diff), NULL,
	       "Show what differs between two strategies or designs"),
	{ .field.key = NULL },
};

static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;

	return arguments->diff == (arguments->paths.count == 2) ||
	       error_set(error, ERROR_INPUT, "--diff takes two strategies, and two need --diff");
}

/* --- which flows --------------------------------------------------------------- */

/* What an argument stands for; NULL: any. */
struct selection {
	struct design_file design; /* only of a design */
	const struct model *model;
	const struct strategy *strategy;
	const char *operation;
	char *text; /* the argument, cut into its parts */
};

/* Which part of the path there is not, and what may have been meant. */
static bool no_such(const char *what, const char *name, const char *const *names,
		    struct error *error)
{
	char hint[HINT_MAX];

	return error_set(error, ERROR_INPUT,
			 "sim flows: error: there is no %s \"%.60s\"%s (`sim flows` lists all "
			 "MODEL/STRATEGY/OPERATION)",
			 what, name, did_you_mean(hint, name, names));
}

static bool no_strategy(const struct model *model, const char *name, struct error *error)
{
	const char *names[STRATEGIES_MOST + 1] = { NULL };

	for (size_t s = 0; s < model->strategy_count && s < STRATEGIES_MOST; s++)
		names[s] = model->strategies[s].name;
	return no_such("strategy", name, names, error);
}

/* DESIGN.json or DESIGN.json/OPERATION. */
static bool select_design(struct selection *selection, char *path, struct error *error)
{
	char *end = strstr(path, ".json");

	while (end && end[5] && end[5] != '/')
		end = strstr(end + 5, ".json");
	if (end && end[5] == '/') {
		end[5] = '\0';
		selection->operation = end + 6;
	}
	if (!design_file_load(&selection->design, path, error))
		return false;
	selection->model = selection->design.model;
	selection->strategy = selection->design.strategy;
	return true;
}

static bool select_shipped(struct selection *selection, char *path, struct error *error)
{
	char *rest = NULL, *name = strtok_r(path, "/", &rest);
	int index;

	selection->model = name ? model_find(name) : NULL;
	if (!selection->model)
		return no_such("model", name ? name : path, model_names, error);
	name = strtok_r(NULL, "/", &rest);
	index = name ? strategy_find(selection->model, name) : -1;
	if (name && index < 0)
		return no_strategy(selection->model, name, error);
	if (name)
		selection->strategy = &selection->model->strategies[index];
	selection->operation = strtok_r(NULL, "/", &rest);
	return true;
}

static bool select_flows(struct selection *selection, const char *path, struct error *error)
{
	if (!path)
		return true;
	selection->text = memory_text(path, error);
	if (!selection->text)
		return false;
	return strstr(path, ".json") ? select_design(selection, selection->text, error)
				     : select_shipped(selection, selection->text, error);
}

static void selection_fini(struct selection *selection)
{
	design_file_fini(&selection->design);
	free(selection->text);
}

/* --- printing -------------------------------------------------------------------- */

/* What is printed: text and graphs at once, JSON when everything is collected. */
struct printer {
	enum format format;
	FILE *out;
	json_t *designs;
	size_t found;
};

/* For light and for dark ground. */
static bool draw(const struct program *program, const char *title, FILE *out, struct error *error)
{
	char *graph = NULL, *svg;
	size_t size;
	FILE *stream = memory_stream(&graph, &size);

	if (!stream)
		return error_memory(error, "flow");
	flow_print_dot(program, title, stream);
	if (!memory_stream_close(stream, &graph, "flow", error))
		return false;
	svg = graphviz_draw(graph, &size, error);
	if (svg)
		svg_write_alone(svg, title, out);
	free(svg);
	free(graph);
	return svg != NULL;
}

static bool print_operation(const struct model *model, const struct strategy *strategy,
			    enum operation operation, const struct printer *printer,
			    struct error *error)
{
	struct program program;
	char title[256];
	bool ok = true;

	snprintf(title, sizeof(title), "%s/%s/%s", model->name, strategy->name,
		 operation_names[operation]);
	if (!program_build(&program, model, strategy->flows[operation], error))
		return false;
	if (printer->format == FORMAT_TEXT) {
		fprintf(printer->out, "# %s\n", title);
		flow_print_text(&program, printer->out);
	} else if (printer->format == FORMAT_SVG) {
		ok = draw(&program, title, printer->out, error);
	} else {
		flow_print_dot(&program, title, printer->out);
	}
	program_fini(&program);
	return ok;
}

static bool print_strategy(const struct selection *selection, const struct model *model,
			   const struct strategy *strategy, struct printer *printer,
			   struct error *error)
{
	enum operation only = OPERATION_COUNT;

	for (int i = 0; i < OPERATION_COUNT; i++) {
		if (!strategy->flows[i] ||
		    (selection->operation && strcmp(selection->operation, operation_names[i]) != 0))
			continue;
		printer->found++;
		if (selection->operation)
			only = (enum operation)i;
		if (printer->format == FORMAT_JSON)
			continue;
		if (!selection->operation)
			fprintf(printer->out, "%s/%s/%s: %s\n", model->name, strategy->name,
				operation_names[i], strategy->flows[i]->summary);
		else if (!print_operation(model, strategy, (enum operation)i, printer, error))
			return false;
	}
	if (printer->format == FORMAT_JSON && (!selection->operation || only < OPERATION_COUNT) &&
	    json_array_append_new(printer->designs, design_to_json(model, strategy, only)) != 0)
		return error_memory(error, "flows");
	return true;
}

static bool print_selected(const struct selection *selection, struct printer *printer,
			   struct error *error)
{
	bool ok = true;

	for (size_t m = 0; ok && m < model_table_count; m++) {
		const struct model *model = model_table[m];

		if (!selection->model || selection->model == model)
			for (size_t s = 0; ok && s < model->strategy_count; s++)
				if (!selection->strategy ||
				    selection->strategy == &model->strategies[s])
					ok = print_strategy(selection, model, &model->strategies[s],
							    printer, error);
	}
	if (selection->design.model)
		ok = print_strategy(selection, selection->model, selection->strategy, printer,
				    error);
	if (ok && !printer->found)
		return no_such("operation", selection->operation, operation_names, error);
	return ok;
}

/* One strategy is a design, several are a list of them. */
static bool print_json(const struct selection *selection, const struct printer *printer,
		       struct error *error)
{
	const json_t *printed =
		selection->strategy ? json_array_get(printer->designs, 0) : printer->designs;

	return design_write(printed, printer->out, error);
}

static bool print_flows(const struct arguments *arguments, const struct selection *selection,
			FILE *out, struct error *error)
{
	struct printer printer = { (enum format)arguments->format, out, json_array(), 0 };
	bool ok;

	if (!printer.designs)
		return error_memory(error, "flows");
	if ((arguments->format == FORMAT_DOT || arguments->format == FORMAT_SVG) &&
	    !selection->operation)
		ok = error_set(error, ERROR_INPUT,
			       "sim flows: error: a drawing is of one MODEL/STRATEGY/OPERATION; "
			       "`sim flows` lists them");
	else
		ok = print_selected(selection, &printer, error) &&
		     (arguments->format != FORMAT_JSON || print_json(selection, &printer, error));
	json_decref(printer.designs);
	return ok;
}

static bool print_diff(const struct selection *a, const struct selection *b, FILE *out,
		       struct error *error)
{
	if (!a->strategy || !b->strategy || a->operation || b->operation)
		return error_set(error, ERROR_INPUT,
				 "sim flows: error: --diff takes two MODEL/STRATEGY or designs");
	return flow_diff(a->model, a->strategy, b->model, b->strategy, out, error);
}

/* A drawing or JSON has lines of its own. */
static bool print_all(const struct arguments *arguments, const struct selection *first,
		      const struct selection *second, struct error *error)
{
	struct layout layout;
	bool ok;

	if (arguments->format != FORMAT_TEXT && !arguments->diff)
		return print_flows(arguments, first, stdout, error);
	if (!layout_open(&layout, stdout, error))
		return false;
	ok = arguments->diff ? print_diff(first, second, layout.stream, error)
			     : print_flows(arguments, first, layout.stream, error);
	return layout_close(&layout, error) && ok;
}

static int flows(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct selection first = { 0 }, second = { 0 };
	char **paths;

	command_parse(&command_flows, argc, argv, &arguments);
	paths = arguments.paths.items;
	if (select_flows(&first, arguments.paths.count ? paths[0] : NULL, error) &&
	    select_flows(&second, arguments.diff ? paths[1] : NULL, error))
		print_all(&arguments, &first, &second, error);
	selection_fini(&first);
	selection_fini(&second);
	return 0;
}

const struct command command_flows = {
	.name = "flows",
	.summary = "print the steps that are simulated",
	.arguments = "[MODEL[/STRATEGY[/OPERATION]]]\nDESIGN.json[/OPERATION]\n--diff A B",
	.about = "List operations, or print the steps of one: what is simulated, nothing else.\v"
		 "Example:\n  sim flows s390-pv/async/reboot\n"
		 "  sim flows s390-pv/async/reboot --format svg >reboot.svg\n"
		 "  sim flows s390-pv/async --format json\n"
		 "  sim flows --diff s390-pv/async scenarios/designs/lower-in-background.json\n",
	.options = { { options, 0 } },
	.words = { "strategies", FIELD_TEXTS, AT(paths), .maximum = 2 },
	.check = check,
	.run = flows,
};
