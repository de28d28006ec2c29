/* What `sim run FILE --format json` writes, and what a page carries. */

#include "report/shapes.h"

#include "report/result.h"

/* --- what it was run from, of every document that stands alone --------------- */

static const struct member trace_members[] = {
	{ "sha256", SHAPE_TEXT, .help = "of the file's bytes, as sha256sum has it" },
	{ "bytes", SHAPE_WHOLE, .help = "size of the file" },
	{ "text", SHAPE_TEXT,
	  .help = "what is in it, unpacked; null: it is larger than 256 KiB, and must be where it "
		  "was",
	  .null = true },
	{ 0 },
};
static const struct shape trace_shape = { "trace", "A text that the scenario names.", trace_members,
					  NULL, 0 };

static const struct member costs_members[] = {
	{ "memory_bandwidth", SHAPE_ELSEWHERE,
	  .help = "that of the host, as a cost profile has it (docs/profile.md); null: the "
		  "scenario says it" },
	{ "models", SHAPE_ELSEWHERE,
	  .help = "of each model of a guest, each of its prices by name: mean, cv, range, status, "
		  "source and "
		  "what it shares, in the words of a cost profile" },
	{ 0 },
};
static const struct shape costs_shape = { "resolved prices",
					  "Every price as it was charged, whatever said it: the "
					  "model, a platform, a profile.",
					  costs_members, NULL, 0 };

/* A scenario that was made in memory has only a name. */
static const struct member carried_members[] = {
	{ "name", SHAPE_TEXT, .help = "of the scenario" },
	{ "file", SHAPE_TEXT, .optional = true, .help = "as it was given on the command line" },
	{ "sha256", SHAPE_TEXT, .optional = true,
	  .help = "of the file's bytes and those of what it names, or of a canonical text once "
		  "--set changed "
		  "it" },
	{ "document", SHAPE_ELSEWHERE, .optional = true,
	  .help = "the scenario with --set applied (docs/scenario.md)" },
	{ "resolved", SHAPE_ELSEWHERE, .optional = true,
	  .help = "the same with every default filled in: what it was, should defaults change" },
	{ "files", SHAPE_ELSEWHERE, .optional = true,
	  .help = "the cost profiles and designs that it names, by these names (docs/profile.md, "
		  "docs/design-language.md)" },
	{ "traces", SHAPE_MAP, .optional = true, .help = "the traces that it names, by these names",
	  .of = &trace_shape },
	{ "costs", SHAPE_OBJECT, .optional = true,
	  .help = "its prices; they are charged when it is run again", .of = &costs_shape },
	{ 0 },
};
const struct shape carried_shape = { "stored scenario",
				     "All that is needed to run it again (docs/results.md).",
				     carried_members, NULL, 0 };

static const struct member stored_members[] = {
	{ "scenario", SHAPE_OBJECT,
	  .help = "what every command that takes a scenario takes from it", .of = &carried_shape },
	{ 0 },
};
const struct shape stored_scenario_shape = {
	"stored scenario by itself",
	"Of `sim replay FILE --extract FILE`: a scenario with its files, traces and prices.",
	stored_members, "sim-scenario", 1
};

/* --- the result -------------------------------------------------------------- */

static const struct member options_members[] = {
	{ "study", SHAPE_TEXT, .help = "--study", .choices = study_names },
	{ "uncertainty", SHAPE_WHOLE,
	  .help = "--uncertainty; 0: as many draws as the study affords" },
	{ 0 },
};
const struct shape study_options_shape = {
	"options", "Those of the command line that are not in the scenario.", options_members, NULL,
	0
};

