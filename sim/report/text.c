/* The report for people: the answer first, then why, then how sure. */

#include <string.h>

#include "report/formats.h"
#include "report/text_parts.h"
#include "report/text_tools.h"

static const double least_share = 0.005; /* smaller steps are folded into one line */
enum { NAME_WIDTH = 24, VALUE_WIDTH = 14 };

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
	fprintf(out, "%s ", name);
	print_value(out, metric->unit, value.value);
	if (low.exists && high.exists) {
		fputs(" (", out);
		print_range(out, metric->unit, low.value, high.value);
		fputc(')', out);
	}
}

/* "reboot.latency" of "db": "Reboot latency of db". */
static void print_title(FILE *out, const struct result_metric *metric)
{
	const char *name = metric->name;
	int length = (int)strcspn(name, ".");

	fprintf(out, "%c%.*s latency of ", name[0] - 'a' + 'A', length - 1, name + 1);
	print_text(out, metric->group);
}

static void print_replications(FILE *out, const struct result *result)
{
	fprintf(out, "%llu replication%s", (unsigned long long)result->replications,
		result->replications == 1 ? "" : "s");
}

static void print_answer(FILE *out, const struct result *result, const struct result_metric *metric)
{
	print_title(out, metric);
	fputs(": ", out);
	print_value(out, metric->unit, metric->mean.value);
	fputs("  (", out);
	if (result->deterministic) {
		fputs("deterministic: one replication is exact)\n", out);
		if (metric->n == 1)
			return;
		fprintf(out, "  mean of %llu; p50 ", (unsigned long long)metric->n);
		print_value(out, metric->unit, metric->p50.value);
		fputs(", max ", out);
		print_value(out, metric->unit, metric->max.value);
		fputc('\n', out);
		return;
	}
	if (metric->ci_low.exists && metric->ci_high.exists) {
		fputs("95 % confidence ", out);
		print_range(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
	} else {
		fprintf(out, "no confidence interval: %s", metric->ci_low.reason);
	}
	fputs(", ", out);
	print_replications(out, result);
	fputs(")\n  ", out);
	print_quantile(out, "p50", metric, metric->p50, metric->p50_low, metric->p50_high, 6);
	fputs(", ", out);
	print_quantile(out, "p99", metric, metric->p99, metric->p99_low, metric->p99_high, 368);
	fputs(", max ", out);
	print_value(out, metric->unit, metric->max.value);
	fputc('\n', out);
}

static void print_cell(FILE *out, enum unit unit, struct maybe value)
{
	if (value.exists)
		print_value_in(out, unit, value.value, VALUE_WIDTH);
	else
		fprintf(out, "%*s", VALUE_WIDTH, "n too small");
}

static void print_other_latencies(FILE *out, const struct result *result)
{
	bool any = false;

	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (i == result->answer || !metric->n || !is_latency(metric))
			continue;
		if (!any)
			fprintf(out, "\n%-22s%-*s%*s%*s%*s%*s\n", "Other latencies", NAME_WIDTH,
				"of", VALUE_WIDTH, "mean", VALUE_WIDTH, "p50", VALUE_WIDTH, "p99",
				VALUE_WIDTH, "max");
		any = true;
		fputs("  ", out);
		print_text_in(out, metric->name, 20);
		print_text_in(out, metric->group, NAME_WIDTH);
		print_cell(out, metric->unit, metric->mean);
		print_cell(out, metric->unit, metric->p50);
		print_cell(out, metric->unit, metric->p99);
		print_cell(out, metric->unit, metric->max);
		fputc('\n', out);
	}
}

/* --- where the time goes ---------------------------------------------------- */

static void print_share(FILE *out, double share, double mean_ns)
{
	fprintf(out, "  %4.1f %%", 100 * share);
	print_value_in(out, UNIT_NANOSECONDS, mean_ns, 13);
}

/* Its share of the slowest hundredth, and what the answer would be without it. */
static void print_beyond_the_mean(FILE *out, const struct result *result, double tail_share,
				  bool any_free, struct maybe if_free)
{
	if (result->tail_from.exists)
		fprintf(out, "   %4.1f %%", 100 * tail_share);
	if (any_free && if_free.exists)
		print_value_in(out, UNIT_NANOSECONDS, if_free.value, 13);
	else if (any_free)
		fprintf(out, "%13s", "");
	fputs("  ", out);
}

static bool has_free(const struct result *result)
{
	for (size_t i = 0; i < result->part_count; i++)
		if (result->parts[i].if_free.exists)
			return true;
	return false;
}

static void print_breakdown(FILE *out, const struct result *result,
			    const struct result_metric *metric)
{
	double rest = 0, rest_share = 0, rest_tail = 0;
	unsigned int folded = 0;
	bool any_free = has_free(result);

	fprintf(out, "\nWhere the time goes\n  share          time%s%s  %-40s  function\n",
		result->tail_from.exists ? "  slowest" : "", any_free ? "      if free" : "",
		"step");
	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		if (!result_part_is_of(part, metric))
			continue;
		if (part->share < least_share && part->tail_share < least_share) {
			rest += part->mean;
			rest_share += part->share;
			rest_tail += part->tail_share;
			folded++;
			continue;
		}
		print_share(out, part->share, part->mean);
		print_beyond_the_mean(out, result, part->tail_share, any_free, part->if_free);
		print_text_in(out, part->step, 40);
		fputs("  ", out);
		print_text(out, part->where);
		fputc('\n', out);
	}
	if (folded) {
		print_share(out, rest_share, rest);
		print_beyond_the_mean(out, result, rest_tail, any_free, (struct maybe){ 0 });
		fprintf(out, "%u smaller step%s\n", folded, folded == 1 ? "" : "s");
	}
	if (result->tail_from.exists) {
		fprintf(out, "  slowest: share of the %llu operations of ",
			(unsigned long long)result->tail_count);
		print_value(out, metric->unit, result->tail_from.value);
		fputs(" and more (the slowest hundredth)\n", out);
	}
}

static void print_notes(FILE *out, const struct result *result)
{
	for (size_t i = 0; i < result->note_count; i++) {
		fputs(i ? "" : "\n", out);
		fputs("Note: ", out);
		print_text(out, result->notes[i]);
		fputc('\n', out);
	}
}

static void print_provenance(FILE *out, const struct result *result)
{
	fputs("\nsim ", out);
	print_text(out, result->version);
	fputs(", scenario \"", out);
	print_text(out, result->scenario);
	fprintf(out, "\", seed %llu, ", (unsigned long long)result->seed);
	print_replications(out, result);
	fprintf(out, " (%s)", result->stopping);
	if (result->warm_up_ns) {
		fputs(", observed from ", out);
		print_value(out, UNIT_NANOSECONDS, (double)result->warm_up_ns);
		fputs(" on", out);
	}
	fputc('\n', out);
}

static bool write_text(const struct result *result, FILE *out, struct error *error)
{
	if (result->answer < result->metric_count) {
		const struct result_metric *metric = &result->metrics[result->answer];

		print_answer(out, result, metric);
		print_other_latencies(out, result);
		print_breakdown(out, result, metric);
		text_behind(out, result, metric->group);
	} else {
		fputs("No operation ended within experiment.until: there is no latency to "
		      "report.\n",
		      out);
		text_failures(out, result, NULL);
	}
	print_notes(out, result);
	text_objectives(out, result);
	if (result->answer < result->metric_count)
		text_assumptions(out, result);
	print_provenance(out, result);
	return report_check(out, error);
}

const struct report_format format_text = { "text", "for people", write_text };
