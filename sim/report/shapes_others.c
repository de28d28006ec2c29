/* What other reports write: comparisons, plans, sensitivities, explanations, validations. */

#include "report/shapes.h"

#include "report/result.h"

static const char *const goals[] = { "max", "min", NULL };

/* --- comparison -------------------------------------------------------------- */

static const struct member beside_members[] = {
	{ "unit", SHAPE_TEXT, .help = "of the mean", .choices = unit_names },
	{ "mean", SHAPE_NUMBER, .help = "in this design", .null = true },
	{ 0 },
};
static const struct shape beside_shape = { "metric beside", "What else a design costs.",
					   beside_members, NULL, 0 };

static const struct member difference_members[] = {
	{ "step", SHAPE_TEXT, .help = "whose time differs" },
	{ "where", SHAPE_TEXT, .help = "its function" },
	{ "difference", SHAPE_NUMBER, .help = "ns of each operation, design less baseline" },
	{ 0 },
};
static const struct shape difference_shape = { "step that differs", "The largest come first.",
					       difference_members, NULL, 0 };

static const struct member design_part_members[] = {
	{ "metric", SHAPE_TEXT, .help = "the compared one" },
	{ "flow", SHAPE_TEXT, .help = "that the thread was in" },
	{ "step", SHAPE_TEXT, .help = "of it" },
	{ "where", SHAPE_TEXT, .help = "its function" },
	{ "mean", SHAPE_NUMBER, .help = "ns of each operation" },
	{ 0 },
};
static const struct shape design_part_shape = { "part of a design", "Where its time goes.",
						design_part_members, NULL, 0 };

static const struct member band_members[] = {
	{ "by", SHAPE_TEXT, .help = "draws of all prices over their ranges, or all at either end",
	  .choices = band_names },
	{ "draws", SHAPE_WHOLE, .help = "that were made, the same for all designs" },
	{ "terms", SHAPE_WHOLE, .help = "prices that have a range" },
	{ 0 },
};
static const struct shape band_shape = { "band", "How a band of prices was found.", band_members,
					 NULL, 0 };

static const struct member design_members[] = {
	{ "design", SHAPE_TEXT, .help = "the values that it has, or its file" },
	{ "baseline", SHAPE_FLAG, .help = "the others are compared with it" },
	{ "scenario", SHAPE_OBJECT,
	  .help = "what of it is else than in the baseline's, above; null: it is that",
	  .of = &carried_shape, .null = true },
	{ "options", SHAPE_OBJECT, .help = "of the stored result; null: it is none",
	  .of = &study_options_shape, .null = true },
	{ "n", SHAPE_WHOLE, .help = "observations" },
	{ "mean", SHAPE_NUMBER, .help = "of the metric", .null = true },
	{ "ci95", SHAPE_INTERVAL, .help = "95 % confidence of the mean", .null = true },
	{ "p50", SHAPE_WHOLE, .help = "median", .null = true },
	{ "p99", SHAPE_WHOLE, .help = "99th percentile", .null = true },
	{ "difference", SHAPE_NUMBER, .help = "of the means, design less baseline", .null = true },
	{ "difference_ci95", SHAPE_INTERVAL, .help = "its 95 % confidence; null: equal, or unknown",
	  .null = true },
	{ "ratio", SHAPE_NUMBER, .help = "of the means, design to baseline", .null = true },
	{ "ratio_ci95", SHAPE_INTERVAL, .help = "its 95 % confidence", .null = true },
	{ "variance_saved", SHAPE_NUMBER,
	  .help = "share of the difference's variance that pairing removed", .null = true },
	{ "paired_replications", SHAPE_WHOLE,
	  .help = "that the difference is of, the first of both; null: of all, as independent",
	  .null = true },
	{ "band95", SHAPE_INTERVAL, .help = "the mean in 95 % of draws of all prices",
	  .null = true },
	{ "difference_band95", SHAPE_INTERVAL, .help = "the same of the difference", .null = true },
	{ "band", SHAPE_OBJECT, .help = "how these were found", .of = &band_shape },
	{ "breakdown_difference", SHAPE_OBJECTS, .help = "where the difference comes from",
	  .of = &difference_shape, .null = true },
	{ "beside", SHAPE_MAP, .help = "other metrics, by their names", .of = &beside_shape },
	{ "breakdown", SHAPE_OBJECTS, .help = "where the time goes", .of = &design_part_shape },
	{ 0 },
};
static const struct shape design_shape = { "design", "One of those that are compared.",
					   design_members, NULL, 0 };

