#include "scenario/metric_reference.h"

#include "flow/metric_kind.h"

static const char *const observed[METRIC_OBSERVED] = {
	[EACH_REQUEST] = "of each request",  [EACH_TIME] = "each time",
	[SUM] = "sum of a replication",      [HIGHEST] = "highest of a replication",
	[MEAN_OVER_TIME] = "mean over time",
};
static const char *const needs[] = {
	[NEEDS_NOTHING] = "",
	[NEEDS_OPERATION] = "; of strategies that offer it",
	[NEEDS_STALLS] = "; of models with such exits",
	[NEEDS_FLEET] = "; of fleets",
	[NEEDS_EVACUATIONS] = "; of fleets with evacuations",
};

static void print_counters(FILE *out)
{
	fputs("## Counters\n\nWhole numbers over all replications. Each cost term has one, too: "
	      "how often it was charged.\n\n| counter | unit | meaning |\n|---|---|---|\n",
	      out);
	for (size_t i = 0; i < COUNTER_KINDS; i++)
		fprintf(out, "| `%s` | %s | %s |\n", counter_kinds[i].name,
			unit_names[counter_kinds[i].unit], counter_kinds[i].help);
	fputc('\n', out);
}

void metrics_print_reference(FILE *out)
{
	fputs("## Metrics\n\nWhat `experiment.metrics`, `objectives[]` and `plan` may name. Words "
	      "in capitals stand for the names of locks and errnos. Each guest has metrics of its "
	      "own, or the host has one.\n\n| metric | unit | of | observed | meaning |\n"
	      "|---|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < METRIC_KINDS; i++) {
		const struct metric_kind *kind = &metric_kinds[i];

		fprintf(out, "| `%s` | %s | %s | %s | %s%s |\n", kind->name, unit_names[kind->unit],
			kind->of == OF_HOST ? "host" : "guest", observed[kind->observed],
			kind->help, needs[kind->needs]);
	}
	fputc('\n', out);
	print_counters(out);
}
