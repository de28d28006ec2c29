/* Memory in limbo over time: of one replication, which the request's source runs again. */

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "draw/plot_axes.h"

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

bool plot_limbo(const struct plot_request *request, const struct plot_document *documents,
		struct picture *picture, struct error *error)
{
	struct curve curves[PLOT_FILES_MOST] = { 0 };
	double longest = 0, largest = 0;
	struct plot_unit time, memory;
	bool ok = true;

	plot_result_caption(picture, documents[0].root);
	plot_how_sure(picture, documents[0].root, request->file_count);
	picture->script = "lines.gp";
	for (size_t f = 0; ok && f < request->file_count; f++) {
		curves[f].error = error;
		ok = request->limbo(documents[f].root, documents[f].path, 0, keep_corner,
				    &curves[f], error);
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

		plot_name_of(request, &documents[f], "replication 0", name, sizeof(name));
		plot_series(picture, name);
		for (size_t i = 0; i < curves[f].count; i++)
			plot_point(picture, (double)curves[f].corners[i].at_ns / time.divisor,
				   (double)curves[f].corners[i].bytes / memory.divisor, NAN, NAN,
				   NULL);
		free(curves[f].corners);
	}
	snprintf(picture->x_label, sizeof(picture->x_label), "time (%s)", time.name);
	snprintf(picture->y_label, sizeof(picture->y_label), "memory in limbo (%s)", memory.name);
	picture_option(picture, "plain zero");
	return ok;
}