static const struct member comparison_provenance_members[] = {
	{ "version", SHAPE_TEXT, .help = "of sim" },
	{ "commit", SHAPE_TEXT, .help = "that sim was built from; null: not known", .null = true },
	{ "platform", SHAPE_TEXT, .help = "that the prices are of", .null = true },
	{ "seed", SHAPE_WHOLE, .help = "of all random numbers" },
	{ "replications", SHAPE_WHOLE, .help = "of each design" },
	{ "stopping", SHAPE_TEXT, .help = "why so many" },
	{ 0 },
};
static const struct shape comparison_provenance_shape = { "provenance of a comparison",
							  "Of the baseline.",
							  comparison_provenance_members, NULL, 0 };

static const struct member comparison_members[] = {
	{ "scenario", SHAPE_OBJECT, .help = "of the baseline", .of = &carried_shape },
	{ "over", SHAPE_TEXT, .help = "what differs" },
	{ "metric", SHAPE_TEXT, .help = "what is compared" },
	{ "unit", SHAPE_TEXT, .help = "of all values", .choices = unit_names },
	{ "paired", SHAPE_FLAG,
	  .help = "replication by replication, under the same random numbers" },
	{ "provenance", SHAPE_OBJECT, .help = "where the numbers come from",
	  .of = &comparison_provenance_shape },
	{ "designs", SHAPE_OBJECTS, .help = "in the order that was asked for",
	  .of = &design_shape },
	{ 0 },
};
const struct shape comparison_shape = { "comparison", "Of `sim compare FILE --format json`.",
					comparison_members, "sim-comparison", 2 };

/* --- plan ---------------------------------------------------------------------- */

static const struct member plan_limit_members[] = {
	{ "metric", SHAPE_TEXT, .help = "that is limited" },
	{ "group", SHAPE_TEXT, .help = "guest; null: all", .null = true },
	{ "unit", SHAPE_TEXT, .help = "of at_most", .choices = unit_names },
	{ "quantile", SHAPE_NUMBER, .help = "of it; null: the mean", .null = true },
	{ "at_most", SHAPE_NUMBER, .help = "the limit" },
	{ 0 },
};
static const struct shape plan_limit_shape = { "limit", "Of the plan.", plan_limit_members, NULL,
					       0 };

static const struct member look_members[] = {
	{ "value", SHAPE_NUMBER, .help = "that was looked at, in the plan's unit" },
	{ "text", SHAPE_TEXT, .help = "the same with its unit" },
	{ "verdict", SHAPE_TEXT, .help = "of all limits there" },
	{ "replications", SHAPE_WHOLE, .help = "at that value so far" },
	{ "fresh", SHAPE_FLAG, .help = "the confirmation, on random numbers of the next seed" },
	{ "binding", SHAPE_WHOLE, .help = "limit, from 0, that failed or has the least room" },
	{ "limits", SHAPE_OBJECTS, .help = "in the order of subject_to", .of = &bounds_shape },
	{ 0 },
};
static const struct shape look_shape = { "look", "At a value, with so many replications.",
					 look_members, NULL, 0 };

static const struct member cannot_run_members[] = {
	{ "value", SHAPE_NUMBER, .help = "the first that cannot be set up" },
	{ "text", SHAPE_TEXT, .help = "the same with its unit" },
	{ "reason", SHAPE_TEXT, .help = "why" },
	{ 0 },
};
static const struct shape cannot_run_shape = { "value that cannot run", "It ends the search.",
					       cannot_run_members, NULL, 0 };

static const struct member ends_members[] = {
	{ "at_low", SHAPE_NUMBER, .help = "estimate with all prices at their low ends",
	  .null = true },
	{ "at_high", SHAPE_NUMBER, .help = "at their high ends", .null = true },
	{ "allowed", SHAPE_NUMBER, .help = "so much may be", .null = true },
	{ "missed", SHAPE_FLAG, .help = "at one of them" },
	{ 0 },
};
static const struct shape ends_shape = { "limit at the ends of prices", "Of the answer's value.",
					 ends_members, NULL, 0 };

static const struct member plan_answer_members[] = {
	{ "for", SHAPE_TEXT, .help = "value of the second quantity", .null = true },
	{ "verdict", SHAPE_TEXT, .help = "meets, infeasible or unresolved" },
	{ "value", SHAPE_NUMBER, .help = "the answer, in the plan's unit", .null = true },
	{ "text", SHAPE_TEXT, .help = "the same with its unit", .null = true },
	{ "binds", SHAPE_TEXT,
	  .help = "metric of the limit that binds: that which the nearest value that does not "
		  "meet fails on; null: the range ends there, or what is beyond cannot run",
	  .null = true },
	{ "unresolved", SHAPE_FLAG,
	  .help = "the search met the end of its effort: a better value may do" },
	{ "monotone", SHAPE_FLAG, .help = "no easier value failed where a harder one met" },
	{ "replications", SHAPE_WHOLE, .help = "in all" },
	{ "alpha_each", SHAPE_NUMBER, .help = "of each verdict of the search" },
	{ "looks", SHAPE_OBJECTS,
	  .help = "in their order; sim replay --point counts them over all answers",
	  .of = &look_shape },
	{ "cannot_run", SHAPE_OBJECT, .help = "null: all can", .of = &cannot_run_shape,
	  .null = true },
	{ "failure", SHAPE_TEXT, .help = "why most operations failed at the next value",
	  .null = true },
	{ "prices", SHAPE_OBJECTS, .help = "each limit where prices are other; empty: not run",
	  .of = &ends_shape },
	{ 0 },
};
static const struct shape plan_answer_shape = { "plan's answer", "Of one search.",
						plan_answer_members, NULL, 0 };

