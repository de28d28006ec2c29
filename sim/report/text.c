/* The report for people: the answer first, then why, then how sure. */

#include <string.h>

#include "base/layout.h"
#include "report/account.h"
#include "report/output.h"
#include "report/text_parts.h"
#include "report/text_tools.h"

static const double least_share = 0.005; /* smaller steps are folded into one line */

static bool is_latency(const struct result_metric *metric)
{
	const struct metric_kind *kind = metric_kind_of(metric->name);

	return kind && kind->observed == EACH_REQUEST;
}

/* --- the answer ------------------------------------------------------------ */

static void print_quantile(FILE *out, const char *name, const struct result_metric *metric,
			   struct maybe value, struct maybe low, struct maybe high,
			   unsigned int needed)
{
	if (!value.exists) {
		fprintf(out, "n too small for %s (%llu of at least %u)", name,
			(unsigned long long)metric->n, needed);
		return;
	}
	fprintf(out, "%s %s", name, VALUE(metric->unit, value.value));
	if (low.exists && high.exists)
		fprintf(out, " (%s)", RANGE(metric->unit, low.value, high.value));
}

static void print_replications(FILE *out, const struct result *result)
{
	fprintf(out, "%llu replication%s", (unsigned long long)result->replications,
		result->replications == 1 ? "" : "s");
}

/* The number, and how sure it is in both ways: it never stands alone. */
static void print_headline(FILE *out, const struct result *result,
			   const struct result_metric *metric)
{
	const char *name = metric->name;

	/* "reboot.latency" of "db": "Reboot latency of db" */
	print_visible(out, "%c%.*s latency of %s: %s (", name[0] - 'a' + 'A',
		      (int)strcspn(name, ".") - 1, name + 1, metric->group,
		      VALUE(metric->unit, metric->mean.value));
	if (result->deterministic)
		fputs("deterministic", out);
	else if (metric->ci_low.exists && metric->ci_high.exists)
		fprintf(out, "95 %% confidence %s",
			RANGE(metric->unit, metric->ci_low.value, metric->ci_high.value));
	else
		fprintf(out, "no confidence interval: %s", metric->ci_low.reason);
	print_visible(out, "; %s)\n", BAND(metric->unit, &result->uncertainty, result->platform));
}

static void print_answer(FILE *out, const struct result *result, const struct result_metric *metric)
{
	const char *largest = VALUE(metric->unit, metric->max.value);
	char failed[ACCOUNT_LINE];

	print_headline(out, result, metric);
	if (account_of_failed(result, failed))
		print_visible(out, "  %s\n", failed);
	fputs("  ", out);
	if (result->deterministic) {
		fputs("one replication is exact", out);
		if (metric->n > 1)
			fprintf(out, ": mean of %llu; p50 %s, max %s",
				(unsigned long long)metric->n,
				VALUE(metric->unit, metric->p50.value), largest);
		fputc('\n', out);
		return;
	}
	print_replications(out, result);
	fputs("; ", out);
	print_quantile(out, "p50", metric, metric->p50, metric->p50_low, metric->p50_high, 6);
	fputs(", ", out);
	print_quantile(out, "p99", metric, metric->p99, metric->p99_low, metric->p99_high, 368);
	fprintf(out, ", max %s\n", largest);
}

static void print_other_latencies(FILE *out, const struct result *result)
{
	static const char none[] = "n too small";
	bool any = false;

	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (i == result->answer || !metric->n || !is_latency(metric))
			continue;
		if (!any)
			fputs("\nOther latencies\tof\tmean\tp50\tp99\tmax\n", out);
		any = true;
		print_visible(out, "  %s", metric->name);
		print_visible(out, "\t%s\t", metric->group);
		fprintf(out, "%s\t%s\t%s\t%s\n", MAYBE(metric->unit, metric->mean, none),
			MAYBE(metric->unit, metric->p50, none),
			MAYBE(metric->unit, metric->p99, none),
			MAYBE(metric->unit, metric->max, none));
	}
}

/* --- where the time goes ---------------------------------------------------- */

static bool has_free(const struct result *result)
{
	for (size_t i = 0; !result->view.all_steps && i < result->part_count; i++)
		if (result->parts[i].if_free.exists)
			return true;
	return false;
}

/* Each step has the band of its own mean. */
static bool has_bands(const struct result *result)
{
	for (size_t i = 0; result->view.all_steps && i < result->part_count; i++)
		if (result->parts[i].band_low.exists)
			return true;
	return false;
}

/* Its share, its share of the slowest hundredth, and what the answer would be without it. */
static void print_numbers(FILE *out, const struct result *result, const struct result_part *part)
{
	fprintf(out, "  %.1f %%\t%s\t", 100 * part->share, VALUE(UNIT_NANOSECONDS, part->mean));
	if (result->tail_from.exists)
		fprintf(out, "%.1f %%\t", 100 * part->tail_share);
	if (has_free(result))
		fprintf(out, "%s\t", MAYBE(UNIT_NANOSECONDS, part->if_free, ""));
	if (has_bands(result))
		fprintf(out, "%s\t",
			INTERVAL(UNIT_NANOSECONDS, part->band_low, part->band_high, ""));
}

