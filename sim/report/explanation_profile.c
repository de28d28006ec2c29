/* An estimate as a cost profile that scenarios can name. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/explanation.h"
#include "report/json_tools.h"

/* How many of what were measured, with which assumption about the rest. */
static json_t *source_of(const struct explanation *explanation)
{
	const struct explanation_measurement *first = &explanation->measurements[0];
	size_t count = explanation->measurement_count;
	char where[200];

	snprintf(where, sizeof(where), "%.190s", first->where);
	if (strrchr(where, ':') && strncmp(where, "--", 2) != 0)
		*strrchr(where, ':') = '\0'; /* the line */
	return json_sprintf("%zu measurement%s (%.60s, %.120s, error %.3g %%) of \"%.100s\", "
			    "sim explain; other prices %s",
			    count, count == 1 ? "" : "s", first->metric, where,
			    100 * explanation->error, explanation->scenario,
			    explanation->others_fixed ? "as the scenario has them"
						      : "anywhere in their ranges");
}

static json_t *cost_to_json(const struct explanation *explanation,
			    const struct explanation_estimate *row)
{
	return json_pack("{s:o, s:[o, o], s:s, s:o}", "mean", json_sprintf("%.6fns", row->estimate),
			 "range", json_sprintf("%.6fns", row->ci_low),
			 json_sprintf("%.6fns", row->ci_high), "status", "measured", "source",
			 source_of(explanation));
}

/* The host's memory bus is a price of one MiB here, and a bandwidth in a profile. */
static bool is_bus(const char *term)
{
	return strcmp(term, "host.memory_bus") == 0;
}

static json_t *bandwidth_text(double mebibyte_ns)
{
	return json_sprintf("%.6fMB/s", 0x1p20 / mebibyte_ns * 1e3);
}

static json_t *bandwidth_to_json(const struct explanation *explanation,
				 const struct explanation_estimate *row)
{
	/* Beyond a thousand times of it nobody has measured anything. */
	double fastest = fmax(row->ci_low, row->estimate / 1000);

	return json_pack("{s:o, s:[o, o], s:s, s:o}", "mean", bandwidth_text(row->estimate),
			 "range", bandwidth_text(row->ci_high), bandwidth_text(fastest), "status",
			 "measured", "source", source_of(explanation));
}

/* Those of cost terms, which lie between -1 and 1 in a profile. */
static json_t *correlations_to_json(const struct explanation *explanation)
{
	json_t *list = json_array();

	for (size_t i = 0; i < explanation->correlation_count; i++) {
		const struct explanation_correlation *row = &explanation->correlations[i];

		if (!is_bus(row->a) && !is_bus(row->b))
			json_add(&list,
				 json_pack("[o, o, o]", json_text(row->a), json_text(row->b),
					   json_number(fmax(-0.999, fmin(0.999, row->value)))));
	}
	return list;
}

bool explanation_write_profile(const void *what, FILE *out, struct error *error)
{
	const struct explanation *explanation = what;
	json_t *costs = json_object(), *bandwidth = NULL;
	json_t *correlations = correlations_to_json(explanation);

	for (size_t i = 0; i < explanation->estimate_count; i++) {
		const struct explanation_estimate *row = &explanation->estimates[i];

		if (!row->told)
			continue;
		if (is_bus(row->term)) {
			bandwidth = bandwidth_to_json(explanation, row);
		} else if (costs && json_object_set_new(costs, row->term,
							cost_to_json(explanation, row)) != 0) {
			json_decref(costs);
			costs = NULL;
		}
	}
	if (correlations && !json_array_size(correlations)) {
		json_decref(correlations);
		correlations = NULL;
	}
	return json_write(json_pack("{s:s, s:o, s:o*, s:o*, s:o}", "name", "explained measurements",
				    "about", source_of(explanation), "memory_bandwidth", bandwidth,
				    "correlations", correlations, "costs", costs),
			  NULL, out, error);
}
