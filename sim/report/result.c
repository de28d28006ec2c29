#include "report/result.h"

#include <stdlib.h>
#include <string.h>

const char *const study_names[] = { "bounded", "full", "band", "none", NULL };
const char *const band_names[] = { "nothing", "draws", "ends", NULL };

void result_fini(struct result *result)
{
	for (size_t i = 0; result->metrics && i < result->metric_count; i++) {
		free(result->metrics[i].name);
		free(result->metrics[i].group);
		distribution_fini(&result->metrics[i].values);
		free(result->metrics[i].sums);
		free(result->metrics[i].counts);
	}
	for (size_t i = 0; result->parts && i < result->part_count; i++) {
		free(result->parts[i].metric);
		free(result->parts[i].group);
		free(result->parts[i].flow);
		free(result->parts[i].step);
		free(result->parts[i].where);
	}
	for (size_t i = 0; result->counters && i < result->counter_count; i++) {
		free(result->counters[i].name);
		free(result->counters[i].group);
	}
	for (size_t i = 0; i < result->capacity_count; i++) {
		free(result->capacities[i].name);
		free(result->capacities[i].unit);
	}
	for (size_t i = 0; result->failures && i < result->failure_count; i++) {
		free(result->failures[i].group);
		free(result->failures[i].operation);
		free(result->failures[i].flow);
		free(result->failures[i].step);
		free(result->failures[i].where);
	}
	for (size_t i = 0; result->assumptions && i < result->assumption_count; i++) {
		free(result->assumptions[i].term);
		free(result->assumptions[i].group);
		free(result->assumptions[i].source);
	}
	for (size_t i = 0; result->objectives && i < result->objective_count; i++) {
		free(result->objectives[i].limit.metric);
		free(result->objectives[i].limit.group);
	}
	for (size_t i = 0; i < result->note_count; i++)
		free(result->notes[i]);
	free(result->notes);
	free(result->metrics);
	free(result->parts);
	free(result->counters);
	free(result->failures);
	free(result->assumptions);
	free(result->objectives);
	free(result->scenario);
	free(result->file);
	free(result->alternatives);
	free(result->carried);
	free(result->commit);
	free(result->version);
	free(result->platform);
	free(result->scenario_sha256);
	free(result->costs_sha256);
	free(result->stopping);
	free(result->caveat);
	free(result->caveat_terms);
	*result = (struct result){ .answer = SIZE_MAX };
}

static uint64_t counted(const struct result *result, enum counter_id id)
{
	uint64_t value = 0;

	for (size_t i = 0; i < result->counter_count; i++)
		if (strcmp(result->counters[i].name, counter_kinds[id].name) == 0)
			value += result->counters[i].value;
	return value;
}

bool result_nothing_succeeded(const struct result *result)
{
	if (counted(result, COUNTER_VMS_ARRIVED))
		return !counted(result, COUNTER_VMS_STARTED) &&
		       counted(result, COUNTER_VMS_REJECTED) + counted(result, COUNTER_VMS_FAILED);
	return counted(result, COUNTER_REQUESTED) && !counted(result, COUNTER_DONE) &&
	       (counted(result, COUNTER_FAILED) || counted(result, COUNTER_REFUSED));
}

enum judgement result_judgement(const struct result *result)
{
	enum judgement verdict = LIMIT_MET;

	for (size_t i = 0; i < result->objective_count; i++)
		verdict = judgement_worse(verdict, result->objectives[i].judgement);
	return verdict;
}

bool result_part_is_of(const struct result_part *part, const struct result_metric *metric)
{
	return metric_is(part->metric, part->group, metric->name, metric->group);
}

size_t result_find_observed(const struct result *result, const char *name)
{
	for (size_t m = 0; m < result->metric_count; m++)
		if (metric_is(result->metrics[m].name, NULL, name, NULL) && result->metrics[m].n)
			return m;
	return SIZE_MAX;
}

bool result_is_chosen(const struct result *result, const struct result_metric *metric)
{
	const struct result_view *view = &result->view;
	bool chosen = !view->metric_count;

	for (size_t i = 0; i < view->metric_count && !chosen; i++)
		chosen = result_is_called(metric, view->metrics[i]);
	return chosen;
}

bool result_is_called(const struct result_metric *metric, const char *name)
{
	const struct metric_kind *kind = metric_kind_of(metric->name);

	return strcmp(metric->name, name) == 0 || (kind && strcmp(kind->name, name) == 0);
}

const struct result_metric *result_metric(const struct result *result, const char *name,
					  const char *group)
{
	for (size_t m = 0; m < result->metric_count; m++)
		if (metric_is(result->metrics[m].name, result->metrics[m].group, name, group))
			return &result->metrics[m];
	return NULL;
}

const struct result_counter *result_counter(const struct result *result, const char *name,
					    const char *group)
{
	for (size_t c = 0; c < result->counter_count; c++)
		if (metric_is(result->counters[c].name, result->counters[c].group, name, group))
			return &result->counters[c];
	return NULL;
}

bool metric_reasons(const struct result_metric *metric, char reasons[REASONS_SIZE])
{
	const struct maybe *const values[] = { &metric->mean, &metric->ci_low, &metric->ci_high,
					       &metric->min,  &metric->p50,    &metric->p90,
					       &metric->p99,  &metric->p999,   &metric->max };
	size_t used = 0;

	reasons[0] = '\0';
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *reason = values[i]->reason ? values[i]->reason : "unknown";

		if (values[i]->exists || strstr(reasons, reason) ||
		    used + strlen(reason) + 3 > REASONS_SIZE)
			continue;
		used = (size_t)(stpcpy(stpcpy(reasons + used, used ? "; " : ""), reason) - reasons);
	}
	return used > 0;
}