/* Which operations the column of the slowest is of. */
static void print_slowest(FILE *out, const struct result *result,
			  const struct result_metric *metric)
{
	uint64_t looked_at = result->tail_count, left = result->study.slow_left;

	fprintf(out, "  slowest: share of %s%llu ", left ? "" : "the ",
		(unsigned long long)looked_at);
	if (left)
		fprintf(out, "of the %llu ", (unsigned long long)(looked_at + left));
	fprintf(out, "operations of %s and more (the slowest hundredth)\n",
		VALUE(metric->unit, result->tail_from.value));
}

static void print_breakdown(FILE *out, const struct result *result,
			    const struct result_metric *metric)
{
	struct result_part rest = { 0 };
	unsigned int folded = 0;

	fprintf(out, "\nWhere the time goes\n  share\ttime\t%s%s%sstep [function]\n",
		result->tail_from.exists ? "slowest\t" : "", has_free(result) ? "if free\t" : "",
		has_bands(result) ? "across prices\t" : "");
	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		if (!result_part_is_of(part, metric))
			continue;
		if (!result->view.all_steps && part->share < least_share &&
		    part->tail_share < least_share) {
			rest.mean += part->mean;
			rest.share += part->share;
			rest.tail_share += part->tail_share;
			folded++;
			continue;
		}
		print_numbers(out, result, part);
		print_visible(out, "%s [%s]\n", part->step, part->where);
	}
	if (folded) {
		print_numbers(out, result, &rest);
		fprintf(out, "%u smaller step%s\n", folded, folded == 1 ? "" : "s");
	}
	if (result->tail_from.exists)
		print_slowest(out, result, metric);
	if (has_bands(result))
		fputs("  across prices: 95 % of the draws over their ranges, of each step by "
		      "itself\n",
		      out);
}

/* --- what the reader chose -------------------------------------------------- */

static void print_metric(FILE *out, const struct result_metric *metric)
{
	print_visible(out, "  %s", metric->name);
	print_visible(out, "\t%s\t", metric->group);
	if (metric->n)
		fprintf(out, "%s\t%s\t%s\t%s\n", MAYBE(metric->unit, metric->mean, "-"),
			INTERVAL(metric->unit, metric->ci_low, metric->ci_high, "-"),
			MAYBE(metric->unit, metric->p99, "-"),
			MAYBE(metric->unit, metric->max, "-"));
	else
		fputs("never observed\n", out);
}

/* How many of the metrics are called so, and are printed. */
static size_t print_called(FILE *out, const struct result *result, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < result->metric_count; i++) {
		if (!result_is_called(&result->metrics[i], name))
			continue;
		if (out)
			print_metric(out, &result->metrics[i]);
		count++;
	}
	return count;
}

/* Each metric of its choice, of every guest, in the order of the choice. */
static void print_chosen(FILE *out, const struct result *result)
{
	const struct result_view *view = &result->view;

	fputs("Metric\tof\tmean\t95 % confidence\tp99\tmax\n", out);
	for (size_t k = 0; k < view->metric_count; k++)
		print_called(out, result, view->metrics[k]);
	for (size_t k = 0; k < view->metric_count; k++)
		if (!print_called(NULL, result, view->metrics[k]))
			fprintf(out, "%s: nothing of this scenario is observed so\n",
				view->metrics[k]);
}

static void print_provenance(FILE *out, const struct result *result)
{
	print_visible(out, "\nsim %s, scenario \"%s\", seed %llu, ", result->version,
		      result->scenario, (unsigned long long)result->seed);
	print_replications(out, result);
	fprintf(out, " (%s)", result->stopping);
	if (result->warm_up_ns)
		fprintf(out, ", observed from %s on",
			VALUE(UNIT_NANOSECONDS, (double)result->warm_up_ns));
	fputc('\n', out);
}

static void print_result(FILE *out, const struct result *result)
{
	struct account account;

	if (account_of(result, &account)) {
		print_visible(out, "%s.\n", account.vms);
		print_visible(out, "%s.\n\n", account.details);
	}
	if (result->view.metric_count) {
		print_chosen(out, result);
		text_objectives(out, result);
		print_provenance(out, result);
		return;
	}
	if (result->answer < result->metric_count) {
		const struct result_metric *metric = &result->metrics[result->answer];

		print_answer(out, result, metric);
		print_other_latencies(out, result);
		print_breakdown(out, result, metric);
		text_behind(out, result, metric->group);
		text_shared(out, result);
	} else {
		fputs(result_counter(result, counter_kinds[COUNTER_VMS_ARRIVED].name, NULL)
			      ? "No VM started: there is no latency to report.\n"
		      : result_nothing_succeeded(result)
			      ? "Nothing succeeded: every operation failed or was refused.\n"
			      : "No operation ended within experiment.until: there is no latency "
				"to report.\n",
		      out);
		text_failures(out, result, NULL);
	}
	if (result->alternatives)
		print_visible(out, "\n%s\n", result->alternatives);
	for (size_t i = 0; i < result->note_count; i++)
		print_visible(out, i ? "Note: %s\n" : "\nNote: %s\n", result->notes[i]);
	text_objectives(out, result);
	if (result->answer < result->metric_count)
		text_assumptions(out, result);
	print_provenance(out, result);
}

bool result_write_text(const void *what, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_result(layout.stream, what);
	return layout_close(&layout, error) && report_check(out, error);
}