static const struct member plan_provenance_members[] = {
	{ "version", SHAPE_TEXT, .help = "of sim" },
	{ "commit", SHAPE_TEXT, .help = "that sim was built from; null: not known", .null = true },
	{ "platform", SHAPE_TEXT, .help = "that the prices are of", .null = true },
	{ "seed", SHAPE_WHOLE, .help = "of all random numbers" },
	{ 0 },
};
static const struct shape plan_provenance_shape = { "provenance of a plan",
						    "Where the numbers come from.",
						    plan_provenance_members, NULL, 0 };

static const struct member plan_members[] = {
	{ "scenario", SHAPE_OBJECT, .help = "what was run", .of = &carried_shape },
	{ "vary", SHAPE_TEXT, .help = "pointer to what is sought" },
	{ "for_each", SHAPE_TEXT, .help = "pointer to a second quantity", .null = true },
	{ "between", SHAPE_INTERVAL, .help = "the range" },
	{ "unit", SHAPE_TEXT, .help = "of values: bytes, ns, another; null: plain numbers",
	  .null = true },
	{ "goal", SHAPE_TEXT, .help = "the largest or the smallest", .choices = goals },
	{ "alpha", SHAPE_NUMBER, .help = "of an unsafe recommendation" },
	{ "tolerance", SHAPE_NUMBER, .help = "so near the limit a value stays undecided" },
	{ "most", SHAPE_WHOLE, .help = "replications at a value" },
	{ "provenance", SHAPE_OBJECT, .help = "where the numbers come from",
	  .of = &plan_provenance_shape },
	{ "subject_to", SHAPE_OBJECTS, .help = "the limits", .of = &plan_limit_shape },
	{ "answers", SHAPE_OBJECTS, .help = "one, or one for each value of for_each",
	  .of = &plan_answer_shape },
	{ 0 },
};
const struct shape plan_shape = { "plan", "Of `sim plan FILE --format json`.", plan_members,
				  "sim-plan", 2 };

/* --- sensitivity ---------------------------------------------------------------- */

static const struct member swing_members[] = {
	{ "term", SHAPE_TEXT, .help = "cost term" },
	{ "group", SHAPE_TEXT, .help = "guest that pays it, or host" },
	{ "status", SHAPE_TEXT, .help = "its evidence", .choices = term_status_names },
	{ "value", SHAPE_NUMBER, .help = "of one unit, ns" },
	{ "range", SHAPE_INTERVAL, .help = "that it may lie in, ns" },
	{ "at_low", SHAPE_NUMBER, .help = "mean of the answer at its low end", .null = true },
	{ "at_high", SHAPE_NUMBER, .help = "at its high end", .null = true },
	{ "morris_mean", SHAPE_NUMBER, .help = "mean size of its effect wherever the others are",
	  .null = true },
	{ "morris_spread", SHAPE_NUMBER, .help = "standard deviation of that", .null = true },
	{ "source", SHAPE_TEXT, .help = "where the price comes from" },
	{ 0 },
};
static const struct shape swing_shape = { "swing", "Of one price.", swing_members, NULL, 0 };

static const struct member sensitivity_provenance_members[] = {
	{ "version", SHAPE_TEXT, .help = "of sim" },
	{ "commit", SHAPE_TEXT, .help = "that sim was built from; null: not known", .null = true },
	{ "platform", SHAPE_TEXT, .help = "that the prices are of", .null = true },
	{ "seed", SHAPE_WHOLE, .help = "of all random numbers" },
	{ "replications", SHAPE_WHOLE, .help = "of each variant" },
	{ "trajectories", SHAPE_WHOLE, .help = "of the Morris screening; 0: none" },
	{ "variants", SHAPE_WHOLE, .help = "that were run" },
	{ 0 },
};
static const struct shape sensitivity_provenance_shape = { "provenance of a sensitivity",
							   "Where the numbers come from.",
							   sensitivity_provenance_members, NULL,
							   0 };

