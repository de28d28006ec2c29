#include "calibrate/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_sort.h>

#include "base/layout.h"
#include "base/memory.h"
#include "calibrate/works.h"
#include "explain/variant.h"
#include "repeat/experiment.h"
#include "report/output.h"
#include "report/text_tools.h"
#include "scenario/scenario.h"

/* --- measured ------------------------------------------------------------------ */

static uint64_t size_on(const struct check_row *row, unsigned int shrink)
{
	uint64_t page = backing_bytes(row->trial.backing), size = row->size >> shrink;

	size -= size % page;
	return size > page ? size : page;
}

/* One time of a row. False: interrupted. */
static bool measure(struct check_result *result, const struct check_row *row, uint64_t size,
		    const struct place *place, struct error *error)
{
	struct trial trial = row->trial;
	struct error failure = { 0 };
	struct taken taken;

	trial.size = size;
	if (!trial_run_undisturbed(&trial, place, &taken, &failure)) {
		if (failure.kind == ERROR_INTERRUPTED) {
			*error = failure;
			return false;
		}
		snprintf(result->why, sizeof(result->why), "%.150s", failure.message);
		result->left_out = result->why;
		return true;
	}
	result->measured_ns[result->times++] = taken.wall_ns;
	return true;
}

/* What the neighbour copies when nothing else is at work. */
static bool copying_speed(const struct place *place, double *bytes_per_s, struct error *error)
{
	const struct trial trial = { .work = &work_copy, .size = (uint64_t)512 << 20 };
	double speeds[3];

	for (int i = 0; i < 3; i++) {
		struct taken taken;

		if (!trial_run_undisturbed(&trial, place, &taken, error))
			return false;
		speeds[i] = (double)trial.size / taken.wall_ns * 1e9;
	}
	*bytes_per_s = median_of(speeds, 3);
	return true;
}

/* --- predicted ------------------------------------------------------------------- */

static const char *metric_of(const struct check_row *row)
{
	return row->stands_for == FOR_END ? "shutdown.latency" : "start.latency";
}

bool check_simulate(const struct check_row *row, json_t *document, enum price_end end,
		    double *last_ns, struct error *error)
{
	const struct experiment_options options = { .replicate.threads = 1 };
	const struct result_metric *metric;
	struct experiment experiment;
	struct scenario scenario;
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
	bool ok;

	json_decref(document);
	if (!text)
		return error_memory(error, "scenario");
	ok = scenario_load_text(&scenario, row->name, text, strlen(text), error);
	free(text);
	if (!ok)
		return false;
	if (end != AT_MEAN)
		prices_move_all(&scenario.simulation, end == AT_HIGH);
	ok = experiment_run(&experiment, &scenario, &options, error);
	if (ok) {
		metric = result_metric(&experiment.result, metric_of(row), "g");
		if (metric && metric->max.exists)
			*last_ns = metric->max.value;
		else
			ok = error_set(error, ERROR_INTERNAL, "%s: the scenario has no %s",
				       row->name, metric_of(row));
		experiment_fini(&experiment);
	}
	scenario_fini(&scenario);
	return ok;
}

static bool predict(struct check_result *result, const struct check_row *row, uint64_t size,
		    const json_t *profile, const struct place *place, double copies_per_s,
		    struct error *error)
{
	double *const into[] = { &result->predicted, &result->low, &result->high };

	for (int end = AT_MEAN; end <= AT_HIGH; end++)
		if (!check_simulate(row,
				    check_scenario(row, size, profile, place, copies_per_s,
						   (enum price_end)end),
				    (enum price_end)end, into[end], error))
			return false;
	return true;
}

/* --- judged ------------------------------------------------------------------------ */

/* What the host has changed by since the profile was made widens what was stated, too. */
static void judge_row(struct check *check, struct check_result *result)
{
	double wider = 1 + fmax(check->drift, check->off), low = result->low / wider;
	double high = result->high * wider;

	result->error = result->predicted / result->measured - 1;
	result->inside = 0;
	for (size_t i = 0; i < result->times; i++)
		result->inside += result->measured_ns[i] >= low && result->measured_ns[i] <= high;
	result->median_inside = result->measured >= low && result->measured <= high;
	check->times += result->times;
	check->inside_times += result->inside;
	check->inside += result->median_inside;
}

static bool was_made(const struct check_result *result)
{
	return !result->left_out && result->times;
}

/* How far the reference is from what the profile says: 0.1 for 10 % more or less. */
static void take_reference(struct check *check)
{
	for (size_t i = 0; i < check_row_count; i++) {
		struct check_result *result = &check->rows[i];

		if (!was_made(result))
			continue;
		result->measured = median_of(result->measured_ns, result->times);
		if (check_rows[i].reference)
			check->off = fmax(result->predicted, result->measured) /
					     fmin(result->predicted, result->measured) -
				     1;
	}
}

void check_judge(struct check *check)
{
	double errors[64] = { 0 };
	size_t count = 0;

	check->made = check->inside = check->inside_times = check->times = 0;
	check->largest_error = check->off = 0;
	take_reference(check);
	for (size_t i = 0; i < check_row_count; i++) {
		struct check_result *result = &check->rows[i];

		if (!was_made(result))
			continue;
		judge_row(check, result);
		check->made++;
		if (check_rows[i].reference)
			continue;
		errors[count++] = fabs(result->error);
		check->largest_error = fmax(check->largest_error, fabs(result->error));
	}
	check->median_error = median_of(errors, count);
	check->still = check->still_before && check->drift <= CALIBRATE_DRIFT_MOST &&
		       check->off <= CALIBRATE_DRIFT_MOST && check->others <= CALIBRATE_OTHERS_MOST;
	check->good =
		count > 0 && (double)check->inside >= CHECK_INSIDE_LEAST * (double)check->made;
	if (check->still)
		check->good = check->good && check->median_error <= CHECK_MEDIAN_MOST &&
			      check->largest_error <= CHECK_LARGEST_MOST;
}

