#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/fit_parts.h"
#include "decide/fit_profile.h"
#include "report/output.h"
#include "report/text_tools.h"

/* Units of sizes ("calls" are no size) and of durations. */
static const char *const size_names[] = { "calls", "pages", "2MiB", "1GiB", "B",
					  "KiB",   "MiB",   "GiB",  "TiB",  NULL };
static const double sizes[] = { 0, 4096, 0x1p21, 0x1p30, 1, 0x1p10, 0x1p20, 0x1p30, 0x1p40 };
static const char *const time_names[] = { "s", "ms", "us", "ns", NULL };
static const double times[] = { 1e9, 1e6, 1e3, 1 };
static const char *const page_names[] = { "4KiB", "2MiB", "1GiB", NULL };

struct names {
	struct traced_name *items; /* `of` is owned, `function` borrowed */
	size_t count, capacity;
};

struct arguments {
	const char *file, *term, *fixed, *residuals, *source, *profile, *into, *per, *only;
	struct names names;
	struct known_prices less;
	double quantile;
	bool through_zero;
	int model;        /* in model_table; -1: not said */
	int format;       /* enum foreign_format */
	int size;         /* in sizes */
	int time;         /* in times; -1: not said */
	int page;         /* enum page_size */
	int architecture; /* -1: not said */
};

#define AT(member) offsetof(struct arguments, member)

/* [NAME=]FUNCTION */
static bool read_name(void *target, const char *text, struct error *error)
{
	struct names *names = target;
	const char *equals = strchr(text, '=');
	char *of = NULL;

	if (!memory_grow(&names->items, &names->capacity, names->count + 1, sizeof(*names->items),
			 "names", error))
		return false;
	if (equals) {
		of = memory_text(text, error);
		if (!of)
			return false;
		of[equals - text] = '\0';
	}
	names->items[names->count++] =
		(struct traced_name){ of && *of == '@' ? memmove(of, of + 1, strlen(of)) : of,
				      equals ? equals + 1 : text };
	return true;
}

static const struct option_row options[] = {
	OPTION("term", FIELD_TEXT, AT(term), "TERM",
	       "The cost term that is fitted, uvc.destroy_page for example (without: all that the "
	       "functions of a trace tell)",
	       .letter = 't'),
	OPTION("model", FIELD_CHOICE, AT(model), "MODEL",
	       "Its model: the term must exist there, and its unit is known (call, page, MiB)",
	       .field.choices = model_names),
	OPTION("fixed-term", FIELD_TEXT, AT(fixed), "TERM",
	       "A term of one call that gets the part that does not grow (the intercept)"),
	OPTION("format", FIELD_CHOICE, AT(format), "FORMAT",
	       "What wrote the file: csv (a table), bpftrace (its maps), perf (trace, trace -s, "
	       "script, ftrace latency) or ftrace (function_graph, events, trace-cmd, the function "
	       "profiler)",
	       .group = 1, ONE_OF(foreign_format_names, "\"csv\"")),
	OPTION("function", FIELD_ANY, AT(names), "[NAME=]FUNCTION",
	       "The function of the kernel that the map NAME, or all of the file, is about",
	       .group = 1, .read = read_name),
	OPTION("only", FIELD_TEXT, AT(only), "NAME",
	       "Only this function, system call or map of the file", .group = 1),
	OPTION("per", FIELD_TEXT, AT(per), "WHAT",
	       "What each call did: an argument in bytes (len, \"end - addr\"), an amount (16GiB, "
	       "512 units), or \"key\" (of a map, in bytes)",
	       .group = 1),
	OPTION("page-size", FIELD_CHOICE, AT(page), "SIZE",
	       "Pages of the memory that was worked on: 4KiB, 2MiB or 1GiB (4KiB)", .group = 1,
	       ONE_OF(page_names, "\"4KiB\"")),
	OPTION("architecture", FIELD_CHOICE, AT(architecture), "NAME",
	       "Where it was measured: x86_64, arm64 or s390x; the profile says so, too",
	       .group = 1, .field.choices = architecture_names),
	OPTION("x", FIELD_CHOICE, AT(size), "UNIT",
	       "Unit of a table's sizes: calls, pages (4 KiB), 2MiB, 1GiB, B, KiB, MiB, GiB, TiB "
	       "(GiB)",
	       .group = 1, ONE_OF(size_names, "\"GiB\"")),
	OPTION("y", FIELD_CHOICE, AT(time), "UNIT",
	       "Unit of durations in a table or in bpftrace's maps: s, ms, us, ns (s of two "
	       "columns, else ns)",
	       .group = 1, .field.choices = time_names),
	OPTION("less", FIELD_ANY, AT(less), "TERM=VALUE",
	       "Take away what else a unit pays: mm.zero_4k=184ns, =150ns..220ns, or a profile "
	       "that "
	       "has it",
	       .group = 2, .read = known_price_read),
	OPTION("through-zero", FIELD_FLAG, AT(through_zero), NULL,
	       "Nothing is paid but what grows with the size", .group = 2),
	OPTION("quantile", FIELD_NUMBER, AT(quantile), "Q",
	       "Fit the duration that a share Q of the calls stays below (0.25 on a host that is "
	       "disturbed), not the mean",
	       .group = 2, WITHIN(0.01, 0.99)),
	OPTION("source", FIELD_TEXT, AT(source), "TEXT", "Where the measurements come from",
	       .group = 3),
	OPTION("output", FIELD_TEXT, AT(profile), "PROFILE.json",
	       "Write a cost profile that scenarios can name", .letter = 'o', .group = 3,
	       .file = FILE_OUTPUT),
	OPTION("into", FIELD_TEXT, AT(into), "PROFILE.json",
	       "Write into this profile, which keeps its other prices", .group = 3,
	       .file = FILE_UPDATE),
	OPTION("residuals", FIELD_TEXT, AT(residuals), "FILE.csv",
	       "Write x, y, fit, residual and weight of each measurement, to be plotted",
	       .group = 3, .file = FILE_OUTPUT),
	{ .field.key = NULL },
};