static const struct member provenance_members[] = {
	{ "version", SHAPE_TEXT, .help = "of sim" },
	{ "commit", SHAPE_TEXT,
	  .help = "that sim was built from, \"-dirty\" behind it when its files were changed; "
		  "null: not known",
	  .null = true },
	{ "platform", SHAPE_TEXT,
	  .help = "that the prices are of; null: of no machine in particular", .null = true },
	{ "seed", SHAPE_WHOLE, .help = "of all random numbers" },
	{ "scenario_sha256", SHAPE_TEXT, .help = "as scenario.sha256" },
	{ "costs_sha256", SHAPE_TEXT, .help = "of all resolved prices" },
	{ "replications", SHAPE_WHOLE, .help = "that were run" },
	{ "deterministic", SHAPE_FLAG,
	  .help = "no random number was drawn: one replication is exact" },
	{ "exact_pages", SHAPE_FLAG, .help = "every page was an event" },
	{ "warm_up_ns", SHAPE_WHOLE, .help = "what was asked for before is not in the result" },
	{ "stopping", SHAPE_TEXT, .help = "why so many replications" },
	{ "options", SHAPE_OBJECT, .help = "of the command", .of = &study_options_shape },
	{ "events", SHAPE_WHOLE, .help = "that fired, over all replications" },
	{ "assumed", SHAPE_TEXTS,
	  .help = "prices without evidence across whose ranges the answer moves by 1 % or more" },
	{ 0 },
};
static const struct shape provenance_shape = { "provenance", "Where the numbers come from.",
					       provenance_members, NULL, 0 };

static const struct member answer_members[] = {
	{ "metric", SHAPE_TEXT, .help = "the first line's" },
	{ "group", SHAPE_TEXT, .help = "guest" },
	{ "unit", SHAPE_TEXT, .help = "of all values here", .choices = unit_names },
	{ "mean", SHAPE_NUMBER, .help = "of all observations", .null = true },
	{ "ci95", SHAPE_INTERVAL, .help = "95 % confidence of the mean", .null = true },
	{ "band95", SHAPE_INTERVAL,
	  .help = "the mean in 95 % of draws of all prices over their ranges" },
	{ "p50", SHAPE_WHOLE, .help = "median", .null = true },
	{ "p50_ci95", SHAPE_INTERVAL, .help = "its 95 % confidence", .null = true },
	{ "p99", SHAPE_WHOLE, .help = "99th percentile", .null = true },
	{ "p99_ci95", SHAPE_INTERVAL, .help = "its 95 % confidence", .null = true },
	{ "slow_from", SHAPE_WHOLE, .help = "the slowest hundredth takes at least so long",
	  .null = true },
	{ "slow_n", SHAPE_WHOLE, .help = "how many these are" },
	{ "prices", SHAPE_INTERVAL,
	  .help = "the mean with all prices at their low, at their high ends" },
	{ "assumptions", SHAPE_INTERVAL, .help = "deprecated, goes with version 2: as `prices`" },
	{ 0 },
};
static const struct shape answer_shape = { "answer", "The first line.", answer_members, NULL, 0 };

static const struct member metric_members[] = {
	{ "name", SHAPE_TEXT, .help = "docs/scenario.md lists them" },
	{ "group", SHAPE_TEXT, .help = "guest, or host" },
	{ "unit", SHAPE_TEXT, .help = "of all values here", .choices = unit_names },
	{ "n", SHAPE_WHOLE, .help = "observations over all replications" },
	{ "mean", SHAPE_NUMBER, .help = "of them", .null = true },
	{ "ci95", SHAPE_INTERVAL, .help = "95 % confidence of the mean", .null = true },
	{ "min", SHAPE_WHOLE, .help = "smallest", .null = true },
	{ "p50", SHAPE_WHOLE, .help = "median", .null = true },
	{ "p90", SHAPE_WHOLE, .help = "90th percentile", .null = true },
	{ "p99", SHAPE_WHOLE, .help = "99th percentile", .null = true },
	{ "p999", SHAPE_WHOLE, .help = "99.9th percentile", .null = true },
	{ "max", SHAPE_WHOLE, .help = "largest", .null = true },
	{ "reason", SHAPE_TEXT, .help = "why values are null; null: none is", .null = true },
	{ 0 },
};
static const struct shape metric_shape = { "metric", "What was observed.", metric_members, NULL,
					   0 };

static const struct member part_members[] = {
	{ "metric", SHAPE_TEXT, .help = "whose part it is" },
	{ "group", SHAPE_TEXT, .help = "guest" },
	{ "flow", SHAPE_TEXT, .help = "that the thread was in" },
	{ "step", SHAPE_TEXT, .help = "of it" },
	{ "where", SHAPE_TEXT, .help = "function of kernel, QEMU, guest or firmware" },
	{ "mean", SHAPE_NUMBER,
	  .help = "ns of each observation; parts sum up to the metric's mean" },
	{ "share", SHAPE_NUMBER, .help = "of that mean" },
	{ "slow_mean", SHAPE_NUMBER, .help = "the same of the slowest hundredth", .null = true },
	{ "slow_share", SHAPE_NUMBER, .help = "of its mean", .null = true },
	{ "if_free", SHAPE_NUMBER,
	  .help = "mean of the answer if the step took no time; null: not run", .null = true },
	{ "band95", SHAPE_INTERVAL,
	  .help = "`mean` in 95 % of draws of all prices, of each part of the answer by itself; "
		  "null: "
		  "not drawn, or no end in time",
	  .null = true },
	{ 0 },
};
static const struct shape part_shape = { "part", "Where the time of a latency went.", part_members,
					 NULL, 0 };

