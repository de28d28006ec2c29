/* Pictures of stored results: distributions, steps, memory in limbo over time. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "experiment/plot.h"
#include "experiment/replay.h"

enum { PARTS_MOST = 7 };

static void caption(struct picture *picture, const json_t *root)
{
	const json_t *provenance = json_object_get(root, "provenance");
	char name[PICTURE_TEXT / 2];

	picture_text(name, sizeof(name), plot_text(json_object_get(root, "scenario"), "name"));
	snprintf(picture->title, sizeof(picture->title), "%s", name);
	snprintf(picture->caption, sizeof(picture->caption),
		 "scenario %.12s, seed %.0f, %.0f replications, sim %.20s",
		 plot_text(json_object_get(root, "scenario"), "sha256"),
		 plot_number(provenance, "seed"), plot_number(provenance, "replications"),
		 plot_text(provenance, "version"));
}

/* What a line of several files is called: what differs, if a design is named; else the file. */
static void name_of(const struct plot_request *request, const struct plot_document *document,
		    const char *group, char *out, size_t size)
{
	const char *slash = strrchr(document->path, '/');

	if (request->file_count == 1)
		picture_text(out, size, group);
	else
		picture_text(out, size, slash ? slash + 1 : document->path);
}

static const char *metric_of(const struct plot_request *request, const json_t *root)
{
	const json_t *answer = json_object_get(root, "answer");

	return request->metric ? request->metric : plot_text(answer, "metric");
}

/* --- distributions --- */

static void write_distribution(struct picture *picture, const json_t *distribution, bool complement,
			       struct plot_unit unit)
{
	const json_t *quantiles = json_object_get(distribution, "quantiles");
	double n = plot_number(distribution, "n");

	for (size_t i = 0; i < json_array_size(quantiles); i++) {
		const json_t *pair = json_array_get(quantiles, i);
		double share = json_number_value(json_array_get(pair, 0));
		double value = json_number_value(json_array_get(pair, 1)) / unit.divisor;

		/* the largest of n: one in n is that slow */
		if (complement && share >= 1)
			share = 1 - 1 / n;
		picture_number(picture, value);
		fputc('\t', picture->table);
		picture_number(picture, complement ? 1 - share : share);
		fputs("\t?\t?\n", picture->table);
	}
}

static bool draw_distributions(const struct plot_request *request,
			       const struct plot_document *documents, struct picture *picture,
			       struct error *error)
{
	bool complement = request->kind && strcmp(request->kind, "ccdf") == 0;
	const char *metric = metric_of(request, documents[0].root);
	struct plot_unit unit = { "", 1 };
	double smallest = INFINITY, largest = 0;

	picture->script = "lines.gp";
	for (size_t f = 0; f < request->file_count; f++) {
		const json_t *list = json_object_get(documents[f].root, "distributions");

		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *item = json_array_get(list, i);
			const json_t *quantiles = json_object_get(item, "quantiles");
			size_t last = json_array_size(quantiles);
			double low, high;
			char name[80];

			if (strcmp(plot_text(item, "metric"), metric) != 0 || last < 2)
				continue;
			low = json_number_value(json_array_get(json_array_get(quantiles, 0), 1));
			high = json_number_value(
				json_array_get(json_array_get(quantiles, last - 1), 1));
			if (!picture->series)
				unit = plot_unit_for(plot_text(item, "unit"), high);
			smallest = fmin(smallest, low);
			largest = fmax(largest, high);
			name_of(request, &documents[f], plot_text(item, "group"), name,
				sizeof(name));
			if (picture->series++)
				fputs("\n\n", picture->table);
			picture_cell(picture, name);
			fputc('\n', picture->table);
			write_distribution(picture, item, complement, unit);
		}
	}
	if (!picture->series)
		return error_set(
			error, ERROR_INPUT,
			"%s: there is no distribution of %s: too few or equal observations",
			documents[0].path, metric);
	plot_axis(picture->x_label, metric, NULL, unit);
	snprintf(picture->y_label, sizeof(picture->y_label), "%s",
		 complement ? "share that takes longer" : "share that takes at most this long");
	picture_option(picture, "plain");
	if (complement)
		picture_option(picture, "logy");
	else
		picture_option(picture, "unit_interval");
	if (!request->linear && plot_is_wide(smallest, largest))
		picture_option(picture, "logx");
	plot_slo(request, picture, unit);
	picture_option(picture, "slo_x");
	return true;
}

