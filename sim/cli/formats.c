#include "cli/formats.h"

#include "document/record.h"
#include "document/shape.h"
#include "report/shapes.h"
#include "sweep/store.h"

/* --- lists that other commands print ----------------------------------------- */

static const struct member cost_members[] = {
	{ "model", SHAPE_TEXT, .help = "that charges it" },
	{ "term", SHAPE_TEXT, .help = "its name" },
	{ "unit", SHAPE_TEXT, .help = "ns" },
	{ "per", SHAPE_TEXT, .help = "what one unit is: call, page or MiB" },
	{ "mean", SHAPE_NUMBER, .help = "of one unit" },
	{ "cv", SHAPE_NUMBER, .help = "standard deviation of one unit, divided by the mean" },
	{ "range", SHAPE_INTERVAL, .help = "that the mean may lie in" },
	{ "status", SHAPE_TEXT, .help = "published, measured, derived or assumed" },
	{ "source", SHAPE_TEXT, .help = "where it comes from" },
	{ 0 },
};
static const struct shape cost_shape = {
	"cost term",
	"Of `sim costs --format json`: the prices of models, where "
	"no platform says others.",
	cost_members, NULL, 0
};

static const struct member function_members[] = {
	{ "function", SHAPE_TEXT, .help = "of the kernel, or system call" },
	{ "term", SHAPE_TEXT, .help = "price that it tells" },
	{ "also", SHAPE_TEXT, .help = "another that is in it", .null = true },
	{ "architecture", SHAPE_TEXT, .help = "null: any", .null = true },
	{ "amount", SHAPE_TEXT, .help = "units of a call: one, or by its bytes or pages" },
	{ "arguments", SHAPE_TEXT, .help = "that say which call it is", .null = true },
	{ "which", SHAPE_TEXT, .help = "calls count", .null = true },
	{ "value", SHAPE_TEXT, .help = "that is its amount", .null = true },
	{ "less", SHAPE_TEXT, .help = "price that is taken off", .null = true },
	{ "note", SHAPE_TEXT, .help = "what must be known", .null = true },
	{ 0 },
};
static const struct shape function_shape = { "function that tells a price",
					     "Of `sim costs --functions --format json`.",
					     function_members, NULL, 0 };

static const struct member here_members[] = {
	{ "mean", SHAPE_NUMBER, .help = "ns" },
	{ "range", SHAPE_INTERVAL, .help = "ns" },
	{ 0 },
};
static const struct shape here_shape = { "price elsewhere", "If nobody says a platform.",
					 here_members, NULL, 0 };

static const struct member platform_price_members[] = {
	{ "term", SHAPE_TEXT, .help = "its name" },
	{ "model", SHAPE_TEXT, .help = "that charges it" },
	{ "unit", SHAPE_TEXT, .help = "ns" },
	{ "per", SHAPE_TEXT, .help = "what one unit is" },
	{ "mean", SHAPE_NUMBER, .help = "on this platform" },
	{ "range", SHAPE_INTERVAL, .help = "that it may lie in there" },
	{ "status", SHAPE_TEXT, .help = "its evidence" },
	{ "source", SHAPE_TEXT, .help = "where it comes from" },
	{ "elsewhere", SHAPE_OBJECT, .help = "the model's own", .of = &here_shape },
	{ 0 },
};
static const struct shape platform_price_shape = { "price of a platform", "Beside the model's.",
						   platform_price_members, NULL, 0 };

static const struct member platform_members[] = {
	{ "name", SHAPE_TEXT, .help = "that a scenario says" },
	{ "title", SHAPE_TEXT, .help = "the machine", .optional = true },
	{ "about", SHAPE_TEXT, .help = "where the values come from", .optional = true },
	{ "platform", SHAPE_ELSEWHERE, .help = "what they were measured on (docs/profile.md)",
	  .optional = true },
	{ "memory_bandwidth", SHAPE_ELSEWHERE, .help = "of the host (docs/profile.md)",
	  .optional = true },
	{ "price_count", SHAPE_WHOLE, .help = "how many it says" },
	{ "models", SHAPE_TEXTS, .help = "that these are of" },
	{ "prices", SHAPE_OBJECTS, .help = "of one platform: each price in each model",
	  .of = &platform_price_shape, .optional = true },
	{ 0 },
};
static const struct shape platform_shape = {
	"platform",
	"Of `sim platforms NAME --format json`; without a name a list of such objects, without "
	"prices.",
	platform_members, NULL, 0
};

static const struct member resolved_members[] = {
	{ "resolved", SHAPE_ELSEWHERE,
	  .help = "the scenario with every default filled in (docs/scenario.md)" },
	{ "origins", SHAPE_ELSEWHERE,
	  .help = "by pointer, where each value comes from: FILE:LINE, --set or default" },
	{ 0 },
};
static const struct shape resolved_shape = { "resolved scenario", "Of `sim check FILE --resolved`.",
					     resolved_members, NULL, 0 };

/* --- all of them ---------------------------------------------------------------- */

const struct output_format output_formats[] = {
	{ "result", &result_shape, false, false },
	{ "comparison", &comparison_shape, false, false },
	{ "plan", &plan_shape, false, false },
	{ "sensitivity", &sensitivity_shape, false, false },
	{ "explanation", &explanation_shape, false, false },
	{ "validation", &validation_shape, false, false },
	{ "stored-scenario", &stored_scenario_shape, false, false },
	{ "resolved", &resolved_shape, false, false },
	{ "costs", &cost_shape, true, false },
	{ "functions", &function_shape, true, false },
	{ "platform", &platform_shape, false, false },
	{ "platforms", &platform_shape, true, false },
	{ "result-csv", &result_csv_shape, false, true },
	{ "comparison-csv", &comparison_csv_shape, false, true },
	{ "sensitivity-csv", &sensitivity_csv_shape, false, true },
	{ "sweep-csv", &sweep_csv_shape, false, true },
	{ 0 },
};

bool format_print_schema(const struct output_format *format, FILE *out, struct error *error)
{
	return schema_print(shape_schema(format->shape, format->list), format->name, 2, out, error);
}

static const char head[] =
	"# What sim writes\n\n"
	"Generated by `sim schema formats --format md` from the tables that every document is held "
	"to before it is written.\n\n"
	"`sim schema KIND` prints the JSON Schema (draft-07) of a format. A document begins with "
	"`format` and `version`; the version changes when a key goes, or means something else, and "
	"not when one comes. Every key is there unless it says so; what does not exist is null. "
	"Times are ns. Which files stand alone: [results](results.md). A sweep's tables: "
	"[sweeps](sweeps.md). Prices that a command writes are [cost profiles](profile.md) (of "
	"calibrate, fit and explain), flows are [designs](design-language.md) (of flows).\n\n"
	"| format | command |\n|---|---|\n";

bool formats_print_reference(FILE *out, struct error *error)
{
	struct shapes_printed printed = { 0 };
	bool ok = true;

	fputs(head, out);
	for (const struct output_format *format = output_formats; format->name; format++)
		fprintf(out, "| %s%s%s | %s |\n", format->csv ? "" : "`sim schema ",
			format->csv ? format->shape->name : format->name, format->csv ? "" : "`",
			format->shape->help);
	fputc('\n', out);
	for (const struct output_format *format = output_formats; ok && format->name; format++)
		if (format == output_formats || format->shape != format[-1].shape)
			ok = shape_print_sections(format->shape, &printed, out, error);
	return ok;
}