static bool check(const void *given, struct error *error)
{
	const struct arguments *arguments = given;

	if (!arguments->term && arguments->format == FOREIGN_CSV && !arguments->names.count)
		return error_set(
			error, ERROR_INPUT,
			"a table does not say what it is about: give --term, or --function");
	if (!arguments->term && (arguments->fixed || arguments->residuals))
		return error_set(error, ERROR_INPUT,
				 "--fixed-term and --residuals are of one term: give --term");
	return true;
}

/* --- files -------------------------------------------------------------------------- */

static bool write_residuals(const char *path, const struct price *price, struct error *error)
{
	struct output output = { 0 };

	if (!price->has_shape)
		return error_set(error, ERROR_INPUT,
				 "sim fit: residuals are of a line: two columns, or calls of "
				 "different amounts, are needed");
	if (!output_open(&output, path, error))
		return false;
	fputs("x_units,y_ns,fitted_ns,residual_ns,weight\n", output.stream);
	for (size_t i = 0; i < price->count; i++)
		fprintf(output.stream, "%.15g,%.15g,%.15g,%.15g,%.15g\n", price->x[i], price->y[i],
			price->shape.fitted[i], price->y[i] - price->shape.fitted[i],
			price->shape.weights[i]);
	return output_close(&output, error);
}

/* What a profile says of one price, under both of its names, and of the fixed part. */
static void add_costs(const struct arguments *arguments, const struct fitted *fitted,
		      const char *source, struct fit_cost *costs, size_t *count)
{
	const struct price *price = &fitted->price;
	const struct fit_cost cost = { fitted->of->name, price->unit, price->known, price->cv,
				       source };

	costs[(*count)++] = cost;
	if (fitted->of->also) {
		costs[*count] = cost;
		costs[(*count)++].term = fitted->of->also;
	}
	if (arguments->fixed && price->line)
		costs[(*count)++] =
			(struct fit_cost){ arguments->fixed, price->fixed,
					   price->known && price->fixed.high > price->fixed.low,
					   NAN, source };
}

