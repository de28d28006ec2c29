#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cli/command.h"
#include "decide/fit.h"
#include "flow/model.h"
#include "report/json_tools.h"
#include "report/output.h"
#include "report/text_tools.h"

/* Units of sizes ("calls" are no size) and of durations. */
static const char *const size_names[] = { "calls", "pages", "2MiB", "1GiB", "B",
					  "KiB",   "MiB",   "GiB",  "TiB",  NULL };
static const double sizes[] = { 0, 4096, 0x1p21, 0x1p30, 1, 0x1p10, 0x1p20, 0x1p30, 0x1p40 };
static const char *const time_names[] = { "s", "ms", "us", "ns", NULL };
static const double times[] = { 1e9, 1e6, 1e3, 1 };
enum { SECONDS = 0, NANOSECONDS = 3 };

struct arguments {
	const char *file, *term, *fixed, *residuals, *source, *profile;
	int model; /* in model_table; -1: not said */
	int size;  /* in sizes */
	int time;  /* in times; -1: not said */
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("term", FIELD_TEXT, AT(term), "NAME",
	       "The cost term that is fitted, uvc.destroy_page for example", .letter = 't',
	       .needed = true),
	OPTION("model", FIELD_CHOICE, AT(model), "MODEL",
	       "Its model: the term must exist there, and its unit is known (call, page, MiB)",
	       .field.choices = model_names),
	OPTION("fixed-term", FIELD_TEXT, AT(fixed), "NAME",
	       "A term of one call that gets the part that does not grow (the intercept)"),
	OPTION("x", FIELD_CHOICE, AT(size), "UNIT",
	       "Unit of the sizes: calls, pages (4 KiB), 2MiB, 1GiB, B, KiB, MiB, GiB, TiB (GiB)",
	       .group = 1, ONE_OF(size_names, "\"GiB\"")),
	OPTION("y", FIELD_CHOICE, AT(time), "UNIT",
	       "Unit of the durations: s, ms, us, ns (s of two columns, ns of one)", .group = 1,
	       .field.choices = time_names),
	OPTION("source", FIELD_TEXT, AT(source), "TEXT", "Where the measurements come from",
	       .group = 1),
	OPTION("output", FIELD_TEXT, AT(profile), "PROFILE.json",
	       "Write a cost profile that scenarios can name", .letter = 'o', .group = 2),
	OPTION("residuals", FIELD_TEXT, AT(residuals), "FILE.csv",
	       "Write x, y, fit, residual and weight of each measurement, to be plotted",
	       .group = 2),
	{ .field.key = NULL },
};

/* Bytes of one unit of the term; 0: it is a call. */
static bool term_bytes(const struct arguments *arguments, double *bytes, struct error *error)
{
	const struct model *model;

	*bytes = 4096;
	if (arguments->model < 0)
		return true;
	model = model_table[arguments->model];
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		if (strcmp(model->terms[t].name, arguments->term) != 0)
			continue;
		*bytes = model->terms[t].unit == TERM_PER_MIB    ? 0x1p20
			 : model->terms[t].unit == TERM_PER_PAGE ? 4096
								 : 0;
		if (strstr(arguments->term, "_2m"))
			*bytes = 0x1p21;
		if (strstr(arguments->term, "_1g"))
			*bytes = 0x1p30;
		return true;
	}
	return error_set(error, ERROR_INPUT,
			 "sim fit: model %s has no term \"%.60s\"; sim costs %s lists them",
			 model->name, arguments->term, model->name);
}

static bool find_units(const struct arguments *arguments, bool two_columns, struct fit_units *units,
		       struct error *error)
{
	int time = arguments->time >= 0 ? arguments->time : two_columns ? SECONDS : NANOSECONDS;
	double size = sizes[arguments->size], bytes;

	units->y = times[time];
	units->x = 1;
	if (size == 0)
		return true;
	if (!term_bytes(arguments, &bytes, error))
		return false;
	if (two_columns && bytes == 0)
		return error_set(error, ERROR_INPUT,
				 "sim fit: %s is a price per call: give --x calls",
				 arguments->term);
	units->x = bytes > 0 ? size / bytes : 1;
	return true;
}

/* --- what was found ---------------------------------------------------------------- */

static void print_value_of(const char *what, struct fit_value value)
{
	printf("  %-12s%s  (95 %% confidence %s)\n", what, VALUE(UNIT_NANOSECONDS, value.value),
	       RANGE(UNIT_NANOSECONDS, value.low, value.high));
}

static void print_line(const struct arguments *arguments, const struct fit_data *data,
		       const struct fit_line *line)
{
	printf("%s from %zu measurements: a line, robust against outliers (bisquare)\n",
	       arguments->term, data->count);
	print_value_of("per unit", line->slope);
	print_value_of("fixed", line->intercept);
	printf("  R squared   %.4f, residuals %s, %zu outlier%s\n", line->r_squared,
	       VALUE(UNIT_NANOSECONDS, line->residual_ns), line->outliers,
	       line->outliers == 1 ? "" : "s");
	if (line->slope.low <= 0)
		puts("  warning: the slope may be zero: the duration does not follow the size");
	if (line->r_squared < 0.95)
		puts("  warning: a poor fit: R squared is below 0.95");
	if (fabs(line->curvature_t) > 4)
		printf("  warning: the durations lie on a curve, not on a line (t of a square term "
		       "%.1f): a price per unit holds only within these sizes\n",
		       fmax(-1000, fmin(1000, line->curvature_t)));
	if (line->outliers * 5 > data->count)
		puts("  warning: more than a fifth of the measurements are outliers");
	if (data->count < 6)
		puts("  warning: fewer than 6 measurements");
}