static const struct member sensitivity_members[] = {
	{ "scenario", SHAPE_OBJECT, .help = "what was run", .of = &carried_shape },
	{ "metric", SHAPE_TEXT, .help = "the answer" },
	{ "group", SHAPE_TEXT, .help = "guest" },
	{ "unit", SHAPE_TEXT, .help = "of the answer", .choices = unit_names },
	{ "mean", SHAPE_NUMBER, .help = "of the answer" },
	{ "provenance", SHAPE_OBJECT, .help = "where the numbers come from",
	  .of = &sensitivity_provenance_shape },
	{ "terms", SHAPE_OBJECTS, .help = "largest swing first", .of = &swing_shape },
	{ 0 },
};
const struct shape sensitivity_shape = { "sensitivity", "Of `sim sensitivity FILE --format json`.",
					 sensitivity_members, "sim-sensitivity", 2 };

/* --- explanation ----------------------------------------------------------------- */

static const struct member measurement_members[] = {
	{ "where", SHAPE_TEXT, .help = "file and line, or option" },
	{ "scenario", SHAPE_TEXT, .help = "what it was then", .null = true },
	{ "metric", SHAPE_TEXT, .help = "that was measured" },
	{ "unit", SHAPE_TEXT, .help = "of all values", .choices = unit_names },
	{ "value", SHAPE_NUMBER, .help = "measured" },
	{ "operations", SHAPE_WHOLE, .help = "that it is of; null: very many", .null = true },
	{ "noise", SHAPE_NUMBER, .help = "standard deviation around the prediction", .null = true },
	{ "predicted", SHAPE_NUMBER, .help = "with the prices as they are", .null = true },
	{ "predicted_by_estimate", SHAPE_NUMBER, .help = "with the estimated ones", .null = true },
	{ "deviations", SHAPE_NUMBER, .help = "value less that, in standard deviations",
	  .null = true },
	{ 0 },
};
static const struct shape measurement_shape = { "measurement", "And what is predicted of it.",
						measurement_members, NULL, 0 };

static const struct member strategy_members[] = {
	{ "strategy", SHAPE_TEXT, .help = "of the model" },
	{ "own", SHAPE_FLAG, .help = "the scenario's" },
	{ "problem", SHAPE_TEXT, .help = "why it predicts nothing; then nothing else is here",
	  .optional = true },
	{ "predicted", SHAPE_NUMBER, .help = "of the first measurement", .null = true,
	  .optional = true },
	{ "chi_squared", SHAPE_NUMBER, .help = "of all measurements", .null = true,
	  .optional = true },
	{ "fits", SHAPE_FLAG, .help = "that is no more than 95 % of such sums", .optional = true },
	{ "at_ends_of_all_prices", SHAPE_INTERVAL, .help = "of the first measurement", .null = true,
	  .optional = true },
	{ 0 },
};
static const struct shape strategy_shape = { "strategy", "With the prices as they are.",
					     strategy_members, NULL, 0 };

static const struct member candidate_members[] = {
	{ "strategy", SHAPE_TEXT, .help = "of the model" },
	{ "own", SHAPE_FLAG, .help = "the scenario's" },
	{ "alike", SHAPE_TEXT, .help = "strategies that need the same" },
	{ "term", SHAPE_TEXT, .help = "the price that is moved" },
	{ "per", SHAPE_TEXT, .help = "its unit" },
	{ "value", SHAPE_NUMBER, .help = "ns, as it is", .null = true },
	{ "range", SHAPE_INTERVAL, .help = "ns, that it may lie in" },
	{ "needed", SHAPE_NUMBER, .help = "ns, to explain the measurements", .null = true },
	{ "share_of_way", SHAPE_NUMBER, .help = "to the end of the range; above 1: beyond it",
	  .null = true },
	{ "chi_squared", SHAPE_NUMBER, .help = "of all measurements then", .null = true },
	{ "fits", SHAPE_FLAG, .help = "that is no more than 95 % of such sums" },
	{ 0 },
};
static const struct shape candidate_shape = { "moved price", "A strategy with one price elsewhere.",
					      candidate_members, NULL, 0 };

static const struct member compared_members[] = {
	{ "strategy", SHAPE_TEXT, .help = "of the model" },
	{ "term", SHAPE_TEXT, .help = "the price that is moved; null: none", .null = true },
	{ 0 },
};
static const struct shape compared_shape = { "explanation", "One that is told from others.",
					     compared_members, NULL, 0 };

