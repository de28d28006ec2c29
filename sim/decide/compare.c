#include "decide/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/progress.h"
#include "decide/compare_parts.h"
#include "explain/explain.h"
#include "repeat/stopping.h"
#include "repeat/summary.h"
#include "repeat/warm_up.h"

/* The designs while they run; scenarios of their own for the warm-up. */
struct field_of_designs {
	struct scenario *scenarios;
	struct replications *replications;
	size_t count, ready;
};

static bool is_random(const struct field_of_designs *designs)
{
	for (size_t i = 0; i < designs->count; i++)
		if (designs->replications[i].random)
			return true;
	return false;
}

/* To `count` replications of each, of `needed` that it will probably be (0: nobody knows). */
static bool run_all(struct field_of_designs *designs, uint64_t count, double needed,
		    const struct experiment_options *options, struct error *error)
{
	double done = (double)designs->replications[0].count * (double)designs->count;
	double each = (double)(count - designs->replications[0].count);

	for (size_t i = 0; i < designs->count; i++) {
		progress_show(needed > 0 ? (done + (double)i * each) /
						   (needed * (double)designs->count)
					 : NAN,
			      "design %zu of %zu: to %llu replications", i + 1, designs->count,
			      (unsigned long long)count);
		if (!replications_run(&designs->replications[i], &designs->scenarios[i].simulation,
				      count, &options->replicate, error))
			return false;
	}
	return true;
}

/* Until every design is sure; all have the same replications then. */
static bool run_until_sure(struct field_of_designs *designs, size_t baseline,
			   const struct experiment_options *options, char *text, size_t size,
			   struct error *error)
{
	uint64_t wanted = (uint64_t)designs->scenarios[baseline].experiment.replications;
	double precision = designs->scenarios[baseline].experiment.precision;
	double worst = 0, needed = 0;
	uint64_t look = FIRST_LOOK;

	if (!run_all(designs, 1, 0, options, error))
		return false;
	if (!is_random(designs)) {
		snprintf(text, size, "deterministic: one replication is exact");
		return true;
	}
	if (wanted) {
		snprintf(text, size, "as many as asked for");
		return run_all(designs, wanted, (double)wanted, options, error);
	}
	for (;; look *= 2) {
		bool sure = true, one;

		if (!run_all(designs, look, needed, options, error))
			return false;
		worst = 0;
		for (size_t i = 0; i < designs->count; i++) {
			double reached;

			if (!stopping_sure(&designs->scenarios[i], &designs->replications[i],
					   &reached, &one, error))
				return false;
			sure = sure && one;
			if (isfinite(reached))
				worst = fmax(worst, reached);
		}
		if (sure || look >= MOST_REPLICATIONS)
			break;
		needed = (double)look * fmax(2, worst / precision * worst / precision);
		needed = fmin(needed, MOST_REPLICATIONS);
	}
	snprintf(text, size, "automatic: every mean is known to %.2g", worst);
	return true;
}

/* --- differences -------------------------------------------------------------- */

static void set_interval(struct interval interval, const char *reason, struct maybe *low,
			 struct maybe *high)
{
	*low = *high = maybe_none(reason);
	if (interval.exists && interval.high > interval.low) {
		*low = maybe_some(interval.low);
		*high = maybe_some(interval.high);
	}
}

void compare_pair(struct comparison_design *design, const struct observations *own,
		  const struct observations *baseline)
{
	static const char reason[] = "equal in every replication, or too few of them";
	double saved;

	design->paired = own->replications;
	design->difference = maybe_some(mean_of(own) - mean_of(baseline));
	set_interval(difference_interval(own, baseline, &saved), reason, &design->difference_low,
		     &design->difference_high);
	design->variance_saved.reason = reason;
	if (isfinite(saved))
		design->variance_saved = maybe_some(saved);
	design->ratio.reason = "nothing is a multiple of 0";
	if (mean_of(baseline) == 0)
		return;
	design->ratio = maybe_some(mean_of(own) / mean_of(baseline));
	set_interval(ratio_interval(own, baseline), reason, &design->ratio_low,
		     &design->ratio_high);
}

/* What the ranges of prices do to each design, and to its difference. */
static bool find_bands(struct comparison *out, const struct field_of_designs *designs,
		       const struct experiment_options *options, struct error *error)
{
	struct explain_design *items =
		memory_array(out->design_count, sizeof(*items), "designs", error);
	bool ok = items != NULL;

	for (size_t i = 0; ok && i < out->design_count; i++)
		items[i] = (struct explain_design){ .scenario = &designs->scenarios[i],
						    .replications = &designs->replications[i],
						    .metric = out->designs[i].metric };
	ok = ok &&
	     explain_designs(items, out->design_count, out->baseline, &options->replicate, error);
	for (size_t i = 0; ok && i < out->design_count; i++) {
		out->designs[i].band = items[i].band;
		out->designs[i].difference_band = items[i].difference;
	}
	free(items);
	return ok;
}

