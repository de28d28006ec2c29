#include "draw/plot.h"

#include <stdio.h>
#include <string.h>

#include "document/document.h"
#include "sweep/point.h"

static const char sweep_format[] = "sweep", result_format[] = "sim-result";

/* The first of a format is its default. */
static const struct {
	const char *format, *name;
	plot_kind *draw;
} kinds[] = {
	{ result_format, "cdf", plot_cdf },
	{ result_format, "ccdf", plot_ccdf },
	{ result_format, "breakdown", plot_breakdown },
	{ result_format, "limbo", plot_limbo },
	{ result_format, "memory", plot_memory },
	{ result_format, "hosts", plot_hosts },
	{ "sim-comparison", "breakdown", plot_designs },
	{ "sim-comparison", "latency", plot_design_means },
	{ sweep_format, "latency", plot_sweep },
	{ "sim-plan", "plan", plot_plan },
	{ "sim-plan", "frontier", plot_frontier },
	{ "sim-sensitivity", "tornado", plot_sensitivity },
	{ "sim-validation", "parity", plot_validation },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* The kind that was asked for, or the format's first; NULL: it has no such one. */
static plot_kind *find_kind(const struct plot_request *request, const char *format,
			    struct error *error)
{
	char known[128] = "";

	for (int k = 0; k < KINDS; k++) {
		size_t used = strlen(known);

		if (strcmp(kinds[k].format, format) != 0)
			continue;
		if (!request->kind || strcmp(request->kind, kinds[k].name) == 0)
			return kinds[k].draw;
		snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "",
			 kinds[k].name);
	}
	error_set(error, ERROR_INPUT, "%s: there is no picture \"%.40s\" of it; there is %s",
		  request->files[0], request->kind, known);
	return NULL;
}

static bool draw(const struct plot_request *request, const char *format,
		 const struct plot_document *documents, struct picture *picture,
		 struct error *error)
{
	plot_kind *kind = find_kind(request, format, error);

	return kind && kind(request, documents, picture, error);
}

/* What a document is; NULL: nothing that can be drawn. */
static const char *format_of(const json_t *root)
{
	const char *name = json_string_value(json_object_get(root, "format"));

	for (int k = 0; name && k < KINDS; k++)
		if (strcmp(kinds[k].format, name) == 0)
			return kinds[k].format;
	return NULL;
}

bool plot_prepare(const struct plot_request *request, struct picture *picture, struct error *error)
{
	struct document documents[PLOT_FILES_MOST];
	struct plot_document views[PLOT_FILES_MOST] = { { request->files[0], NULL } };
	const char *format = NULL;
	size_t count = 0;
	bool ok = false;

	if (!picture_begin(picture, error))
		return false;
	if (request->file_count == 1 && point_is_store(request->files[0]))
		return draw(request, sweep_format, views, picture, error);
	for (; count < request->file_count; count++) {
		if (!document_read(&documents[count], request->files[count], error))
			goto out;
		views[count] =
			(struct plot_document){ request->files[count], documents[count].root };
		format = format_of(documents[count].root);
		if (!format || (request->file_count > 1 && format != result_format)) {
			const char *kind = document_kind(documents[count].root);

			if (format)
				error_set(error, ERROR_INPUT,
					  "%s: only results of sim run are drawn together",
					  request->files[count]);
			else
				error_set(error, ERROR_INPUT,
					  "%s: this is %s, no result of sim (--format json) and no "
					  "sweep",
					  request->files[count],
					  kind ? kind : "no document of sim");
			count++;
			goto out;
		}
	}
	ok = format && draw(request, format, views, picture, error);
out:
	while (count)
		document_fini(&documents[--count]);
	return ok;
}
