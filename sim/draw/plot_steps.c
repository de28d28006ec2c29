/* Pictures of steps: a bar for each guest of a result, or for each design of a comparison. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw/plot_axes.h"
#include "report/text_tools.h"

enum { PARTS_MOST = 7, BARS_MOST = 64 };

/* The largest mean of a step over all files. */
struct step {
	const char *name;
	double largest;
};

struct steps {
	struct step items[512];
	size_t count;
};

/* A bar: the steps of one group (NULL: the only one) of a result or design. */
struct bar {
	const json_t *root;
	const char *group;
	char name[80];
};

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
		if (at == steps->count)
			steps->items[steps->count++] = (struct step){ name, 0 };
		steps->items[at].largest =
			fmax(steps->items[at].largest, mean_of_step(bar, metric, name));
	}
}

static void keep_largest(struct steps *steps)
{
	for (size_t i = 0; i < steps->count && i < PARTS_MOST; i++)
		for (size_t j = i + 1; j < steps->count; j++)
			if (steps->items[j].largest > steps->items[i].largest) {
				struct step smaller = steps->items[i];

				steps->items[i] = steps->items[j];
				steps->items[j] = smaller;
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

/* One bar alone: its steps below each other, the longest first, each with its share. */
static void write_shares(struct picture *picture, const struct steps *steps, const struct bar *bar,
			 const char *metric, struct plot_unit unit)
{
	double all = mean_of_step(bar, metric, NULL), rest = all, longest = 0, share;

	picture->script = "shares.gp";
	picture->series = 0;
	for (size_t s = 0; s <= steps->count; s++) {
		bool is_rest = s == steps->count;
		double mean = is_rest ? rest : mean_of_step(bar, metric, steps->items[s].name);

		if (is_rest && mean < all / 2000)
			break;
		rest -= mean;
		longest = fmax(longest, mean);
		picture_cell(picture, is_rest ? "other steps" : steps->items[s].name);
		fputc('\t', picture->table);
		picture_number(picture, mean / unit.divisor);
		share = all > 0 ? 100 * mean / all : 0;
		fprintf(picture->table,
			share > 0 && share < 0.05 ? "\t%s, < 0.1 %%\n" : "\t%s, %.1f %%\n",
			VALUE(UNIT_NANOSECONDS, mean), share);
		picture->series++;
	}
	picture_option_value(picture, "xhigh", longest / unit.divisor);
	plot_axis(picture->x_label, metric, bar->group, unit);
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
	if (count == 1) {
		write_shares(picture, steps, &bars[0], metric, unit);
		free(steps);
		return true;
	}
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
	plot_scale(picture, 'y', unit, 0, largest, false);
	picture_option_value(picture, "top", largest / unit.divisor);
	if (count > 5)
		picture_option(picture, "many");
	free(steps);
	return true;
}

/* A bar for each guest of each result. */
bool plot_breakdown(const struct plot_request *request, const struct plot_document *documents,
		    struct picture *picture, struct error *error)
{
	const char *metric = plot_metric_of(request, documents[0].root);
	struct bar *bars = calloc(BARS_MOST, sizeof(*bars));
	size_t count = 0;
	bool ok;

	if (!bars)
		return error_memory(error, "bars");
	plot_result_caption(picture, documents, request->file_count);
	plot_how_sure(picture, documents[0].root, request->file_count);
	for (size_t f = 0; f < request->file_count; f++) {
		const json_t *list = json_object_get(documents[f].root, "metrics");

		for (size_t i = 0; i < json_array_size(list) && count < BARS_MOST; i++) {
			const json_t *item = json_array_get(list, i);

			if (strcmp(plot_text(item, "name"), metric) != 0 ||
			    !(plot_number(item, "n") > 0))
				continue;
			bars[count] = (struct bar){ .root = documents[f].root,
						    .group = plot_text(item, "group") };
			plot_name_of(request, &documents[f], bars[count].group, bars[count].name,
				     sizeof(bars[count].name));
			count++;
		}
	}
	ok = draw_bars(picture, bars, count, metric, error);
	free(bars);
	return ok;
}

/* --- comparisons --- */

static void caption(struct picture *picture, const json_t *root)
{
	const json_t *provenance = json_object_get(root, "provenance");

	plot_scenario_title(picture, root);
	plot_prices_as_given(picture);
	snprintf(picture->caption, sizeof(picture->caption),
		 "seed %.0f, %.0f replications, sim %.20s", plot_number(provenance, "seed"),
		 plot_number(provenance, "replications"), plot_text(provenance, "version"));
	plot_pointer_words(picture->x_label, sizeof(picture->x_label), plot_text(root, "over"));
}

static size_t take_designs(const json_t *root, struct bar bars[BARS_MOST])
{
	const json_t *designs = json_object_get(root, "designs");
	size_t count = 0;

	for (; count < json_array_size(designs) && count < BARS_MOST; count++) {
		struct bar *bar = &bars[count];

		*bar = (struct bar){ .root = json_array_get(designs, count) };
		picture_text(bar->name, sizeof(bar->name), plot_text(bar->root, "design"));
	}
	return count;
}

bool plot_designs(const struct plot_request *request, const struct plot_document *documents,
		  struct picture *picture, struct error *error)
{
	const json_t *root = documents[0].root;
	struct bar bars[BARS_MOST];

	(void)request;
	caption(picture, root);
	return draw_bars(picture, bars, take_designs(root, bars), plot_text(root, "metric"), error);
}

bool plot_design_means(const struct plot_request *request, const struct plot_document *documents,
		       struct picture *picture, struct error *error)
{
	const json_t *root = documents[0].root;
	double largest = 0, smallest = INFINITY;
	struct bar bars[BARS_MOST];
	size_t count = take_designs(root, bars);
	struct plot_unit unit;

	(void)error;
	caption(picture, root);
	for (size_t d = 0; d < count; d++) {
		largest = fmax(largest, plot_number(bars[d].root, "mean"));
		smallest = fmin(smallest, plot_number(bars[d].root, "mean"));
	}
	unit = plot_unit_for(plot_text(root, "unit"), largest);
	picture->script = "lines.gp";
	plot_series(picture, "mean, 95 % confidence");
	for (size_t d = 0; d < count; d++) {
		const json_t *interval = json_object_get(bars[d].root, "ci95");
		double mean = plot_number(bars[d].root, "mean"), low = mean, high = mean;

		if (json_is_array(interval)) {
			low = json_number_value(json_array_get(interval, 0));
			high = json_number_value(json_array_get(interval, 1));
		}
		plot_point(picture, (double)d, mean / unit.divisor, low / unit.divisor,
			   high / unit.divisor, bars[d].name);
	}
	plot_axis(picture->y_label, plot_text(root, "metric"), NULL, unit);
	picture_option(picture, "category");
	plot_scale(picture, 'y', unit, smallest, largest,
		   !request->linear && plot_is_wide(smallest, largest));
	picture_option(picture, "zero");
	plot_slo(picture, request->slo, unit);
	return true;
}