static bool describe(struct comparison *out, const struct field_of_designs *designs,
		     const char *const *labels, const char *metric, const char *stopping,
		     const struct experiment_options *options, struct error *error)
{
	const struct result *base;

	for (size_t i = 0; i < designs->count; i++) {
		struct comparison_design *design = &out->designs[i];

		design->metric = SIZE_MAX;
		design->label = memory_text(labels[i], error);
		design->result.answer = SIZE_MAX;
		out->design_count++;
		design->result.stopping = memory_text(stopping, error);
		if (!design->label || !design->result.stopping ||
		    !experiment_describe(&design->result, &designs->scenarios[i], options, error) ||
		    !replications_summarize(&designs->replications[i], &designs->scenarios[i],
					    &design->result, error))
			return false;
	}
	base = &out->designs[out->baseline].result;
	if (!metric && base->answer < base->metric_count)
		metric = base->metrics[base->answer].name;
	for (size_t i = 0; !metric && i < designs->count; i++)
		if (out->designs[i].result.answer < out->designs[i].result.metric_count)
			metric = out->designs[i].result.metrics[out->designs[i].result.answer].name;
	if (!metric)
		return error_set(error, ERROR_INPUT,
				 "no operation ends in time in any design: there is nothing to "
				 "compare; lengthen experiment.until");
	out->metric_name = memory_text(metric, error);
	return out->metric_name != NULL;
}

static bool compare_metrics(struct comparison *out, const struct field_of_designs *designs,
			    struct error *error)
{
	struct comparison_design *baseline = &out->designs[out->baseline];
	bool any = false;

	for (size_t i = 0; i < out->design_count; i++) {
		struct comparison_design *design = &out->designs[i];

		design->metric = result_find_observed(&design->result, out->metric_name);
		if (design->metric == SIZE_MAX)
			continue;
		any = true;
		out->unit = design->result.metrics[design->metric].unit;
	}
	if (!any)
		return error_set(error, ERROR_INPUT, "no design has observed the metric \"%.60s\"",
				 out->metric_name);
	for (size_t i = 0; i < out->design_count; i++) {
		struct comparison_design *design = &out->designs[i];

		design->difference.reason = design->ratio.reason = "not observed";
		design->difference_low.reason = design->difference_high.reason = "not observed";
		if (i != out->baseline && design->metric != SIZE_MAX &&
		    baseline->metric != SIZE_MAX)
			compare_pair(
				design, &designs->replications[i].metrics[design->metric],
				&designs->replications[out->baseline].metrics[baseline->metric]);
	}
	return true;
}

bool compare_run(const struct scenario *scenarios, const char *const *labels, size_t count,
		 size_t baseline, const char *metric, const struct experiment_options *options,
		 struct comparison *out, struct error *error)
{
	struct field_of_designs designs = { .count = count };
	char stopping[128];
	bool ok = false;

	*out = (struct comparison){ .baseline = baseline, .paired = true };
	designs.scenarios = memory_array(count, sizeof(*designs.scenarios), "designs", error);
	designs.replications = memory_array(count, sizeof(*designs.replications), "designs", error);
	out->designs = memory_array(count, sizeof(*out->designs), "designs", error);
	if (!designs.scenarios || !designs.replications || !out->designs)
		goto out;
	for (; designs.ready < count; designs.ready++) {
		struct scenario *own = &designs.scenarios[designs.ready];

		*own = scenarios[designs.ready]; /* borrows all but its warm-up */
		if (!warm_up_find(own, &options->replicate, error) ||
		    !replications_init(&designs.replications[designs.ready], &own->simulation, NULL,
				       error))
			goto out;
	}
	ok = run_until_sure(&designs, baseline, options, stopping, sizeof(stopping), error) &&
	     describe(out, &designs, labels, metric, stopping, options, error) &&
	     compare_metrics(out, &designs, error) && find_bands(out, &designs, options, error);
out:
	for (size_t i = 0; i < designs.ready; i++)
		replications_fini(&designs.replications[i]);
	free(designs.scenarios);
	free(designs.replications);
	if (!ok)
		comparison_fini(out);
	return ok;
}
