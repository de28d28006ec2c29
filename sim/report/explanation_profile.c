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

bool explanation_write_profile(const void *what, FILE *out, struct error *error)
{
	const struct explanation *explanation = what;
	json_t *costs = json_object();

	for (size_t i = 0; costs && i < explanation->estimate_count; i++) {
		const struct explanation_estimate *row = &explanation->estimates[i];

		if (row->told &&
		    json_object_set_new(costs, row->term, cost_to_json(explanation, row)) != 0) {
			json_decref(costs);
			costs = NULL;
		}
	}
	return json_write(json_pack("{s:s, s:o, s:o}", "name", "explained measurements", "about",
				    source_of(explanation), "costs", costs),
			  out, error);
}