static bool write_profiles(const struct arguments *arguments, const struct fitted *fitted,
			   size_t count, struct error *error)
{
	enum { EACH = 3 };
	struct fit_cost *costs = memory_array(EACH * count, sizeof(*costs), "costs", error);
	char(*sources)[512] = memory_array(count, sizeof(*sources), "sources", error);
	struct fit_profile profile = { costs, 0,
				       arguments->source ? arguments->source : arguments->file,
				       arguments->architecture };
	bool ok = costs && sources;

	for (size_t i = 0; ok && i < count; i++) {
		const char *from = fitted[i].of->from;

		snprintf(sources[i], sizeof(sources[i]), "%s: %.0f %s%s%s%s%s, sim fit",
			 profile.about, fitted[i].price.calls, *from ? "calls" : "measurements",
			 *from ? " of " : "", from, fitted[i].known ? ", less " : "",
			 fitted[i].known ? fitted[i].known->term : "");
		add_costs(arguments, &fitted[i], sources[i], costs, &profile.count);
		if (!(fitted[i].price.unit.value > 0))
			ok = error_set(error, ERROR_INPUT, "%s: a price of nothing is not written",
				       arguments->term);
	}
	ok = ok &&
	     (!arguments->profile || fit_profile_write(&profile, arguments->profile, error)) &&
	     (!arguments->into || fit_profile_merge(&profile, arguments->into, error));
	free(costs);
	free(sources);
	return ok;
}

/* --- one file --------------------------------------------------------------------------- */

/* The price that is to be taken away from this term's. */
static const struct known_price *known_of(const struct arguments *arguments,
					  const struct traced_term *term)
{
	for (size_t i = 0; i < arguments->less.count; i++) {
		const struct known_price *known = &arguments->less.items[i];

		if (arguments->term || (term->function && term->function->less &&
					strcmp(term->function->less, known->term) == 0))
			return known;
	}
	return NULL;
}

/* A known price by the unit of the other: 512 pages of 4 KiB are one of 2 MiB. */
static struct fit_value by_unit(const struct known_price *known, const struct traced_term *of)
{
	const struct term *less = traced_term(NULL, known->term);
	double theirs = less ? term_unit_bytes(less) : 0;
	double ours = of->term ? term_unit_bytes(of->term) : 0;
	double factor = theirs > 0 && ours > 0 ? ours / theirs : 1;

	return (struct fit_value){ known->value.value * factor, known->value.low * factor,
				   known->value.high * factor };
}

static bool fit_term(const struct arguments *arguments, const struct traced_term *term,
		     const char *path, struct fitted *fitted, struct error *error)
{
	const struct price_data data = { path, term->points, term->count, arguments->through_zero,
					 arguments->quantile };

	*fitted = (struct fitted){ .of = term };
	if (!price_find(&data, &fitted->price, error))
		return false;
	if (!arguments->term && !(fitted->price.unit.value > 0))
		return error_set(error, ERROR_INPUT,
				 "the durations of %s do not grow with what it did", term->from);
	fitted->known = known_of(arguments, term);
	return !fitted->known ||
	       price_less(&fitted->price, fitted->known->term, by_unit(fitted->known, term), error);
}

/* All terms of the file that can be fitted; what cannot is said. One, if it was named, must be. */
static bool fit_terms(const struct arguments *arguments, const struct traced *traced,
		      const char *path, struct fitted *fitted, size_t *count, FILE *out,
		      struct error *error)
{
	for (size_t i = 0; i < traced->count; i++) {
		struct error own = { 0 };

		if (fit_term(arguments, &traced->terms[i], path, &fitted[*count], &own)) {
			fitted_print(&fitted[(*count)++], arguments->quantile, out);
			continue;
		}
		price_fini(&fitted[*count].price);
		if (arguments->term || own.kind != ERROR_INPUT)
			return error_set(error, own.kind, "%s", own.message);
		print_visible(out, "%s: not fitted: %s\n", traced->terms[i].name, own.message);
	}
	for (size_t i = 0; i < traced->note_count; i++)
		print_visible(out, "note: %s\n", traced->notes[i]);
	return *count || error_set(error, ERROR_INPUT, "%s: no price could be fitted", path);
}

