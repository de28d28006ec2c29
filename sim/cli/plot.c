#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "cli/command.h"
#include "draw/plot.h"
#include "replay/replay.h"
#include "scenario/data_folder.h"

enum {
	OPTION_KIND = 256,
	OPTION_METRIC,
	OPTION_X,
	OPTION_SLO,
	OPTION_FORMAT,
	OPTION_DATA,
	OPTION_QUANTILE,
	OPTION_LINEAR,
	OPTION_WHERE
};

struct arguments {
	struct plot_request request;
	const char *output, *format, *data;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "The picture: .svg, .png, .pdf or .txt by its ending; \"-\" draws in the terminal", 0 },
	{ "kind", OPTION_KIND, "KIND", 0,
	  "Of a result: cdf, ccdf, breakdown or limbo; of a comparison: breakdown or latency", 1 },
	{ "metric", OPTION_METRIC, "NAME", 0, "Another metric than the answer", 1 },
	{ "quantile", OPTION_QUANTILE, "NAME", 0, "Of a sweep: mean, p50, p90, p99, min or max",
	  1 },
	{ "x", OPTION_X, "/POINTER", 0, "Of a sweep: what the horizontal axis is", 1 },
	{ "where", OPTION_WHERE, "/POINTER=VALUE", 0, "Of a sweep: only these points", 1 },
	{ "slo", OPTION_SLO, "LIMIT", 0, "Mark a limit: \"10s\", \"64GiB\" or a number", 1 },
	{ "linear", OPTION_LINEAR, NULL, 0, "No logarithmic axes", 1 },
	{ "format", OPTION_FORMAT, "FORMAT", 0, "svg, png, pdf or txt, whatever the ending", 2 },
	{ "data", OPTION_DATA, "FILE", 0, "Keep the numbers that are drawn, too", 2 },
	{ 0 },
};

static bool read_limit(struct plot_request *request, const char *text)
{
	struct error ignored = { 0 }, again = { 0 };
	char *end;

	request->slo = strtod(text, &end);
	if (*text && !*end)
		return true;
	return quantity_read(text, QUANTITY_DURATION, &request->slo, &ignored) ||
	       quantity_read(text, QUANTITY_BYTES, &request->slo, &again);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	struct plot_request *request = &arguments->request;

	switch (key) {
	case 'o':
		arguments->output = text;
		return 0;
	case OPTION_KIND:
		request->kind = text;
		return 0;
	case OPTION_METRIC:
		request->metric = text;
		return 0;
	case OPTION_QUANTILE:
		request->quantile = text;
		return 0;
	case OPTION_X:
		request->x = text;
		return 0;
	case OPTION_SLO:
		if (!read_limit(request, text))
			argp_error(state, "--slo needs a duration, a size or a number");
		return 0;
	case OPTION_WHERE:
		if (*text != '/' || !strchr(text, '='))
			argp_error(state, "--where needs /POINTER=VALUE");
		else if (request->where_count == PLOT_FILTERS_MOST)
			argp_error(state, "--where at most %d times", PLOT_FILTERS_MOST);
		else
			request->where[request->where_count++] = text;
		return 0;
	case OPTION_LINEAR:
		request->linear = true;
		return 0;
	case OPTION_FORMAT:
		arguments->format = text;
		return 0;
	case OPTION_DATA:
		arguments->data = text;
		return 0;
	case ARGP_KEY_ARG:
		if (request->file_count == PLOT_FILES_MOST)
			argp_error(state, "at most %d results in one picture", PLOT_FILES_MOST);
		else
			request->files[request->file_count++] = text;
		return 0;
	case ARGP_KEY_END:
		if (!request->file_count || !arguments->output)
			argp_error(state, "a result and -o FILE are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"RESULT...",
	"Draw a stored result: JSON of run, compare, plan, sensitivity or validate, or the file of "
	"a sweep. gnuplot draws; without it the numbers are left beside where the picture would "
	"be.\v"
	"Examples:\n"
	"  sim run scenarios/s390-pv/reboot-64g.json --format json -o result.json\n"
	"  sim plot result.json -o cdf.svg --slo 10s\n"
	"  sim sweep scenarios/s390-pv/sweep-sizes.json -o sweep.sqlite && sim plot sweep.sqlite "
	"-o "
	"sizes.svg\n",
	NULL,
	NULL,
	NULL,
};

static int plot(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .request = { .slo = NAN, .limbo = replay_limbo } };
	struct picture picture = { 0 };
	char scripts[4096];
	bool ok = false;

	command_parse(&argp, argc, argv, &arguments);
	if (!data_folder_find(NULL, "gnuplot", scripts, sizeof(scripts)))
		error_set(
			error, ERROR_OUTPUT,
			"the folder gnuplot with the scripts is not in the program's data folder");
	else if (plot_prepare(&arguments.request, &picture, error))
		ok = picture_draw(&picture, scripts, arguments.output, arguments.format,
				  arguments.data, error);
	picture_fini(&picture);
	return ok ? 0 : 1;
}

const struct command command_plot = { "plot", "draw a stored result", plot, &argp };