static const struct member capacity_members[] = {
	{ "name", SHAPE_TEXT,
	  .help = "cores, memory bandwidth, those that the scenario names, crowds" },
	{ "unit", SHAPE_TEXT, .help = "of the amount", .null = true },
	{ "amount", SHAPE_NUMBER, .help = "of all hosts", .null = true },
	{ "used", SHAPE_NUMBER, .help = "share of it, on average", .null = true },
	{ "lost_ns", SHAPE_NUMBER, .help = "what threads lost for want of it in a replication" },
	{ "if_twice", SHAPE_NUMBER, .help = "mean of the answer with twice as much; null: not run",
	  .null = true },
	{ 0 },
};
static const struct shape capacity_shape = { "capacity", "What threads share.", capacity_members,
					     NULL, 0 };

static const struct member counter_members[] = {
	{ "name", SHAPE_TEXT, .help = "\"fallbacks\", \"failures.EIO\", a price that was charged" },
	{ "group", SHAPE_TEXT, .help = "guest, or host" },
	{ "value", SHAPE_WHOLE, .help = "over all replications" },
	{ "mean", SHAPE_NUMBER, .help = "of a replication" },
	{ 0 },
};
static const struct shape counter_shape = { "counter", "What was counted.", counter_members, NULL,
					    0 };

static const struct member shortage_members[] = {
	{ "limit", SHAPE_TEXT, .help = "what ran out" },
	{ "unit", SHAPE_TEXT, .help = "of both numbers", .choices = unit_names },
	{ "asked", SHAPE_WHOLE, .help = "for so much" },
	{ "left", SHAPE_WHOLE, .help = "of it" },
	{ 0 },
};
static const struct shape shortage_shape = { "shortage", "The first time of such a failure.",
					     shortage_members, NULL, 0 };

static const struct member failure_members[] = {
	{ "group", SHAPE_TEXT, .help = "guest" },
	{ "operation", SHAPE_TEXT, .help = "that failed" },
	{ "errno", SHAPE_TEXT, .help = "why" },
	{ "flow", SHAPE_TEXT, .help = "in which" },
	{ "step", SHAPE_TEXT, .help = "of it" },
	{ "where", SHAPE_TEXT, .help = "its function" },
	{ "recovered", SHAPE_FLAG, .help = "it went on another way" },
	{ "count", SHAPE_WHOLE, .help = "over all replications" },
	{ "short_of", SHAPE_OBJECT, .help = "what ran out; null: nothing did",
	  .of = &shortage_shape, .null = true },
	{ "oom_killer", SHAPE_TEXT, .help = "why it took the process; null: it did not",
	  .null = true },
	{ 0 },
};
static const struct shape failure_shape = { "failure", "Operations that failed at one step.",
					    failure_members, NULL, 0 };

static const struct member price_members[] = {
	{ "term", SHAPE_TEXT, .help = "cost term" },
	{ "group", SHAPE_TEXT, .help = "guest that paid it, or host" },
	{ "status", SHAPE_TEXT, .help = "its evidence", .choices = term_status_names },
	{ "unit", SHAPE_TEXT, .help = "ns" },
	{ "mean", SHAPE_NUMBER, .help = "of one unit" },
	{ "range", SHAPE_INTERVAL, .help = "that its mean may lie in" },
	{ "at_stake", SHAPE_NUMBER,
	  .help = "by how much its ends differ in what is charged for an operation of the answer" },
	{ "moved", SHAPE_FLAG, .help = "it was run at both ends by itself" },
	{ "answer", SHAPE_INTERVAL, .help = "mean of the answer then" },
	{ "source", SHAPE_TEXT, .help = "where the price comes from" },
	{ "mattered", SHAPE_FLAG, .help = "the answer moves by 1 % or more" },
	{ 0 },
};
static const struct shape price_shape = { "price", "A price that was charged.", price_members, NULL,
					  0 };

