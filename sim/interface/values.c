/* include/sim.h: what a result holds. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "interface/interface.h"

#define OF_METRIC(member) offsetof(struct result_metric, member)
#define OF_BAND(member)   offsetof(struct result_uncertainty, member)

/* Where each number is; those of the band belong to the answer alone. */
static const struct {
	bool of_band;
	size_t offset;
} places[SIM_VALUES] = {
	[SIM_MEAN] = { false, OF_METRIC(mean) },
	[SIM_MEAN_LOW] = { false, OF_METRIC(ci_low) },
	[SIM_MEAN_HIGH] = { false, OF_METRIC(ci_high) },
	[SIM_MIN] = { false, OF_METRIC(min) },
	[SIM_P50] = { false, OF_METRIC(p50) },
	[SIM_P90] = { false, OF_METRIC(p90) },
	[SIM_P99] = { false, OF_METRIC(p99) },
	[SIM_P999] = { false, OF_METRIC(p999) },
	[SIM_MAX] = { false, OF_METRIC(max) },
	[SIM_P50_LOW] = { false, OF_METRIC(p50_low) },
	[SIM_P50_HIGH] = { false, OF_METRIC(p50_high) },
	[SIM_P99_LOW] = { false, OF_METRIC(p99_low) },
	[SIM_P99_HIGH] = { false, OF_METRIC(p99_high) },
	[SIM_BAND_LOW] = { true, OF_BAND(low) },
	[SIM_BAND_MEDIAN] = { true, OF_BAND(median) },
	[SIM_BAND_HIGH] = { true, OF_BAND(high) },
};

int sim_result_status(const struct sim_result *result)
{
	enum { NOTHING_SUCCEEDED = 5 };

	return result_nothing_succeeded(&result->result)
		       ? NOTHING_SUCCEEDED
		       : judgement_status(result_judgement(&result->result));
}

uint64_t sim_result_replications(const struct sim_result *result)
{
	return result->result.replications;
}

char *sim_result_json(const struct sim_result *result, struct sim_error *error)
{
	char *text = NULL;
	size_t size;
	struct call call;
	FILE *out = NULL;

	if (call_begin(&call, error)) {
		out = memory_stream(&text, &size);
		if (!out)
			error_memory(&call.error, "result");
	}
	if (out) {
		result_write_json(&result->result, out, &call.error);
		memory_stream_close(out, &text, "result", &call.error);
	}
	if (call_end(&call))
		return text;
	free(text);
	return NULL;
}

static const struct result_metric *metric_of(const struct sim_result *result, size_t metric)
{
	return metric < result->result.metric_count ? &result->result.metrics[metric] : NULL;
}

size_t sim_metric_count(const struct sim_result *result)
{
	return result->result.metric_count;
}

size_t sim_metric_find(const struct sim_result *result, const char *name, const char *group)
{
	const struct result_metric *found = result_metric(&result->result, name, group);

	return found ? (size_t)(found - result->result.metrics) : SIM_NO_METRIC;
}

size_t sim_metric_answer(const struct sim_result *result)
{
	return metric_of(result, result->result.answer) ? result->result.answer : SIM_NO_METRIC;
}

const char *sim_metric_name(const struct sim_result *result, size_t metric)
{
	const struct result_metric *found = metric_of(result, metric);

	return found ? found->name : NULL;
}

const char *sim_metric_group(const struct sim_result *result, size_t metric)
{
	const struct result_metric *found = metric_of(result, metric);

	return found ? found->group : NULL;
}

const char *sim_metric_unit(const struct sim_result *result, size_t metric)
{
	const struct result_metric *found = metric_of(result, metric);

	return found ? unit_names[found->unit] : NULL;
}

uint64_t sim_metric_observations(const struct sim_result *result, size_t metric)
{
	const struct result_metric *found = metric_of(result, metric);

	return found ? found->n : 0;
}

static struct maybe value_of(const struct sim_result *result, size_t metric, enum sim_value value)
{
	const char *base = (const char *)metric_of(result, metric);
	struct maybe found;

	if (!base)
		return maybe_none("there is no such metric");
	if ((size_t)value >= SIM_VALUES)
		return maybe_none("there is no such value");
	if (places[value].of_band) {
		if (metric != result->result.answer)
			return maybe_none("only the answer has a band");
		base = (const char *)&result->result.uncertainty;
	}
	memcpy(&found, base + places[value].offset, sizeof(found));
	return found;
}

double sim_metric_value(const struct sim_result *result, size_t metric, enum sim_value value)
{
	struct maybe found = value_of(result, metric, value);

	return found.exists ? found.value : NAN;
}

const char *sim_metric_reason(const struct sim_result *result, size_t metric, enum sim_value value)
{
	struct maybe found = value_of(result, metric, value);

	return found.exists ? NULL : found.reason;
}

double sim_metric_quantile(const struct sim_result *result, size_t metric, double p)
{
	const struct result_metric *found = metric_of(result, metric);

	if (!found || !found->values.count || !(p >= 0 && p <= 1))
		return NAN;
	return (double)distribution_quantile(&found->values, p);
}