static void print_state(const struct foreign *foreign, FILE *out)
{
	if (foreign->failed)
		fprintf(out, "left out: %zu call%s that failed\n", foreign->failed,
			foreign->failed == 1 ? "" : "s");
	if (foreign->lost)
		fputs("warning: the tracer lost events: calls may be paired wrongly\n", out);
}

static bool fit_file(const struct arguments *arguments, const struct foreign *foreign,
		     struct error *error)
{
	const struct traced_options wanted = {
		.term = arguments->term,
		.model = arguments->model >= 0 ? model_table[arguments->model] : NULL,
		.architecture = arguments->architecture >= 0
					? architecture_names[arguments->architecture]
					: NULL,
		.page_bytes = (double)page_size_bytes[arguments->page],
		.per = arguments->per,
		.only = arguments->only && *arguments->only == '@' ? arguments->only + 1
								   : arguments->only,
		.size = sizes[arguments->size],
		.names = arguments->names.items,
		.name_count = arguments->names.count,
	};
	struct traced traced;
	struct fitted *fitted = NULL;
	struct layout layout;
	size_t count = 0;
	bool ok = traced_find(foreign, &wanted, &traced, error);

	if (ok)
		fitted = memory_array(traced.count, sizeof(*fitted), "prices", error);
	if (fitted && layout_open(&layout, stdout, error)) {
		print_state(foreign, layout.stream);
		ok = fit_terms(arguments, &traced, foreign->path, fitted, &count, layout.stream,
			       error);
		ok = layout_close(&layout, error) && ok;
	}
	ok = ok && fitted &&
	     (!(arguments->profile || arguments->into) ||
	      write_profiles(arguments, fitted, count, error)) &&
	     (!arguments->residuals ||
	      write_residuals(arguments->residuals, &fitted[0].price, error));
	for (size_t i = 0; i < count; i++)
		price_fini(&fitted[i].price);
	free(fitted);
	traced_fini(&traced);
	return ok;
}

/* A table of two columns has durations in seconds, if nothing else is said. */
static void scale_table(const struct arguments *arguments, struct foreign *foreign)
{
	if (arguments->format != FOREIGN_CSV || arguments->time >= 0)
		return;
	for (size_t i = 0; i < foreign->series[0]->call_count; i++)
		if (!isnan(foreign->series[0]->calls[i].amount))
			foreign->series[0]->calls[i].duration_ns *= 1e9;
}

static int fit(int argc, char **argv, struct error *error)
{
	struct arguments arguments = {
		.model = -1, .time = -1, .architecture = -1, .quantile = NAN
	};
	struct foreign foreign;
	bool ok;

	command_parse(&command_fit, argc, argv, &arguments);
	ok = foreign_read(&foreign, (enum foreign_format)arguments.format, arguments.file,
			  arguments.time >= 0 ? times[arguments.time] : 1, error);
	if (ok) {
		scale_table(&arguments, &foreign);
		ok = fit_file(&arguments, &foreign, error);
		foreign_fini(&foreign);
	}
	for (size_t i = 0; i < arguments.names.count; i++)
		free((char *)arguments.names.items[i].of);
	free(arguments.names.items);
	known_prices_fini(&arguments.less);
	return ok ? 0 : 1;
}

const struct command command_fit = {
	.name = "fit",
	.summary = "fit cost terms to your own measurements",
	.arguments = "FILE",
	.about = "Fit cost terms to your own measurements, and make a cost profile of them with "
		 "status \"measured\". A table of two columns (size, duration) gives a price per "
		 "unit by a robust line, one column (durations of single calls) mean and "
		 "variation. Of a tracer's file all terms are fitted that its functions tell; "
		 "`sim costs --functions` lists these, docs/measure-your-host.md how to trace "
		 "them.\v"
		 "Example:\n  sim fit teardown.csv --term uvc.destroy_page --model s390-pv --x GiB "
		 "--y s "
		 "-o mine.json\n  sim run scenarios/s390-pv/reboot-64g.json --set "
		 "/costs/-=mine.json\n  sim fit --format bpftrace unmap.txt --into mine.json\n",
	.options = { { options, 0 } },
	.words = { "file of measurements", FIELD_TEXT, AT(file),
		   .help = "a file of measurements is needed" },
	.check = check,
	.run = fit,
};