/* --- steps --- */

/* The steps with the largest means over all files, by name. */
struct steps {
	struct {
		const char *name;
		double largest;
	} items[512];
	size_t count;
};

/* A bar: the steps of one group (NULL: the only one) of a result or design. */
struct bar {
	const json_t *root;
	const char *group;
	char name[80];
};

enum { BARS_MOST = 64 };

static bool is_of(const struct bar *bar, const json_t *part, const char *metric)
{
	return strcmp(plot_text(part, "metric"), metric) == 0 &&
	       (!bar->group || strcmp(plot_text(part, "group"), bar->group) == 0);
}

static double mean_of_step(const struct bar *bar, const char *metric, const char *step)
{
	const json_t *list = json_object_get(bar->root, "breakdown");
	double sum = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *part = json_array_get(list, i);

		if (is_of(bar, part, metric) &&
		    (!step || strcmp(plot_text(part, "step"), step) == 0))
			sum += plot_number(part, "mean");
	}
	return sum;
}

static void find_steps(struct steps *steps, const struct bar *bar, const char *metric)
{
	const json_t *list = json_object_get(bar->root, "breakdown");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *part = json_array_get(list, i);
		const char *name = plot_text(part, "step");
		size_t at = 0;

		if (!is_of(bar, part, metric))
			continue;
		while (at < steps->count && strcmp(steps->items[at].name, name) != 0)
			at++;
		if (at == sizeof(steps->items) / sizeof(steps->items[0]))
			continue;
		if (at == steps->count) {
			steps->items[at].name = name;
			steps->items[at].largest = 0;
			steps->count++;
		}
		steps->items[at].largest =
			fmax(steps->items[at].largest, mean_of_step(bar, metric, name));
	}
}

static void keep_largest(struct steps *steps)
{
	for (size_t i = 0; i < steps->count && i < PARTS_MOST; i++)
		for (size_t j = i + 1; j < steps->count; j++)
			if (steps->items[j].largest > steps->items[i].largest) {
				const char *name = steps->items[i].name;
				double largest = steps->items[i].largest;

				steps->items[i] = steps->items[j];
				steps->items[j].name = name;
				steps->items[j].largest = largest;
			}
	if (steps->count > PARTS_MOST)
		steps->count = PARTS_MOST;
}

static void write_bar(struct picture *picture, const struct steps *steps, const struct bar *bar,
		      const char *metric, struct plot_unit unit)
{
	double rest = mean_of_step(bar, metric, NULL);

	picture_cell(picture, bar->name);
	for (size_t s = 0; s < steps->count; s++) {
		double mean = mean_of_step(bar, metric, steps->items[s].name);

		rest -= mean;
		fputc('\t', picture->table);
		picture_number(picture, mean / unit.divisor);
	}
	fputc('\t', picture->table);
	picture_number(picture, fmax(0, rest) / unit.divisor);
	fputc('\n', picture->table);
}