static const struct member apart_members[] = {
	{ "what", SHAPE_TEXT, .help = "to be measured" },
	{ "unit", SHAPE_TEXT, .help = "of the values", .choices = unit_names },
	{ "predicted", SHAPE_NUMBERS, .help = "by each of `compared`" },
	{ "noise", SHAPE_NUMBER, .help = "the largest standard deviation", .null = true },
	{ "pairs_told_apart", SHAPE_WHOLE, .help = "at 95 %" },
	{ 0 },
};
static const struct shape apart_shape = { "measurement to make", "What would tell them apart.",
					  apart_members, NULL, 0 };

static const struct member estimated_members[] = {
	{ "term", SHAPE_TEXT, .help = "the price" },
	{ "per", SHAPE_TEXT, .help = "its unit" },
	{ "value", SHAPE_NUMBER, .help = "ns, before", .null = true },
	{ "range", SHAPE_INTERVAL, .help = "ns, before" },
	{ "estimate", SHAPE_NUMBER, .help = "ns", .null = true },
	{ "ci95", SHAPE_INTERVAL, .help = "ns, 95 % confidence" },
	{ "told", SHAPE_FLAG, .help = "that is narrower than the range" },
	{ "outside_range", SHAPE_FLAG, .help = "the estimate is beyond the range" },
	{ 0 },
};
static const struct shape estimated_shape = { "estimated price", "By the measurements.",
					      estimated_members, NULL, 0 };

static const struct member factor_members[] = {
	{ "term", SHAPE_TEXT, .help = "a price" },
	{ "factor", SHAPE_NUMBER, .help = "in the sum; of the first 1" },
	{ 0 },
};
static const struct shape factor_shape = { "summand", "Of prices that are known as a sum.",
					   factor_members, NULL, 0 };

static const struct member confusion_members[] = {
	{ "terms", SHAPE_OBJECTS, .help = "of the sum", .of = &factor_shape },
	{ "sum", SHAPE_NUMBER, .help = "ns; null: nothing is known of it", .null = true },
	{ "sum_ci95", SHAPE_INTERVAL, .help = "ns, 95 % confidence", .null = true },
	{ "told_apart_by", SHAPE_TEXT, .help = "a measurement that would", .null = true },
	{ 0 },
};
static const struct shape confusion_shape = { "sum", "Prices of which only a sum is known.",
					      confusion_members, NULL, 0 };

static const struct member pull_members[] = {
	{ "term", SHAPE_TEXT, .help = "a price that was not estimated" },
	{ "deviations", SHAPE_NUMBER, .help = "of its range: above 0 it is dearer" },
	{ 0 },
};
static const struct shape pull_shape = { "pull", "Where the measurements would have it.",
					 pull_members, NULL, 0 };

static const struct member estimate_members[] = {
	{ "none_because", SHAPE_TEXT, .help = "null: there is an estimate", .null = true },
	{ "other_prices", SHAPE_TEXT, .help = "\"fixed\" or \"ranged\"" },
	{ "chi_squared", SHAPE_NUMBER, .help = "of all measurements with it", .null = true },
	{ "degrees_of_freedom", SHAPE_WHOLE, .help = "measurements less estimated prices" },
	{ "probability", SHAPE_NUMBER, .help = "of a larger sum by chance", .null = true },
	{ "widened_by", SHAPE_NUMBER, .help = "the intervals were, for a poor fit; 1: not",
	  .null = true },
	{ "terms", SHAPE_OBJECTS, .help = "the prices", .of = &estimated_shape },
	{ "correlations", SHAPE_ROWS, .help = "[term, term, correlation]" },
	{ "not_told_apart", SHAPE_OBJECTS, .help = "sums", .of = &confusion_shape },
	{ "pulls", SHAPE_OBJECTS, .help = "strongest first", .of = &pull_shape },
	{ 0 },
};
static const struct shape estimate_shape = { "estimate", "Of prices by the measurements.",
					     estimate_members, NULL, 0 };

static const struct member observed_file_members[] = {
	{ "name", SHAPE_TEXT, .help = "of the file" },
	{ "sha256", SHAPE_TEXT, .help = "of its bytes" },
	{ "bytes", SHAPE_WHOLE, .help = "their number" },
	{ "text", SHAPE_TEXT, .help = "null: more than 256 KiB; the file is needed, and the same",
	  .null = true },
	{ 0 },
};
static const struct shape observed_file_shape = { "file of measurements", "Of --observations.",
						  observed_file_members, NULL, 0 };

static const struct member observed_options_members[] = {
	{ "observed", SHAPE_TEXTS, .help = "--observed" },
	{ "observations", SHAPE_OBJECT, .help = "--observations", .of = &observed_file_shape,
	  .null = true },
	{ "group", SHAPE_TEXT, .help = "--group", .null = true },
	{ "error", SHAPE_NUMBER, .help = "--error, as a share" },
	{ "estimate", SHAPE_TEXTS, .help = "--estimate; none: those that the measurements tell" },
	{ "others", SHAPE_TEXT, .help = "--others: \"fixed\" or \"ranged\"" },
	{ 0 },
};
static const struct shape observed_options_shape = { "options of explain",
						     "Of the command line: with the scenario, all "
						     "that the explanation depends on.",
						     observed_options_members, NULL, 0 };