static const struct member study_members[] = {
	{ "asked", SHAPE_TEXT, .help = "--study", .choices = study_names },
	{ "budget_events", SHAPE_WHOLE, .help = "that it might fire; null: any number",
	  .null = true },
	{ "events", SHAPE_WHOLE, .help = "that it did" },
	{ "replications", SHAPE_WHOLE, .help = "of each of its runs" },
	{ "usual_replications", SHAPE_WHOLE, .help = "if there were no bound" },
	{ "terms_left", SHAPE_WHOLE, .help = "prices that were not moved alone" },
	{ "steps_left", SHAPE_WHOLE, .help = "large steps that were not made free" },
	{ "slow_left", SHAPE_WHOLE, .help = "operations of the slowest hundredth not looked at" },
	{ 0 },
};
static const struct shape study_shape = { "study", "What was run again with other prices.",
					  study_members, NULL, 0 };

static const struct member caveat_members[] = {
	{ "text", SHAPE_TEXT, .help = "what the model wants said plainly" },
	{ "terms", SHAPE_TEXT, .help = "of which prices" },
	{ "answer", SHAPE_INTERVAL, .help = "its mean with these at their ends" },
	{ 0 },
};
static const struct shape caveat_shape = { "caveat", "Of prices that nobody has published.",
					   caveat_members, NULL, 0 };

static const struct member uncertainty_members[] = {
	{ "by", SHAPE_TEXT, .help = "draws of all prices over their ranges, or all at either end",
	  .choices = band_names },
	{ "draws", SHAPE_WHOLE, .help = "that were made" },
	{ "terms", SHAPE_WHOLE, .help = "prices that have a range" },
	{ "median", SHAPE_NUMBER, .help = "of the draws' means", .null = true },
	{ "band95", SHAPE_INTERVAL, .help = "95 % of them" },
	{ 0 },
};
static const struct shape uncertainty_shape = { "uncertainty",
						"What the ranges of all prices do to the answer.",
						uncertainty_members, NULL, 0 };

static const struct member bounds_members[] = {
	{ "low", SHAPE_NUMBER, .help = "bound of the probability to exceed it, or of the mean",
	  .null = true },
	{ "estimate", SHAPE_NUMBER, .help = "of that", .null = true },
	{ "high", SHAPE_NUMBER, .help = "bound", .null = true },
	{ "allowed", SHAPE_NUMBER, .help = "so much may be", .null = true },
	{ "observed", SHAPE_NUMBER, .help = "the quantile or the mean itself", .null = true },
	{ "needed", SHAPE_NUMBER,
	  .help = "replications that would decide; 0: it is decided, null: none would",
	  .null = true },
	{ 0 },
};
const struct shape bounds_shape = { "bounds", "How a sample stands to a limit.", bounds_members,
				    NULL, 0 };

static const struct member objective_members[] = {
	{ "metric", SHAPE_TEXT, .help = "that is limited" },
	{ "group", SHAPE_TEXT, .help = "guest; null: all", .null = true },
	{ "unit", SHAPE_TEXT, .help = "of at_most and value", .choices = unit_names },
	{ "quantile", SHAPE_NUMBER, .help = "of it; null: the mean", .null = true },
	{ "at_most", SHAPE_NUMBER, .help = "the limit" },
	{ "value", SHAPE_NUMBER, .help = "that was found", .null = true },
	{ "met", SHAPE_FLAG, .help = "it is at most the limit, for sure" },
	{ "verdict", SHAPE_TEXT, .help = "met, missed or undecided", .choices = judgement_names },
	{ "bounds", SHAPE_OBJECT, .help = "on which it is judged", .of = &bounds_shape },
	{ "reason", SHAPE_TEXT, .help = "why there is no value", .null = true },
	{ 0 },
};
static const struct shape objective_shape = { "objective", "A limit of the scenario.",
					      objective_members, NULL, 0 };

static const struct member worst_members[] = {
	{ "metric", SHAPE_TEXT, .help = "whose" },
	{ "group", SHAPE_TEXT, .help = "guest, or host" },
	{ "replication", SHAPE_WHOLE, .help = "from 0; sim replay --worst runs it again" },
	{ "value", SHAPE_WHOLE, .help = "its largest observation" },
	{ 0 },
};
static const struct shape worst_shape = { "worst", "Where the largest observation is.",
					  worst_members, NULL, 0 };