static bool draw_bars(struct picture *picture, const struct bar *bars, size_t count,
		      const char *metric, struct error *error)
{
	struct steps *steps = calloc(1, sizeof(*steps));
	struct plot_unit unit;
	double largest = 0;

	if (!steps)
		return error_memory(error, "steps");
	for (size_t i = 0; i < count; i++) {
		find_steps(steps, &bars[i], metric);
		largest = fmax(largest, mean_of_step(&bars[i], metric, NULL));
	}
	if (!steps->count) {
		free(steps);
		return error_set(error, ERROR_INPUT, "there are no steps of %s", metric);
	}
	keep_largest(steps);
	unit = plot_unit_for("ns", largest);
	picture->script = "bars.gp";
	picture->series = (int)steps->count + 1;
	fputs("-", picture->table);
	for (size_t s = 0; s < steps->count; s++) {
		fputc('\t', picture->table);
		picture_cell(picture, steps->items[s].name);
	}
	fputs("\tother steps\n", picture->table);
	for (size_t i = 0; i < count; i++)
		write_bar(picture, steps, &bars[i], metric, unit);
	plot_axis(picture->y_label, metric, NULL, unit);
	if (count > 5)
		picture_option(picture, "many");
	free(steps);
	return true;
}

/* A bar for each guest of each result. */
static bool draw_breakdown(const struct plot_request *request,
			   const struct plot_document *documents, struct picture *picture,
			   struct error *error)
{
	const char *metric = metric_of(request, documents[0].root);
	struct bar *bars = calloc(BARS_MOST, sizeof(*bars));
	size_t count = 0;
	bool ok;

	if (!bars)
		return error_memory(error, "bars");
	for (size_t f = 0; f < request->file_count; f++) {
		const json_t *list = json_object_get(documents[f].root, "metrics");

		for (size_t i = 0; i < json_array_size(list) && count < BARS_MOST; i++) {
			const json_t *item = json_array_get(list, i);

			if (strcmp(plot_text(item, "name"), metric) != 0 ||
			    !(plot_number(item, "n") > 0))
				continue;
			bars[count] = (struct bar){ .root = documents[f].root,
						    .group = plot_text(item, "group") };
			name_of(request, &documents[f], bars[count].group, bars[count].name,
				sizeof(bars[count].name));
			count++;
		}
	}
	ok = draw_bars(picture, bars, count, metric, error);
	free(bars);
	return ok;
}

bool plot_comparison(const struct plot_request *request, const struct plot_document *document,
		     struct picture *picture, struct error *error)
{
	const json_t *designs = json_object_get(document->root, "designs");
	const char *metric = plot_text(document->root, "metric"), *kind = request->kind;
	const json_t *provenance = json_object_get(document->root, "provenance");
	struct bar bars[BARS_MOST] = { 0 };
	size_t count = json_array_size(designs) < BARS_MOST ? json_array_size(designs) : BARS_MOST;
	struct plot_unit unit;
	double largest = 0, smallest = INFINITY;

	picture_text(picture->title, sizeof(picture->title), plot_text(document->root, "scenario"));
	snprintf(picture->caption, sizeof(picture->caption),
		 "seed %.0f, %.0f replications, sim %.20s", plot_number(provenance, "seed"),
		 plot_number(provenance, "replications"), plot_text(provenance, "version"));
	picture_text(picture->x_label, sizeof(picture->x_label), plot_text(document->root, "over"));
	for (size_t d = 0; d < count; d++) {
		bars[d].root = json_array_get(designs, d);
		picture_text(bars[d].name, sizeof(bars[d].name), plot_text(bars[d].root, "design"));
		largest = fmax(largest, plot_number(bars[d].root, "mean"));
		smallest = fmin(smallest, plot_number(bars[d].root, "mean"));
	}
	if (!kind || strcmp(kind, "breakdown") == 0)
		return draw_bars(picture, bars, count, metric, error);
	unit = plot_unit_for(plot_text(document->root, "unit"), largest);
	picture->script = "lines.gp";
	picture->series = 1;
	picture_cell(picture, "mean, 95 % confidence");
	fputc('\n', picture->table);
	for (size_t d = 0; d < count; d++) {
		const json_t *interval = json_object_get(bars[d].root, "ci95");
		double mean = plot_number(bars[d].root, "mean"), low = mean, high = mean;

		if (json_is_array(interval)) {
			low = json_number_value(json_array_get(interval, 0));
			high = json_number_value(json_array_get(interval, 1));
		}
		fprintf(picture->table, "%zu\t", d);
		picture_number(picture, mean / unit.divisor);
		fputc('\t', picture->table);
		picture_number(picture, low / unit.divisor);
		fputc('\t', picture->table);
		picture_number(picture, high / unit.divisor);
		fputc('\t', picture->table);
		picture_cell(picture, bars[d].name);
		fputc('\n', picture->table);
	}
	plot_axis(picture->y_label, metric, NULL, unit);
	picture_option(picture, "category");
	if (!request->linear && plot_is_wide(smallest, largest))
		picture_option(picture, "logy");
	else
		picture_option(picture, "zero");
	plot_slo(request, picture, unit);
	return true;
}