static const struct member explanation_provenance_members[] = {
	{ "version", SHAPE_TEXT, .help = "of sim" },
	{ "commit", SHAPE_TEXT, .help = "that sim was built from; null: not known", .null = true },
	{ "platform", SHAPE_TEXT, .help = "that the prices are of", .null = true },
	{ "seed", SHAPE_WHOLE, .help = "of all random numbers" },
	{ "replications", SHAPE_WHOLE, .help = "of each run" },
	{ "options", SHAPE_OBJECT, .help = "of the command", .of = &observed_options_shape },
	{ 0 },
};
static const struct shape explanation_provenance_shape = { "provenance of an explanation",
							   "Where the numbers come from.",
							   explanation_provenance_members, NULL,
							   0 };

static const struct member explanation_members[] = {
	{ "scenario", SHAPE_OBJECT, .help = "what was run", .of = &carried_shape },
	{ "provenance", SHAPE_OBJECT, .help = "where the numbers come from",
	  .of = &explanation_provenance_shape },
	{ "error", SHAPE_NUMBER, .help = "of measuring, as a share" },
	{ "measurements", SHAPE_OBJECTS, .help = "in their order", .of = &measurement_shape },
	{ "strategies", SHAPE_OBJECTS, .help = "of the model", .of = &strategy_shape },
	{ "prices", SHAPE_OBJECTS, .help = "best first", .of = &candidate_shape },
	{ "compared", SHAPE_OBJECTS, .help = "explanations that remain", .of = &compared_shape },
	{ "told_apart_by", SHAPE_OBJECTS, .help = "best first", .of = &apart_shape },
	{ "estimate", SHAPE_OBJECT, .help = "of the prices", .of = &estimate_shape },
	{ 0 },
};
const struct shape explanation_shape = { "measurements explained",
					 "Of `sim explain FILE --format json`.",
					 explanation_members, "sim-explanation", 2 };

/* --- validation ------------------------------------------------------------------ */

static const struct member slope_members[] = {
	{ "from", SHAPE_TEXT, .help = "label of a row" },
	{ "to", SHAPE_TEXT, .help = "label of a row" },
	{ "per", SHAPE_NUMBER, .help = "what their difference is divided by" },
	{ 0 },
};
static const struct shape slope_shape = { "slope", "Between two rows.", slope_members, NULL, 0 };

static const struct member row_band_members[] = {
	{ "low", SHAPE_NUMBER, .help = "of 95 % of draws of all prices", .null = true },
	{ "high", SHAPE_NUMBER, .help = "of them", .null = true },
	{ "width", SHAPE_NUMBER, .help = "high divided by low", .null = true },
	{ "measured", SHAPE_TEXT, .help = "inside, outside, or - where there is nothing to hold" },
	{ "reason", SHAPE_TEXT, .help = "why there is no band", .null = true },
	{ 0 },
};
static const struct shape row_band_shape = { "band of a row", "What all ranges of prices do.",
					     row_band_members, NULL, 0 };

static const struct member row_members[] = {
	{ "label", SHAPE_TEXT, .help = "of the published row" },
	{ "use", SHAPE_TEXT, .help = "calibrate, predict, bound, explain or miss" },
	{ "metric", SHAPE_TEXT, .help = "that is predicted" },
	{ "statistic", SHAPE_TEXT, .help = "of it" },
	{ "tolerance", SHAPE_NUMBER, .help = "relative" },
	{ "tolerance_absolute", SHAPE_NUMBER, .help = "in the unit; either suffices" },
	{ "published", SHAPE_NUMBER, .help = "in the table's unit" },
	{ "bound", SHAPE_FLAG, .help = "that is an upper bound" },
	{ "predicted", SHAPE_NUMBER, .help = "in the table's unit", .null = true },
	{ "error", SHAPE_NUMBER, .help = "relative to what was published", .null = true },
	{ "verdict", SHAPE_TEXT, .help = "ok, MISSED, or - where nothing is judged" },
	{ "reason", SHAPE_TEXT, .help = "why there is no prediction", .null = true },
	{ "note", SHAPE_TEXT, .help = "of the table", .null = true },
	{ "slope", SHAPE_OBJECT, .help = "null: a row of its own", .of = &slope_shape,
	  .null = true },
	{ "profile", SHAPE_TEXT, .help = "the machine's own", .null = true },
	{ "band", SHAPE_OBJECT, .help = "on that profile, else of a machine that is not known",
	  .of = &row_band_shape },
	{ "elsewhere", SHAPE_OBJECT, .help = "as if there were no profile", .of = &row_band_shape },
	{ 0 },
};
static const struct shape row_shape = { "published row", "And what is predicted of it.",
					row_members, NULL, 0 };