static const struct member distribution_members[] = {
	{ "metric", SHAPE_TEXT, .help = "whose" },
	{ "group", SHAPE_TEXT, .help = "guest, or host" },
	{ "unit", SHAPE_TEXT, .help = "of the values", .choices = unit_names },
	{ "n", SHAPE_WHOLE, .help = "observations" },
	{ "quantiles", SHAPE_ROWS,
	  .help = "[share, value]: so large a share is at most the value" },
	{ 0 },
};
static const struct shape distribution_shape = { "distribution", "Of a metric with several values.",
						 distribution_members, NULL, 0 };

static const struct member by_replication_members[] = {
	{ "metric", SHAPE_TEXT, .help = "whose" },
	{ "group", SHAPE_TEXT, .help = "guest, or host" },
	{ "unit", SHAPE_TEXT, .help = "of the means", .choices = unit_names },
	{ "sums", SHAPE_NUMBERS, .help = "of the observations of each replication, from 0" },
	{ "counts", SHAPE_NUMBERS, .help = "how many each has; null: one", .null = true },
	{ 0 },
};
static const struct shape by_replication_shape = { "replications of a metric",
						   "What each replication observed: stored results "
						   "of the same seed are compared pair by pair.",
						   by_replication_members, NULL, 0 };

static const struct member account_members[] = {
	{ "vms", SHAPE_TEXT, .help = "arrived, started, rejected, waiting, failed" },
	{ "details", SHAPE_TEXT, .help = "why, and what became of those that started" },
	{ 0 },
};
static const struct shape account_shape = { "account", "The first lines of a fleet's report.",
					    account_members, NULL, 0 };

static const struct member result_members[] = {
	{ "scenario", SHAPE_OBJECT, .help = "what was run", .of = &carried_shape },
	{ "provenance", SHAPE_OBJECT, .help = "where the numbers come from",
	  .of = &provenance_shape },
	{ "account", SHAPE_OBJECT, .help = "of a fleet: what became of its VMs",
	  .of = &account_shape, .null = true },
	{ "answer", SHAPE_OBJECT, .help = "the first line; null: no operation has ended",
	  .of = &answer_shape, .null = true },
	{ "metrics", SHAPE_OBJECTS, .help = "all that was observed", .of = &metric_shape },
	{ "breakdown", SHAPE_OBJECTS, .help = "where the time of each latency went",
	  .of = &part_shape },
	{ "capacities", SHAPE_OBJECTS, .help = "what threads share", .of = &capacity_shape },
	{ "counters", SHAPE_OBJECTS, .help = "what was counted", .of = &counter_shape },
	{ "failures", SHAPE_OBJECTS, .help = "the most frequent first", .of = &failure_shape },
	{ "prices", SHAPE_OBJECTS,
	  .help = "all that were charged and have a range, largest effect first",
	  .of = &price_shape },
	{ "assumptions", SHAPE_OBJECTS, .help = "deprecated, goes with version 2: as `prices`",
	  .of = &price_shape },
	{ "study", SHAPE_OBJECT, .help = "what was run again with other prices",
	  .of = &study_shape },
	{ "caveat", SHAPE_OBJECT, .help = "of prices that nobody has published",
	  .of = &caveat_shape, .null = true },
	{ "uncertainty", SHAPE_OBJECT, .help = "what the ranges of all prices do to the answer",
	  .of = &uncertainty_shape, .null = true },
	{ "notes", SHAPE_TEXTS, .help = "what must be known besides the numbers" },
	{ "objectives", SHAPE_OBJECTS, .help = "limits of the scenario", .of = &objective_shape },
	{ "worst", SHAPE_OBJECTS, .help = "where the largest observations are",
	  .of = &worst_shape },
	{ "distributions", SHAPE_OBJECTS, .help = "of metrics with several values",
	  .of = &distribution_shape },
	{ "by_replication", SHAPE_OBJECTS,
	  .help = "the answer first, and as many more metrics as fit 65536 numbers",
	  .of = &by_replication_shape },
	{ 0 },
};
const struct shape result_shape = { "result",
				    "Of `sim run FILE --format json`, and in the page of `sim "
				    "report`. Observed values are whole "
				    "numbers, means have 15 digits; what does not exist is null.",
				    result_members, "sim-result", 1 };