/* --- memory in limbo over time: of one replication, run again --- */

struct corner {
	int64_t at_ns, bytes;
};

struct curve {
	struct corner *corners;
	size_t count, capacity;
	struct error *error;
};

static void keep_corner(void *data, int64_t at_ns, int64_t bytes)
{
	struct curve *curve = data;

	if (memory_grow(&curve->corners, &curve->capacity, curve->count + 1,
			sizeof(*curve->corners), "curve", curve->error))
		curve->corners[curve->count++] = (struct corner){ at_ns, bytes };
}

static void write_curve(struct picture *picture, const struct curve *curve, struct plot_unit time,
			struct plot_unit memory)
{
	for (size_t i = 0; i < curve->count; i++)
		fprintf(picture->table, "%.12g\t%.12g\t?\t?\n",
			(double)curve->corners[i].at_ns / time.divisor,
			(double)curve->corners[i].bytes / memory.divisor);
}

static bool draw_limbo(const struct plot_request *request, const struct plot_document *documents,
		       struct picture *picture, struct error *error)
{
	struct curve curves[PLOT_FILES_MOST] = { 0 };
	double longest = 0, largest = 0;
	struct plot_unit time, memory;
	bool ok = true;

	picture->script = "lines.gp";
	for (size_t f = 0; ok && f < request->file_count; f++) {
		curves[f].error = error;
		ok = replay_limbo(documents[f].root, documents[f].path, 0, keep_corner, &curves[f],
				  error);
		for (size_t i = 0; i < curves[f].count; i++) {
			longest = fmax(longest, (double)curves[f].corners[i].at_ns);
			largest = fmax(largest, (double)curves[f].corners[i].bytes);
		}
	}
	if (ok && largest <= 0)
		ok = error_set(error, ERROR_INPUT, "%s: no memory is ever in limbo",
			       documents[0].path);
	time = plot_unit_for("ns", longest);
	memory = plot_unit_for("bytes", largest);
	for (size_t f = 0; f < request->file_count; f++) {
		char name[80];

		name_of(request, &documents[f], "replication 0", name, sizeof(name));
		if (picture->series++)
			fputs("\n\n", picture->table);
		picture_cell(picture, name);
		fputc('\n', picture->table);
		write_curve(picture, &curves[f], time, memory);
		free(curves[f].corners);
	}
	snprintf(picture->x_label, sizeof(picture->x_label), "time (%s)", time.name);
	snprintf(picture->y_label, sizeof(picture->y_label), "memory in limbo (%s)", memory.name);
	picture_option(picture, "plain zero");
	return ok;
}

bool plot_results(const struct plot_request *request, const struct plot_document *documents,
		  struct picture *picture, struct error *error)
{
	const char *kind = request->kind ? request->kind : "cdf";

	caption(picture, documents[0].root);
	if (strcmp(kind, "breakdown") == 0)
		return draw_breakdown(request, documents, picture, error);
	if (strcmp(kind, "limbo") == 0)
		return draw_limbo(request, documents, picture, error);
	return draw_distributions(request, documents, picture, error);
}
