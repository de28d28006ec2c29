#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "cli/command.h"
#include "document/data_folder.h"
#include "draw/plot.h"
#include "replay/replay.h"

struct arguments {
	struct plot_request request;
	struct field_list files;
	const char *output, *format, *data;
};

#define AT(member) offsetof(struct arguments, member)

static bool read_limit(void *slo, const char *text, struct error *error)
{
	struct error ignored = { 0 }, again = { 0 };
	double *limit = slo;
	char *end;

	*limit = strtod(text, &end);
	return (*text && !*end) || quantity_read(text, QUANTITY_DURATION, limit, &ignored) ||
	       quantity_read(text, QUANTITY_BYTES, limit, &again) ||
	       error_set(error, ERROR_INPUT, "a duration, a size or a number is needed");
}

static bool read_where(void *data, const char *text, struct error *error)
{
	struct plot_request *request = data;

	if (*text != '/' || !strchr(text, '='))
		return error_set(error, ERROR_INPUT, "/POINTER=VALUE is needed");
	if (request->where_count == PLOT_FILTERS_MOST)
		return error_set(error, ERROR_INPUT, "at most %d times", PLOT_FILTERS_MOST);
	request->where[request->where_count++] = text;
	return true;
}

static const struct option_row options[] = {
	OPTION("output", FIELD_TEXT, AT(output), "FILE",
	       "The picture: .svg, .png, .pdf or .txt by its ending; \"-\" draws in the terminal",
	       .letter = 'o', .needed = true, .file = FILE_OUTPUT),
	OPTION("kind", FIELD_TEXT, AT(request.kind), "KIND",
	       "Of a result: cdf, ccdf, breakdown, limbo, memory or hosts; of a comparison: "
	       "breakdown or latency; of a plan: plan or frontier",
	       .group = 1),
	OPTION("metric", FIELD_TEXT, AT(request.metric), "METRIC", "Another metric than the answer",
	       .group = 1),
	OPTION("quantile", FIELD_TEXT, AT(request.quantile), "NAME",
	       "Of a sweep: mean, p50, p90, p99, min or max", .group = 1),
	OPTION("x", FIELD_TEXT, AT(request.x), "/POINTER",
	       "Of a sweep: what the horizontal axis is", .group = 1),
	OPTION("where", FIELD_ANY, AT(request), "/POINTER=VALUE", "Of a sweep: only these points",
	       .group = 1, .read = read_where),
	OPTION("slo", FIELD_ANY, AT(request.slo), "LIMIT",
	       "Mark a limit: \"10s\", \"64GiB\" or a number", .group = 1, .read = read_limit),
	OPTION("replication", FIELD_COUNT, AT(request.replication), "N",
	       "Of memory or hosts over time: this replication alone, from 0", .group = 1,
	       WITHIN(0, 1000000)),
	OPTION("linear", FIELD_FLAG, AT(request.linear), NULL, "No logarithmic axes", .group = 1),
	OPTION("format", FIELD_TEXT, AT(format), "FORMAT",
	       "svg, png, pdf or txt, whatever the ending", .group = 2),
	OPTION("data", FIELD_TEXT, AT(data), "FILE", "Keep the numbers that are drawn, too",
	       .group = 2, .file = FILE_OUTPUT),
	{ .field.key = NULL },
};

static int plot(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .request = { .slo = NAN,
						    .replication = -1,
						    .memory = replay_memory,
						    .use = replay_host_use } };
	struct picture picture = { 0 };
	char scripts[4096];
	bool ok = false;

	command_parse(&command_plot, argc, argv, &arguments);
	arguments.request.file_count = arguments.files.count;
	memcpy(arguments.request.files, arguments.files.items,
	       arguments.files.count * sizeof(arguments.request.files[0]));
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

const struct command command_plot = {
	.name = "plot",
	.summary = "draw a stored result",
	.arguments = "RESULT...",
	.about =
		"Draw a stored result: JSON of run, compare, plan, sensitivity or validate, or the "
		"file of a sweep. gnuplot draws; without it the numbers are left beside where the "
		"picture would be. A picture of characters is as wide as the terminal, or as "
		"COLUMNS "
		"says.\v"
		"Examples:\n"
		"  sim run scenarios/s390-pv/reboot-64g.json --format json -o result.json\n"
		"  sim plot result.json -o cdf.svg --slo 10s\n"
		"  sim sweep scenarios/s390-pv/sweep-sizes.json -o sweep.sqlite && sim plot "
		"sweep.sqlite -o sizes.svg\n",
	.options = { { options, 0 } },
	.words = { "results in one picture", FIELD_TEXTS, AT(files), .minimum = 1,
		   .maximum = PLOT_FILES_MOST, .help = "a result is needed" },
	.run = plot,
};
