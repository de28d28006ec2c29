#include "decide/validate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explain/explain.h"

/* The first metric of that name and group that was observed, else the first at all. */
static const struct result_metric *find_metric(const struct result *result, const char *name,
					       const char *group)
{
	const struct result_metric *found = NULL;

	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (!metric_is(metric->name, metric->group, name, group))
			continue;
		if (metric->n)
			return metric;
		if (!found)
			found = metric;
	}
	return found;
}

static struct maybe statistic_of(const struct result_metric *metric, int statistic)
{
	switch ((enum published_statistic)statistic) {
	case PUBLISHED_MAX:
		return metric->max;
	case PUBLISHED_P50:
		return metric->p50;
	case PUBLISHED_P99:
		return metric->p99;
	case PUBLISHED_MEAN:
		break;
	}
	return metric->mean;
}

/* A row may also name a counter (units of a cost term): its mean over the replications. */
static bool take_counter(const struct published_table *published, const struct result *result,
			 struct validation_row *row)
{
	const struct result_counter *counter =
		result_counter(result, row->metric, published->group);

	if (!counter || strcmp(published_units[published->unit].metric_unit, "count") != 0)
		return false;
	row->predicted = maybe_some(counter->mean);
	return true;
}

/* What the result says of the row's metric, in the table's unit. */
static bool take(const struct published_table *published, size_t index, const struct result *result,
		 struct validation_row *row, struct error *error)
{
	const struct published_unit *unit = &published_units[published->unit];
	const struct result_metric *metric = find_metric(result, row->metric, published->group);
	char pointer[POINTER_MAX];

	snprintf(pointer, sizeof(pointer), "/rows/%zu/metric", index);
	if (!published_row(published, index)->metric)
		snprintf(pointer, sizeof(pointer), "/metric");
	if (!metric && take_counter(published, result, row))
		return true;
	if (!metric)
		return document_error(&published->document, pointer, error,
				      "the scenario has no metric \"%.60s\"%s%.60s", row->metric,
				      published->group ? " of " : "",
				      published->group ? published->group : "");
	if (strcmp(unit_names[metric->unit], unit->metric_unit) != 0)
		return document_error(&published->document, pointer, error,
				      "the metric is in %s, which the table's %s is no unit for",
				      unit_names[metric->unit],
				      published_unit_names[published->unit]);
	row->predicted = statistic_of(metric, published_row(published, index)->statistic);
	row->predicted.value /= unit->scale;
	return true;
}

/* Few: a band of 95 % shows its ends, and a table is shown within seconds. */
enum { DRAWS = 50 };

/* A mean over replications is what costs can be moved for. */
static bool draw_band(const struct published_table *published, size_t index,
		      const struct experiment *experiment, const char *name,
		      const struct experiment_options *options, struct validation_band *band,
		      struct error *error)
{
	const struct result *result = &experiment->result;
	const struct result_metric *metric = find_metric(result, name, published->group);
	double scale = published_units[published->unit].scale;
	struct result_uncertainty drawn;

	band->low = band->high = maybe_none("a band is drawn of means only");
	if (!metric || published_row(published, index)->statistic != PUBLISHED_MEAN)
		return true;
	if (!metric->n) {
		band->low.reason = band->high.reason = metric->mean.reason;
		return true;
	}
	if (!explain_band(&experiment->scenario, &experiment->replications,
			  (size_t)(metric - result->metrics), DRAWS, &options->replicate, &drawn,
			  error))
		return false;
	band->low = drawn.low;
	band->high = drawn.high;
	band->low.value /= scale;
	band->high.value /= scale;
	return true;
}

/*
 * The scenario of a row on its own platform, whose name, architecture and figure the row gets; or
 * on another, which gives a band alone.
 */
static bool run(const struct published_table *published, size_t index, const char *platform,
		const struct experiment_options *options, struct validation_row *row,
		struct validation_band *band, int *architecture, struct error *error)
{
	struct experiment experiment;
	struct scenario scenario;
	bool ok;

	if (!published_scenario(published, index, platform, &scenario, error))
		return false;
	if (!platform && scenario.platform.known && !platform_is_generic(&scenario.platform.is)) {
		*architecture = scenario.platform.is.architecture;
		snprintf(row->profile, sizeof(row->profile), "%s", scenario.platform.name);
	}
	ok = experiment_run(&experiment, &scenario, options, error);
	if (ok) {
		ok = (platform || take(published, index, &experiment.result, row, error)) &&
		     draw_band(published, index, &experiment, row->metric, options, band, error);
		experiment_fini(&experiment);
	}
	scenario_fini(&scenario);
	return ok;
}

static bool predict(const struct published_table *published, size_t index,
		    const struct experiment_options *options, struct validation_row *row,
		    struct error *error)
{
	const struct published_row *from = published_row(published, index);
	int architecture = 0;

	*row = (struct validation_row){
		.label = from->label,
		.use = published_use_names[from->use],
		.metric = from->metric ? from->metric : published->metric,
		.statistic = published_statistic_names[from->statistic],
		.note = from->note,
		.judged = from->use == PUBLISHED_PREDICT || from->use == PUBLISHED_BOUND ||
			  from->use == PUBLISHED_MISS,
		.bound = from->use == PUBLISHED_BOUND,
		.tolerance = published->tolerance,
		.tolerance_absolute = published->tolerance_absolute,
		.published = from->published,
	};
	if (!run(published, index, NULL, options, row, &row->band, &architecture, error))
		return false;
	if (row->profile[0])
		return run(published, index, architecture_names[architecture], options, row,
			   &row->elsewhere, NULL, error);
	row->elsewhere = row->band;
	return true;
}

static struct validation_row slope_row(const struct published_table *published,
				       const struct validation_row *rows)
{
	const struct published_slope *slope = &published->slope;
	struct maybe from = rows[published->slope_from].predicted;
	struct maybe to = rows[published->slope_to].predicted;
	struct validation_row row = {
		.label = "slope",
		.use = "slope",
		.metric = published->metric,
		.statistic = published_statistic_names[PUBLISHED_MEAN],
		.from = slope->from,
		.to = slope->to,
		.per = slope->per,
		.judged = true,
		.tolerance = slope->tolerance,
		.published = slope->published,
	};

	if (from.exists && to.exists)
		row.predicted = maybe_some((to.value - from.value) / slope->per);
	else
		row.predicted.reason = from.exists ? to.reason : from.reason;
	row.band.low = row.band.high = row.elsewhere.low = row.elsewhere.high =
		maybe_none("of a difference of two rows none is drawn");
	return row;
}

bool validate_table(const struct published_table *published,
		    const struct experiment_options *options, struct validation_table *table,
		    struct error *error)
{
	size_t count = published->rows.count;
	struct validation_row *rows = memory_array(count + 1, sizeof(*rows), "rows", error);

	if (!rows)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!predict(published, i, options, &rows[i], error)) {
			free(rows);
			return false;
		}
	}
	if (published->slope.from)
		rows[count++] = slope_row(published, rows);
	*table = (struct validation_table){
		.name = published->name,
		.source = published->source,
		.platform = published->platform,
		.file = published->document.path,
		.scenario = published->scenario,
		.metric = published->metric,
		.unit = published_unit_names[published->unit],
		.rows = rows,
		.row_count = count,
	};
	return true;
}
