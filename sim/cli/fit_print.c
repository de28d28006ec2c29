/* What `sim fit` has found, in words. */

#include <math.h>
#include <string.h>

#include "cli/fit_parts.h"
#include "report/text_tools.h"

static void print_value_of(FILE *out, const char *what, struct fit_value value, bool known,
			   const char *how)
{
	fprintf(out, "  %-12s\v%s", what, VALUE(UNIT_NANOSECONDS, value.value));
	if (known)
		fprintf(out, "  (%s %s)", how, RANGE(UNIT_NANOSECONDS, value.low, value.high));
	fputc('\n', out);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_heading(FILE *out, const struct fitted *fitted, double quantile)
{
	const struct price *price = &fitted->price;
	const struct traced_term *of = fitted->of;

	print_visible(out, "%s%s%s from %.0f %s%s", of->name, of->also ? ", " : "",
		      of->also ? of->also : "", price->calls,
		      *of->from     ? "call"
		      : price->line ? "measurement"
				    : "duration",
		      plural((size_t)price->calls));
	if (*of->from)
		print_visible(out, " of %s", of->from);
	if (!price->line)
		fprintf(out, "%s", *of->from ? "" : " of single calls");
	else if (!isnan(quantile))
		fprintf(out, ": a line that %g %% of them lie below", quantile * 100);
	else if (price->has_shape && price->count >= 3)
		fprintf(out, ": a line, robust against outliers (bisquare)");
	else
		fprintf(out, ": a line");
	fputc('\n', out);
	if (of->left_out)
		fprintf(out,
			"  left out: %zu call%s of which no amount is told, or that did nothing\n",
			of->left_out, plural(of->left_out));
}

static void print_shape(FILE *out, const struct price *price)
{
	const struct fit_line *line = &price->shape;

	if (!isnan(line->r_squared))
		fprintf(out, "  R squared   \v%.4f, residuals %s, %zu outlier%s\n", line->r_squared,
			VALUE(UNIT_NANOSECONDS, line->residual_ns), line->outliers,
			plural(line->outliers));
	if (line->known && line->slope.low <= 0)
		fputs("  warning: the slope may be zero: the duration does not follow the size\n",
		      out);
	if (line->r_squared < 0.95)
		fputs("  warning: a poor fit: R squared is below 0.95; does something disturb the "
		      "host? "
		      "--quantile 0.25 keeps to the faster ones\n",
		      out);
	if (fabs(line->curvature_t) > 4)
		fprintf(out,
			"  warning: the durations lie on a curve, not on a line (t of a square "
			"term "
			"%.1f): a price per unit holds only within these sizes\n",
			fmax(-1000, fmin(1000, line->curvature_t)));
	if (line->outliers * 5 > price->count)
		fputs("  warning: more than a fifth of the measurements are outliers\n", out);
	if (price->count < 3)
		fprintf(out,
			"  warning: %zu measurement%s: that the duration grows with the size like "
			"a "
			"line%s is taken from the model; outliers and curves cannot be seen\n",
			price->count, plural(price->count),
			price->fixed.value == 0 ? " through zero" : "");
	else if (price->count < 6)
		fputs("  warning: fewer than 6 measurements\n", out);
}

static void print_law(FILE *out, const struct price *price)
{
	const struct fit_law *law = &price->law;

	fprintf(out,
		"  variation   \v%.4g (standard deviation by mean)\n  from        \v%s\n"
		"  gamma law   \vKolmogorov-Smirnov distance %.4f (p %.3g); lognormal %.4f\n",
		law->cv, RANGE(UNIT_NANOSECONDS, law->least, law->most), law->distance,
		law->probability, law->lognormal_distance);
	if (law->probability < 0.01)
		fputs("  warning: a poor fit: the durations do not follow a gamma law (several "
		      "modes, "
		      "or a heavier tail); sums of many calls are still right, single ones are "
		      "not\n",
		      out);
	if (price->calls < 30)
		fputs("  warning: fewer than 30 durations\n", out);
}

static void print_sums(FILE *out, const struct price *price)
{
	if (!isnan(price->spread))
		fprintf(out, "  variation   \v%.4g (standard deviation by mean)\n", price->spread);
	if (price->binned)
		fputs("  the mean lies between the ends of the bins; stats() beside hist() tells "
		      "it "
		      "exactly\n",
		      out);
}

static const char *unit_text(double amount)
{
	return amount == 1 ? "unit" : "units";
}

static void print_spread(FILE *out, const struct price *price)
{
	if (isnan(price->spread) || price->spread_at <= 1)
		return;
	fprintf(out, "  spread      \v%.3g %% at %.4g %s", price->spread * 100, price->spread_at,
		unit_text(price->spread_at));
	if (isnan(price->cv))
		fputs(": more than units that vary by themselves would show; no cv is written\n",
		      out);
	else
		fprintf(out, ": a cv of %.3g of one unit\n", price->cv);
}

/* The value lies within what one of the models finds plausible. */
static bool is_plausible(const char *name, double value, double *low, double *high)
{
	*low = INFINITY;
	*high = 0;
	for (size_t m = 0; m < model_table_count; m++) {
		const struct term *term = traced_term(model_table[m], name);

		if (term && value >= term->low_ns && value <= term->high_ns)
			return true;
		if (term && term->low_ns < *low) {
			*low = term->low_ns;
			*high = term->high_ns;
		}
	}
	return !isfinite(*low);
}

static void print_doubts(FILE *out, const struct fitted *fitted)
{
	const struct price *price = &fitted->price;
	const struct term_function *function = fitted->of->function;
	const struct traced_term *of = fitted->of;
	double low, high;

	if (!of->term)
		print_visible(out, "  warning: no shipped model has a term \"%s\"\n", of->name);
	if (!price->known)
		fputs("  warning: so few measurements tell no interval: the profile says no range, "
		      "that of the "
		      "model is scaled\n",
		      out);
	if (!is_plausible(of->name, price->unit.value, &low, &high))
		fprintf(out,
			"  warning: outside of the plausible range %s: a wrong unit, two prices in "
			"one, or a virtual host?\n",
			RANGE(UNIT_NANOSECONDS, low, high));
	if (function && function->less && !fitted->known)
		fprintf(out,
			"  warning: the duration holds %s, too: take it away by --less %s=VALUE\n",
			function->less, function->less);
	if (function && function->note)
		fprintf(out, "  note: %s\n", function->note);
}

void fitted_print(const struct fitted *fitted, double quantile, FILE *out)
{
	const struct price *price = &fitted->price;
	bool line = price->line, of_law = price->has_law && isnan(quantile);
	const char *how = price->binned ? "at most" : "95 % confidence";

	print_heading(out, fitted, quantile);
	print_value_of(out,
		       line || fitted->of->unit_bytes > 0 ? "per unit"
		       : isnan(quantile)                  ? "mean"
							  : "quantile",
		       price->unit, price->known, how);
	if (line && !(price->has_shape && price->fixed.value == 0 && price->fixed.high == 0))
		print_value_of(out, "fixed", price->fixed,
			       price->known && price->fixed.high > price->fixed.low, how);
	if (fitted->known)
		fprintf(out, "  less        \v%s of %s\n",
			VALUE(UNIT_NANOSECONDS, fitted->known->value.value), fitted->known->term);
	if (price->has_shape)
		print_shape(out, price);
	else if (of_law)
		print_law(out, price);
	else
		print_sums(out, price);
	print_spread(out, price);
	print_doubts(out, fitted);
}
