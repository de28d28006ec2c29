/*
 * What hosts have in use over time of their cores, memory and bandwidth: a panel each, in percent
 * of what a host has. Of one host a line; of many the median, and bands of most and of all hosts.
 */

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "draw/plot_axes.h"
#include "report/text_tools.h"

static const struct {
	const char *name;
	char *unit; /* of a capacity; NULL: bytes */
} resources[HOST_RESOURCES] = {
	[HOST_CORES] = { "cores", "cores" },
	[HOST_MEMORY] = { "memory", NULL },
	[HOST_BANDWIDTH] = { "bandwidth", "bytes/s" },
};

/* Below this share the limit is not drawn: nothing could be seen beside it. */
static const double drawn_from = 0.4;

static double share_of(const struct host_use *use, int resource, size_t host, size_t part)
{
	return use->used[resource][host * use->parts + part] / use->most[resource];
}

/* The host and part with the largest share. */
static double find_most(const struct host_use *use, int resource, size_t *host, size_t *part)
{
	double most = -1;

	for (size_t h = 0; h < use->hosts; h++)
		for (size_t p = 0; p < use->parts; p++)
			if (share_of(use, resource, h, p) > most) {
				most = share_of(use, resource, h, p);
				*host = h;
				*part = p;
			}
	return most;
}

/* What a host has of it, in words. */
static const char *amount_text(char cell[CELL_SIZE], const struct host_use *use, int resource)
{
	const struct result_capacity capacity = { .unit = resources[resource].unit,
						  .amount = use->most[resource] };

	return capacity.unit ? capacity_amount(cell, &capacity)
			     : value_text(cell, UNIT_BYTES, capacity.amount);
}

/* A panel, with what it says of itself, and how high it is. */
static void begin_panel(struct picture *picture, const struct host_use *use, int resource)
{
	size_t host = 0, part = 0, used = strlen(picture->options);
	double most = find_most(use, resource, &host, &part);
	double top = most < drawn_from ? 1.35 * most : fmax(1.15, 1.1 * most);
	char whose[32] = "", text[PICTURE_TEXT];

	snprintf(picture->options + used, sizeof(picture->options) - used, "%s%.6g",
		 picture->series ? "," : " tops=", 100 * top);
	if (use->hosts > 1)
		snprintf(whose, sizeof(whose), "host %zu, ", host);
	snprintf(text, sizeof(text), "%s: at most %.3g %% of %s (%s%s)", resources[resource].name,
		 100 * most, amount_text(CELL, use, resource), whose,
		 VALUE(UNIT_NANOSECONDS, ((double)part + 0.5) * use->part_ns));
	plot_series(picture, text);
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The value at most which that share of the sorted ones is, between two of them as far as it lies. */
static double quantile(const double *sorted, size_t count, double share)
{
	double at = share * (double)(count - 1);
	size_t below = (size_t)at;
	double rest = at - (double)below;

	return rest > 0 ? sorted[below] + rest * (sorted[below + 1] - sorted[below])
			: sorted[below];
}

static void write_panel(struct picture *picture, const struct host_use *use, int resource,
			struct plot_unit time, double *shares)
{
	static const double drawn[] = { 0.5, 0, 0.1, 0.9, 1 };

	begin_panel(picture, use, resource);
	for (size_t p = 0; p < use->parts; p++) {
		for (size_t h = 0; h < use->hosts; h++)
			shares[h] = 100 * share_of(use, resource, h, p);
		qsort(shares, use->hosts, sizeof(*shares), by_value);
		picture_number(picture, ((double)p + 0.5) * use->part_ns / time.divisor);
		for (size_t q = 0; q < sizeof(drawn) / sizeof(drawn[0]); q++) {
			fputc('\t', picture->table);
			picture_number(picture, quantile(shares, use->hosts, drawn[q]));
		}
		fputc('\n', picture->table);
	}
}

static bool draw(struct picture *picture, const struct host_use *use, uint32_t replication,
		 const char *path, struct error *error)
{
	double longest_ns = (double)use->parts * use->part_ns;
	struct plot_unit time = plot_unit_for(unit_names[UNIT_NANOSECONDS], longest_ns);
	double *shares = memory_array(use->hosts, sizeof(*shares), "use of hosts", error);
	char line[PICTURE_TEXT / 2];

	for (int r = 0; shares && r < HOST_RESOURCES; r++) {
		size_t host, part;

		if (!(use->most[r] > 0) || !(find_most(use, r, &host, &part) > 0))
			continue;
		write_panel(picture, use, r, time, shares);
	}
	free(shares);
	if (!picture->series)
		return error->kind == ERROR_NONE &&
		       error_set(error, ERROR_INPUT, "%s: nothing of the host is ever in use",
				 path);
	if (use->hosts > 1) {
		snprintf(line, sizeof(line),
			 "replication %" PRIu32 "; line: median of %zu hosts, bands: tenth to nine "
			 "tenths of them, and all",
			 replication, use->hosts);
		picture_option(picture, "many");
	} else {
		snprintf(line, sizeof(line), "replication %" PRIu32 "; prices as they are given",
			 replication);
	}
	plot_line(picture, line);
	snprintf(picture->x_label, sizeof(picture->x_label), "time in the scenario (%s)",
		 time.name);
	snprintf(picture->y_label, sizeof(picture->y_label), "in use (%%)");
	plot_scale(picture, 'x', time, 0, longest_ns, false);
	picture_option_value(picture, "longest", longest_ns / time.divisor);
	return true;
}

bool plot_hosts(const struct plot_request *request, const struct plot_document *documents,
		struct picture *picture, struct error *error)
{
	const struct plot_document *document = &documents[0];
	uint32_t replication = request->replication < 0 ? 0 : (uint32_t)request->replication;
	struct host_use use;
	bool ok;

	if (request->file_count > 1)
		return error_set(error, ERROR_INPUT,
				 "%s: the hosts of one result are drawn alone: name one file",
				 documents[1].path);
	if (!plot_has_replication(request, document, error) ||
	    !request->use(document->root, document->path, replication, &use, error))
		return false;
	picture->script = "hosts.gp";
	plot_result_caption(picture, document, 1);
	ok = draw(picture, &use, replication, document->path, error);
	host_use_fini(&use);
	return ok;
}