/* --- the whole ------------------------------------------------------------------------ */

static const char *missing_term(const struct check_row *row, const json_t *profile)
{
	const json_t *costs = json_object_get(profile, "costs");

	for (size_t i = 0; i < 4 && row->terms[i]; i++)
		if (!json_object_get(costs, row->terms[i]))
			return row->terms[i];
	return NULL;
}

static void leave_out(struct check *check, const json_t *profile, const struct place *place)
{
	for (size_t i = 0; i < check_row_count; i++) {
		struct check_result *result = &check->rows[i];
		const char *term = missing_term(&check_rows[i], profile), *why;

		if (place_lacks(place, check_rows[i].needs, &why))
			snprintf(result->why, sizeof(result->why), "%s", why);
		else if (term)
			snprintf(result->why, sizeof(result->why), "the profile has no %s", term);
		result->left_out = result->why[0] ? result->why : NULL;
	}
}

/* In turns; the last times of the reference are at the end. */
static bool measure_all(struct check *check, const struct place *place, unsigned int shrink,
			const struct calibrate_options *options, struct error *error)
{
	unsigned int times = options->quick ? 3 : CHECK_TIMES - 2;
	double *reference = check->rows[0].measured_ns;

	for (unsigned int time = 0; time < times; time++) {
		for (size_t n = 0; n < check_row_count; n++) {
			size_t i = time % 2 ? check_row_count - 1 - n : n;
			struct check_result *result = &check->rows[i];

			if (options->progress)
				options->progress(time, times, check_rows[i].name,
						  options->progress_data);
			if (!result->left_out &&
			    !measure(result, &check_rows[i], size_on(&check_rows[i], shrink), place,
				     error))
				return false;
		}
	}
	for (int i = 0; i < 2 && !check->rows[0].left_out; i++)
		if (!measure(&check->rows[0], &check_rows[0], size_on(&check_rows[0], shrink),
			     place, error))
			return false;
	if (!check->rows[0].left_out)
		check->drift = drift_between(reference, 2, reference + check->rows[0].times - 3, 3);
	return true;
}

bool check_run(struct check *check, const json_t *profile, const struct place *place,
	       bool still_before, const struct calibrate_options *options, struct error *error)
{
	unsigned int shrink = calibrate_shrink(place, options->quick);
	double copies_per_s = 0;
	struct cpu_times begin, end;

	*check = (struct check){ .rows = memory_array(check_row_count, sizeof(*check->rows),
						      "experiments", error),
				 .still_before = still_before };
	if (!check->rows)
		return false;
	leave_out(check, profile, place);
	place_others(NULL, &begin);
	if (!copying_speed(place, &copies_per_s, error) ||
	    !measure_all(check, place, shrink, options, error))
		return false;
	check->others = place_others(&begin, &end);
	for (size_t i = 0; i < check_row_count; i++)
		if (!check->rows[i].left_out &&
		    !predict(&check->rows[i], &check_rows[i], size_on(&check_rows[i], shrink),
			     profile, place, copies_per_s, error))
			return false;
	check_judge(check);
	return true;
}

void check_fini(struct check *check)
{
	free(check->rows);
	check->rows = NULL;
}

static void print_check(const struct check *check, FILE *out)
{
	fputs("\nExperiments that gave no price\n"
	      "  experiment\tmeasured\tpredicted\tstated interval\terror\tinside\n",
	      out);
	for (size_t i = 0; i < check_row_count; i++) {
		const struct check_result *result = &check->rows[i];

		if (result->left_out) {
			print_visible(out, "  %s: left out: %s\n", check_rows[i].name,
				      result->left_out);
			continue;
		}
		fprintf(out, "  %s\t%s\t%s\t%s\t%+.1f %%\t%zu of %zu%s\n", check_rows[i].name,
			VALUE(UNIT_NANOSECONDS, result->measured),
			VALUE(UNIT_NANOSECONDS, result->predicted),
			RANGE(UNIT_NANOSECONDS, result->low, result->high), 100 * result->error,
			result->inside, result->times,
			result->median_inside ? "" : ", the median outside");
	}
	fprintf(out,
		"\nThe first experiment differed by %.2g %% at the end, and by %.2g %% from what "
		"the "
		"profile says: the host %s.\n",
		100 * check->drift, 100 * check->off,
		check->still ? "stood still" : "did not stand still");
	fprintf(out,
		"Errors: median %.3g %%, largest %.3g %%%s. Intervals hold %zu of %zu medians and "
		"%zu of %zu single times.\n%s\n",
		100 * check->median_error, 100 * check->largest_error,
		check->still ? " (at most 10 % and 25 %)" : "", check->inside, check->made,
		check->inside_times, check->times,
		check->good ? "Within the tolerance." : "NOT within the tolerance.");
}

bool check_print(const struct check *check, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_check(check, layout.stream);
	return layout_close(&layout, error) && report_check(out, error);
}