static const struct member coverage_members[] = {
	{ "rows", SHAPE_WHOLE, .help = "that have a band and a measured figure" },
	{ "inside", SHAPE_WHOLE, .help = "figures that lie in it" },
	{ "blind", SHAPE_WHOLE, .help = "rows that no price was chosen by" },
	{ "blind_inside", SHAPE_WHOLE, .help = "of them" },
	{ "widest", SHAPE_NUMBER, .help = "high divided by low", .null = true },
	{ 0 },
};
static const struct shape coverage_shape = { "coverage", "How often bands hold.", coverage_members,
					     NULL, 0 };

static const struct member bands_members[] = {
	{ "stated", SHAPE_OBJECT, .help = "of all rows", .of = &coverage_shape },
	{ "own", SHAPE_OBJECT, .help = "on profiles of the machines", .of = &coverage_shape },
	{ "elsewhere", SHAPE_OBJECT, .help = "as if there were none", .of = &coverage_shape },
	{ 0 },
};
static const struct shape bands_shape = { "bands", "Of the rows.", bands_members, NULL, 0 };

static const struct member summary_members[] = {
	{ "judged", SHAPE_WHOLE, .help = "rows" },
	{ "missed", SHAPE_WHOLE, .help = "of them" },
	{ "worst_error", SHAPE_NUMBER, .help = "relative, of judged rows", .null = true },
	{ "median_error", SHAPE_NUMBER, .help = "of them", .null = true },
	{ "bands", SHAPE_OBJECT, .help = "how often they hold", .of = &bands_shape },
	{ 0 },
};
static const struct shape summary_shape = { "summary", "Of a table, or of all.", summary_members,
					    NULL, 0 };

static const struct member table_members[] = {
	{ "name", SHAPE_TEXT, .help = "of the table" },
	{ "file", SHAPE_TEXT, .help = "that it is in" },
	{ "source", SHAPE_TEXT, .help = "of the figures" },
	{ "platform", SHAPE_TEXT, .help = "that they were measured on" },
	{ "scenario", SHAPE_TEXT, .help = "that predicts them" },
	{ "metric", SHAPE_TEXT, .help = "of rows that say no other", .null = true },
	{ "unit", SHAPE_TEXT, .help = "of all values" },
	{ "rows", SHAPE_OBJECTS, .help = "in their order", .of = &row_shape },
	{ "summary", SHAPE_OBJECT, .help = "of these", .of = &summary_shape },
	{ 0 },
};
static const struct shape table_shape = { "published table", "Beside predictions.", table_members,
					  NULL, 0 };

static const struct member validation_members[] = {
	{ "sim", SHAPE_TEXT, .help = "version" },
	{ "tables", SHAPE_OBJECTS, .help = "that were asked for", .of = &table_shape },
	{ "summary", SHAPE_OBJECT, .help = "of all", .of = &summary_shape },
	{ 0 },
};
const struct shape validation_shape = { "validation", "Of `sim validate TABLE --format json`.",
					validation_members, "sim-validation", 1 };

/* --- CSV --------------------------------------------------------------------------- */

static const struct member result_csv_members[] = {
	{ "scenario", SHAPE_TEXT, .help = "its name" },
	{ "seed", SHAPE_WHOLE, .help = "of all random numbers" },
	{ "replications", SHAPE_WHOLE, .help = "that were run" },
	{ "metric", SHAPE_TEXT, .help = "docs/scenario.md lists them" },
	{ "group", SHAPE_TEXT, .help = "guest, or host" },
	{ "unit", SHAPE_TEXT, .help = "of all values behind it", .choices = unit_names },
	{ "n", SHAPE_WHOLE, .help = "observations over all replications" },
	{ "mean", SHAPE_NUMBER, .help = "of them", .null = true },
	{ "ci95_low", SHAPE_NUMBER, .help = "95 % confidence of the mean", .null = true },
	{ "ci95_high", SHAPE_NUMBER, .help = "its other end", .null = true },
	{ "band95_low", SHAPE_NUMBER,
	  .help = "of the answer: its mean in 95 % of draws of all prices", .null = true },
	{ "band95_high", SHAPE_NUMBER, .help = "the other end", .null = true },
	{ "min", SHAPE_WHOLE, .help = "smallest", .null = true },
	{ "p50", SHAPE_WHOLE, .help = "median", .null = true },
	{ "p90", SHAPE_WHOLE, .help = "90th percentile", .null = true },
	{ "p99", SHAPE_WHOLE, .help = "99th percentile", .null = true },
	{ "p999", SHAPE_WHOLE, .help = "99.9th percentile", .null = true },
	{ "max", SHAPE_WHOLE, .help = "largest", .null = true },
	{ "reason", SHAPE_TEXT, .help = "why values are empty", .null = true },
	{ 0 },
};
const struct shape result_csv_shape = {
	"result as CSV", "Of `sim run FILE --format csv`: a row for each metric and group.",
	result_csv_members, NULL, 0
};

