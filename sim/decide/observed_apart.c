/* Which measurement would tell the best candidates apart. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "decide/observed_parts.h"

enum { SHOWN_MOST = 3 };

/* Strategies that fit as they are, then prices within their ranges, then what else fits. */
static void choose(struct explanation *out)
{
	for (size_t s = 0; s < out->strategy_count && out->compared_count < COMPARED_MOST; s++)
		if (!out->strategies[s].problem && out->strategies[s].fits)
			out->compared[out->compared_count++] = COMPARED_STRATEGY + s;
	for (size_t c = 0; c < out->candidate_count && out->compared_count < COMPARED_MOST; c++)
		if (out->candidates[c].fits &&
		    (out->candidates[c].share <= 1 ||
		     (out->measurement_count == 1 && out->compared_count < 2)))
			out->compared[out->compared_count++] = c;
}

static bool predict_compared(struct observed *observed, size_t which,
			     const struct experiment_choice *choices, size_t count,
			     struct prediction *out, struct error *error)
{
	const struct explanation *explanation = observed->out;
	const struct explanation_candidate *candidate;
	struct moved_price price;

	if (which >= COMPARED_STRATEGY) {
		const struct explanation_strategy *strategy =
			&explanation->strategies[which - COMPARED_STRATEGY];

		return observed_experiments_run(observed, choices, count,
						strategy->own ? NULL : strategy->name, NULL, 0, out,
						error);
	}
	candidate = &explanation->candidates[which];
	price = (struct moved_price){ candidate->term, candidate->needed };
	return observed_experiments_run(observed, choices, count,
					candidate->own ? NULL : candidate->strategy, &price, 1, out,
					error);
}

static double noise_of(const struct observed *observed, const struct prediction *prediction)
{
	return hypot(prediction->sampling, observed->options->error * prediction->value);
}

/* One experiment: what each of the compared predicts, in predictions[each * stride]. */
static void judge(const struct observed *observed, struct explanation_experiment *experiment,
		  const struct prediction *predictions, size_t stride)
{
	size_t count = observed->out->compared_count;

	for (size_t a = 0; a < count; a++) {
		const struct prediction *left = &predictions[a * stride];

		experiment->predicted[a] = isfinite(left->value) ? maybe_some(left->value)
								 : maybe_none("not observed");
		if (!isfinite(left->value))
			continue;
		experiment->noise = fmax(experiment->noise, noise_of(observed, left));
		for (size_t b = 0; b < a; b++) {
			const struct prediction *right = &predictions[b * stride];

			experiment->pairs += isfinite(right->value) &&
					     fabs(left->value - right->value) >
						     1.96 * fmax(noise_of(observed, left),
								 noise_of(observed, right));
		}
	}
}

/* By how many noises the two nearest are apart. */
static double nearest_pair(const struct explanation_experiment *experiment, size_t count)
{
	double least = INFINITY;

	for (size_t a = 0; a < count; a++)
		for (size_t b = 0; b < a; b++)
			if (experiment->predicted[a].exists && experiment->predicted[b].exists &&
			    experiment->noise > 0)
				least = fmin(least, fabs(experiment->predicted[a].value -
							 experiment->predicted[b].value) /
							    experiment->noise);
	return isfinite(least) ? least : 0;
}

/* The first of equals stays first: metrics that need no other run come before. */
static void keep_best(struct explanation *out, size_t count)
{
	for (size_t place = 0; place < count; place++) {
		size_t best = place;
		struct explanation_experiment kept;

		for (size_t e = place + 1; e < count; e++) {
			const struct explanation_experiment *one = &out->experiments[e];
			const struct explanation_experiment *other = &out->experiments[best];

			if (one->pairs > other->pairs ||
			    (one->pairs == other->pairs &&
			     nearest_pair(one, out->compared_count) >
				     nearest_pair(other, out->compared_count)))
				best = e;
		}
		kept = out->experiments[best];
		memmove(&out->experiments[place + 1], &out->experiments[place],
			(best - place) * sizeof(kept));
		out->experiments[place] = kept;
		if (place < SHOWN_MOST && kept.pairs)
			out->experiment_count = place + 1;
	}
}

bool observed_tell_apart(struct observed *observed, struct error *error)
{
	struct explanation *out = observed->out;
	struct experiment_choice choices[EXPERIMENTS_MOST];
	struct prediction *predictions;
	size_t count;
	bool ok;

	choose(out);
	if (out->compared_count < 2)
		return true;
	if (!observed_experiments(observed, choices, &count, error))
		return false;
	out->experiments =
		memory_keep_array(&out->keeper, count, sizeof(*out->experiments), "list", error);
	predictions =
		memory_array(count * out->compared_count, sizeof(*predictions), "list", error);
	ok = out->experiments && predictions;
	for (size_t c = 0; ok && c < out->compared_count; c++)
		ok = predict_compared(observed, out->compared[c], choices, count,
				      predictions + c * count, error);
	for (size_t e = 0; ok && e < count; e++) {
		struct explanation_experiment *experiment = &out->experiments[e];

		experiment->what = choices[e].what;
		experiment->unit = metric_kind_of(choices[e].of.metric)->unit;
		experiment->predicted =
			memory_keep_array(&out->keeper, out->compared_count,
					  sizeof(*experiment->predicted), "list", error);
		ok = experiment->predicted != NULL;
		if (ok)
			judge(observed, experiment, predictions + e, count);
	}
	if (ok)
		keep_best(out, count);
	free(predictions);
	return ok;
}
