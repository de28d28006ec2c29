/*
 * Memory over time, in limbo or in use: of one replication, which the request's source runs again,
 * or of many as a band.
 */

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "draw/plot_axes.h"

enum { BINS = 400, CORNERS_DRAWN = 2000 };

/* What holds from the last corner on is drawn for a while more, or it could not be seen. */
static const double beyond_last = 0.02;

struct corner {
	uint32_t replication;
	int64_t at_ns, bytes;
};

/* The corners of one file's replications, one after another. */
struct curves {
	struct corner *corners;
	size_t count, capacity;
	uint32_t first, replications;
	struct error *error;
};

static void keep_corner(void *data, uint32_t replication, int64_t at_ns, int64_t bytes)
{
	struct curves *curves = data;

	if (memory_grow(&curves->corners, &curves->capacity, curves->count + 1,
			sizeof(*curves->corners), "curve", curves->error))
		curves->corners[curves->count++] = (struct corner){ replication, at_ns, bytes };
}

/* What a curve does within a part of the time. */
struct bin {
	double low, high, area; /* of bytes and parts of the bin */
};

/* One replication over the bins of a width: `count` corners, the last of which holds on. */
static void fill_bins(struct bin bins[BINS], double width_ns, const struct corner *corners,
		      size_t count)
{
	for (size_t b = 0; b < BINS; b++)
		bins[b] = (struct bin){ INFINITY, -INFINITY, 0 };
	for (size_t i = 0; i < count; i++) {
		double from = (double)corners[i].at_ns, at = (double)corners[i].bytes;
		double to = i + 1 < count ? (double)corners[i + 1].at_ns : BINS * width_ns;
		double slope = 0;

		if (i + 1 < count && to > from)
			slope = ((double)corners[i + 1].bytes - at) / (to - from);
		for (size_t b = (size_t)fmin(from / width_ns, BINS - 1); b < BINS; b++) {
			double begin = fmax(from, (double)b * width_ns);
			double end = fmin(to, (double)(b + 1) * width_ns);
			double left = at + slope * (begin - from),
			       right = at + slope * (end - from);

			if (end < begin || begin > to)
				break;
			bins[b].low = fmin(bins[b].low, fmin(left, right));
			bins[b].high = fmax(bins[b].high, fmax(left, right));
			bins[b].area += (left + right) / 2 * (end - begin) / width_ns;
		}
	}
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The median of what replications hold, and the least and the most that any does. */
static void write_band(struct picture *picture, const struct bin *bins, uint32_t replications,
		       double width_ns, struct plot_unit time, struct plot_unit memory)
{
	for (size_t b = 0; b < BINS; b++) {
		double means[PLOT_REPLICATIONS_MOST], low = INFINITY, high = -INFINITY, median;

		for (uint32_t r = 0; r < replications; r++) {
			const struct bin *bin = &bins[r * BINS + b];

			means[r] = bin->area;
			low = fmin(low, bin->low);
			high = fmax(high, bin->high);
		}
		qsort(means, replications, sizeof(*means), by_value);
		median = (means[(replications - 1) / 2] + means[replications / 2]) / 2;
		plot_point(picture, ((double)b + 0.5) * width_ns / time.divisor,
			   median / memory.divisor, low / memory.divisor, high / memory.divisor,
			   NULL);
	}
}

/* Of one replication with few corners nothing is summed up. */
static bool is_drawn_whole(const struct curves *curves)
{
	return curves->replications == 1 && curves->count <= CORNERS_DRAWN;
}

static bool write_curves(struct picture *picture, const struct curves *curves, double longest_ns,
			 struct plot_unit time, struct plot_unit memory, struct error *error)
{
	double width_ns = longest_ns / BINS;
	uint32_t found = 0;
	struct bin *bins;

	if (is_drawn_whole(curves)) {
		for (size_t i = 0; i < curves->count; i++)
			plot_point(picture, (double)curves->corners[i].at_ns / time.divisor,
				   (double)curves->corners[i].bytes / memory.divisor, NAN, NAN,
				   NULL);
		if (curves->count)
			plot_point(picture, longest_ns / time.divisor,
				   (double)curves->corners[curves->count - 1].bytes /
					   memory.divisor,
				   NAN, NAN, NULL);
		return true;
	}
	bins = memory_array((size_t)curves->replications * BINS, sizeof(*bins), "curve", error);
	for (size_t i = 0, end; bins && i < curves->count; i = end) {
		for (end = i; end < curves->count &&
			      curves->corners[end].replication == curves->corners[i].replication;)
			end++;
		fill_bins(&bins[found++ * BINS], width_ns, &curves->corners[i], end - i);
	}
	if (bins)
		write_band(picture, bins, found, width_ns, time, memory);
	free(bins);
	return bins != NULL;
}

/* How many replications of a result there are to draw. */
static bool choose(const struct plot_request *request, const struct plot_document *document,
		   struct curves *curves, struct error *error)
{
	double run = plot_number(json_object_get(document->root, "provenance"), "replications");

	uint32_t most = request->replications && request->replications < PLOT_REPLICATIONS_MOST
				? request->replications
				: PLOT_REPLICATIONS_MOST;

	*curves = (struct curves){ .error = error, .replications = 1 };
	if (request->replication >= 0)
		curves->first = (uint32_t)request->replication;
	else if (run > 1)
		curves->replications = (uint32_t)fmin(run, most);
	return plot_has_replication(request, document, error);
}

static void describe(const struct plot_request *request, const struct curves *curves,
		     struct picture *picture)
{
	char line[PICTURE_TEXT / 2];

	if (request->file_count == 1 && curves->replications == 1)
		snprintf(line, sizeof(line), "replication %" PRIu32 "%s; prices as they are given",
			 curves->first,
			 is_drawn_whole(curves) ? ""
						: ", line: mean, band: least to most of a moment");
	else
		snprintf(line, sizeof(line),
			 "line: median of %" PRIu32 " replications, band: least to most of any; "
			 "prices as they are given",
			 curves->replications);
	plot_line(picture, line);
}

static bool draw(const struct plot_request *request, const struct plot_document *documents,
		 bool in_use, struct picture *picture, struct error *error)
{
	const char *what = in_use ? "memory in use" : "memory in limbo";
	struct curves curves[PLOT_FILES_MOST] = { 0 };
	double longest = 0, largest = 0;
	struct plot_unit time, memory;
	bool ok = true;

	plot_result_caption(picture, documents, request->file_count);
	picture->script = "lines.gp";
	for (size_t f = 0; ok && f < request->file_count; f++) {
		ok = choose(request, &documents[f], &curves[f], error) &&
		     request->memory(documents[f].root, documents[f].path, in_use, curves[f].first,
				     curves[f].replications, keep_corner, &curves[f], error);
		for (size_t i = 0; i < curves[f].count; i++) {
			longest = fmax(longest, (double)curves[f].corners[i].at_ns);
			largest = fmax(largest, (double)curves[f].corners[i].bytes);
		}
	}
	if (ok && (largest <= 0 || longest <= 0))
		ok = error_set(error, ERROR_INPUT, "%s: there is never %s", documents[0].path,
			       what);
	describe(request, &curves[0], picture);
	longest *= 1 + beyond_last;
	time = plot_unit_for("ns", longest);
	memory = plot_unit_for("bytes", largest);
	for (size_t f = 0; f < request->file_count; f++) {
		char name[80];

		plot_name_of(request, &documents[f], what, name, sizeof(name));
		plot_series(picture, name);
		ok = ok && write_curves(picture, &curves[f], longest, time, memory, error);
		free(curves[f].corners);
	}
	snprintf(picture->x_label, sizeof(picture->x_label), "time in the scenario (%s)",
		 time.name);
	snprintf(picture->y_label, sizeof(picture->y_label), "%s (%s)", what, memory.name);
	plot_scale(picture, 'x', time, 0, longest, false);
	plot_slo(picture, request->slo, memory);
	picture_option(picture, "plain zero");
	return ok;
}

bool plot_limbo(const struct plot_request *request, const struct plot_document *documents,
		struct picture *picture, struct error *error)
{
	return draw(request, documents, false, picture, error);
}

bool plot_memory(const struct plot_request *request, const struct plot_document *documents,
		 struct picture *picture, struct error *error)
{
	return draw(request, documents, true, picture, error);
}