static void print_law(const struct arguments *arguments, const struct fit_data *data,
		      const struct fit_law *law)
{
	printf("%s from %zu durations of single calls\n", arguments->term, data->count);
	print_value_of("mean", law->mean);
	printf("  variation   %.4g (standard deviation by mean)\n  from %s\n"
	       "  gamma law   Kolmogorov-Smirnov distance %.4f (p %.3g); lognormal %.4f\n",
	       law->cv, RANGE(UNIT_NANOSECONDS, law->least, law->most), law->distance,
	       law->probability, law->lognormal_distance);
	if (law->probability < 0.01)
		puts("  warning: a poor fit: the durations do not follow a gamma law (several "
		     "modes, "
		     "or a heavier tail); sums of many calls are still right, single ones are not");
	if (data->count < 30)
		puts("  warning: fewer than 30 durations");
}

/* --- files -------------------------------------------------------------------------- */

static json_t *cost_to_json(struct fit_value value, double cv, const char *source)
{
	double low = fmax(0, value.low);

	return json_pack("{s:o, s:o*, s:[o, o], s:s, s:o}", "mean",
			 json_sprintf("%.3fns", fmax(0, value.value)), "cv",
			 cv >= 0 ? json_number(cv) : NULL, "range", json_sprintf("%.3fns", low),
			 json_sprintf("%.3fns", value.high), "status", "measured", "source",
			 json_text(source));
}

static bool write_profile(const struct arguments *arguments, const struct fit_data *data,
			  struct fit_value value, double cv, const struct fit_value *fixed,
			  struct error *error)
{
	struct output output = { 0 };
	char source[512];
	json_t *costs = json_object();

	snprintf(source, sizeof(source), "%s: %zu measurements, sim fit",
		 arguments->source ? arguments->source : data->path, data->count);
	if (costs &&
	    (json_object_set_new(costs, arguments->term, cost_to_json(value, cv, source)) != 0 ||
	     (fixed && arguments->fixed &&
	      json_object_set_new(costs, arguments->fixed, cost_to_json(*fixed, -1, source)) !=
		      0))) {
		json_decref(costs);
		costs = NULL;
	}
	if (!output_open(&output, arguments->profile, error)) {
		json_decref(costs);
		return false;
	}
	json_write(json_pack("{s:s, s:o, s:o}", "name", "fitted costs", "about", json_text(source),
			     "costs", costs),
		   output.stream, error);
	return output_close(&output, error);
}

static bool write_residuals(const char *path, const struct fit_data *data,
			    const struct fit_line *line, struct error *error)
{
	struct output output = { 0 };

	if (!output_open(&output, path, error))
		return false;
	fputs("x_units,y_ns,fitted_ns,residual_ns,weight\n", output.stream);
	for (size_t i = 0; i < data->count; i++)
		fprintf(output.stream, "%.15g,%.15g,%.15g,%.15g,%.15g\n", data->x[i], data->y[i],
			line->fitted[i], data->y[i] - line->fitted[i], line->weights[i]);
	return output_close(&output, error);
}

static bool fit_two(const struct arguments *arguments, const struct fit_data *data,
		    struct error *error)
{
	struct fit_line line;
	bool ok;

	if (!fit_line(data, &line, error))
		return false;
	print_line(arguments, data, &line);
	ok = (!arguments->profile ||
	      write_profile(arguments, data, line.slope, -1, &line.intercept, error)) &&
	     (!arguments->residuals || write_residuals(arguments->residuals, data, &line, error));
	fit_line_fini(&line);
	return ok;
}

static bool fit_one(const struct arguments *arguments, const struct fit_data *data,
		    struct error *error)
{
	struct fit_law law;

	if (arguments->residuals)
		return error_set(error, ERROR_INPUT,
				 "sim fit: residuals are of a line: two columns are needed");
	if (!fit_law(data, &law, error))
		return false;
	print_law(arguments, data, &law);
	return !arguments->profile || write_profile(arguments, data, law.mean, law.cv, NULL, error);
}

static int fit(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .model = -1, .time = -1 };
	struct fit_units units = { 1, 1 };
	struct fit_data data;
	bool ok;

	command_parse(&command_fit, argc, argv, &arguments);
	if (!fit_read(&data, arguments.file, units, error))
		return 1;
	ok = find_units(&arguments, data.x != NULL, &units, error);
	for (size_t i = 0; ok && i < data.count; i++) {
		data.y[i] *= units.y;
		if (data.x)
			data.x[i] *= units.x;
	}
	ok = ok && (data.x ? fit_two(&arguments, &data, error) : fit_one(&arguments, &data, error));
	fit_data_fini(&data);
	return ok ? 0 : 1;
}

const struct command command_fit = {
	.name = "fit",
	.summary = "fit a cost term to your own measurements",
	.arguments = "DATA.csv",
	.about = "Fit a cost term to your own measurements: two columns (size, duration) give a "
		 "price per unit by a robust line, one column (durations of single calls, as perf "
		 "or bpftrace export them) gives mean and variation. The result is a cost profile "
		 "with status \"measured\".\v"
		 "Example:\n  sim fit teardown.csv --term uvc.destroy_page --model s390-pv --x GiB "
		 "--y s "
		 "-o mine.json\n  sim run scenarios/s390-pv/reboot-64g.json --set "
		 "/costs/-=mine.json\n",
	.options = { { options, 0 } },
	.words = { "file of measurements", FIELD_TEXT, AT(file),
		   .help = "a file of measurements is needed" },
	.run = fit,
};