/* Behind these come the metrics beside it, by their names. */
static const struct member comparison_csv_members[] = {
	{ "over", SHAPE_TEXT, .help = "what differs" },
	{ "design", SHAPE_TEXT, .help = "the values that it has" },
	{ "baseline", SHAPE_WHOLE, .help = "1: the others are compared with it" },
	{ "metric", SHAPE_TEXT, .help = "what is compared" },
	{ "unit", SHAPE_TEXT, .help = "of all values behind it", .choices = unit_names },
	{ "n", SHAPE_WHOLE, .help = "observations" },
	{ "mean", SHAPE_NUMBER, .help = "of them", .null = true },
	{ "ci95_low", SHAPE_NUMBER, .help = "95 % confidence of the mean", .null = true },
	{ "ci95_high", SHAPE_NUMBER, .help = "its other end", .null = true },
	{ "p50", SHAPE_NUMBER, .help = "median", .null = true },
	{ "p99", SHAPE_NUMBER, .help = "99th percentile", .null = true },
	{ "difference", SHAPE_NUMBER, .help = "of the means, design less baseline", .null = true },
	{ "difference_low", SHAPE_NUMBER, .help = "its 95 % confidence", .null = true },
	{ "difference_high", SHAPE_NUMBER, .help = "its other end", .null = true },
	{ "ratio", SHAPE_NUMBER, .help = "of the means, design to baseline", .null = true },
	{ "ratio_low", SHAPE_NUMBER, .help = "its 95 % confidence", .null = true },
	{ "ratio_high", SHAPE_NUMBER, .help = "its other end", .null = true },
	{ "variance_saved", SHAPE_NUMBER,
	  .help = "share of the difference's variance that pairing removed", .null = true },
	{ "band95_low", SHAPE_NUMBER, .help = "the mean in 95 % of draws of all prices",
	  .null = true },
	{ "band95_high", SHAPE_NUMBER, .help = "the other end", .null = true },
	{ "difference_band95_low", SHAPE_NUMBER, .help = "the same of the difference",
	  .null = true },
	{ "difference_band95_high", SHAPE_NUMBER, .help = "the other end", .null = true },
	{ 0 },
};
const struct shape comparison_csv_shape = {
	"comparison as CSV",
	"Of `sim compare FILE --format csv`: a row for each design. Behind these columns come the "
	"means "
	"of "
	"teardown.latency, limbo.peak, cpu.background, slice.max and fallbacks, by their names.",
	comparison_csv_members, NULL, 0
};

static const struct member sensitivity_csv_members[] = {
	{ "metric", SHAPE_TEXT, .help = "the answer" },
	{ "group", SHAPE_TEXT, .help = "guest" },
	{ "unit", SHAPE_TEXT, .help = "of the answer", .choices = unit_names },
	{ "mean", SHAPE_NUMBER, .help = "of the answer" },
	{ "term", SHAPE_TEXT, .help = "cost term" },
	{ "term_group", SHAPE_TEXT, .help = "guest that pays it, or host" },
	{ "status", SHAPE_TEXT, .help = "its evidence", .choices = term_status_names },
	{ "value_ns", SHAPE_NUMBER, .help = "of one unit" },
	{ "low_ns", SHAPE_NUMBER, .help = "low end of its range" },
	{ "high_ns", SHAPE_NUMBER, .help = "high end" },
	{ "at_low", SHAPE_NUMBER, .help = "mean of the answer at its low end", .null = true },
	{ "at_high", SHAPE_NUMBER, .help = "at its high end", .null = true },
	{ "morris_mean", SHAPE_NUMBER, .help = "mean size of its effect", .null = true },
	{ "morris_spread", SHAPE_NUMBER, .help = "standard deviation of that", .null = true },
	{ 0 },
};
const struct shape sensitivity_csv_shape = {
	"sensitivity as CSV", "Of `sim sensitivity FILE --format csv`: a row for each price.",
	sensitivity_csv_members, NULL, 0
};

const struct shape *const carrying_shapes[] = {
	&result_shape,
	&plan_shape,
	&comparison_shape,
	&sensitivity_shape,
	&explanation_shape,
	&stored_scenario_shape,
	NULL,
};
