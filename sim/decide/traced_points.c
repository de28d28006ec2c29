/* Calls of a file as points of a price: how much each did, and how long it took. */

#include "decide/traced_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/elementary.h"
#include "base/memory.h"

/* --- one series ---------------------------------------------------------------------------- */

static bool has_calls(const struct foreign_series *series)
{
	return series->call_count || series->bin_count || series->total.count > 0;
}

/* Mean and mean square of durations within a bin: evenly spread on a logarithmic scale. */
static void bin_moments(const struct foreign_bin *bin, double *mean, double *square)
{
	double low = bin->low_ns, high = bin->high_ns;

	if (isinf(high)) {
		*mean = *square = INFINITY;
	} else if (high <= low * (1 + 1e-9)) {
		*mean = low;
		*square = low * low;
	} else if (low <= 0) {
		*mean = high / 2;
		*square = high * high / 3;
	} else {
		double decades = elementary_log(high / low);

		*mean = (high - low) / decades;
		*square = (high * high - low * low) / (2 * decades);
	}
}

/* A histogram as one point; bins that are open to above have no mean (INFINITY). */
static struct price_point bins_point(const struct foreign_series *series)
{
	struct price_point point = { 0 };
	double squares = 0;

	for (size_t i = 0; i < series->bin_count; i++) {
		const struct foreign_bin *bin = &series->bins[i];
		double mean, square;

		if (bin->count == 0)
			continue;
		bin_moments(bin, &mean, &square);
		point.count += bin->count;
		point.mean_ns += bin->count * mean;
		point.low_ns += bin->count * bin->low_ns;
		point.high_ns += bin->count * bin->high_ns;
		squares += bin->count * square;
	}
	if (point.count == 0)
		return point;
	point.mean_ns /= point.count;
	point.low_ns /= point.count;
	point.high_ns /= point.count;
	point.deviation_ns = NAN;
	if (point.count > 1 && isfinite(squares)) {
		double variance = squares / point.count - point.mean_ns * point.mean_ns;

		point.deviation_ns = sqrt(fmax(0, variance) * point.count / (point.count - 1));
	}
	return point;
}

static bool same_key(const struct foreign_series *a, const struct foreign_series *b)
{
	return strcmp(a->key ? a->key : "", b->key ? b->key : "") == 0;
}

/* "ns" and "ns_hist": maps of the same thing. */
static bool related(const char *a, const char *b)
{
	size_t one = strlen(a), two = strlen(b);

	return one > 0 && two > 0 && strncmp(a, b, one < two ? one : two) == 0;
}

/*
 * The sums of the same calls beside a histogram: its own (perf ftrace latency), or a map of as many
 * calls with the same key, whose mean lies where the bins allow. Where they allow anything above
 * something, the names must say that they belong together.
 */
static const struct foreign_total *sums_beside(const struct foreign *foreign,
					       const struct foreign_series *series,
					       const struct price_point *point,
					       const struct foreign_series **other)
{
	*other = NULL;
	if (series->total.count > 0)
		return &series->total;
	for (size_t i = 0; i < foreign->count; i++) {
		const struct foreign_series *beside = foreign->series[i];

		if (beside->total.count == point->count && beside->bin_count == 0 &&
		    same_key(series, beside) && beside->total.mean_ns >= point->low_ns &&
		    (isfinite(point->high_ns) || related(series->name, beside->name)) &&
		    beside->total.mean_ns <= point->high_ns) {
			*other = beside;
			return &beside->total;
		}
	}
	return NULL;
}

static struct price_point total_point(const struct foreign_total *total)
{
	return (struct price_point){
		0, total->count, total->mean_ns, total->low_ns, total->high_ns, total->deviation_ns
	};
}

/* The sums stand beside a histogram, which has them already. */
static bool is_beside(const struct foreign *foreign, const struct foreign_series *series)
{
	for (size_t i = 0; series->total.count > 0 && series->bin_count == 0 && i < foreign->count;
	     i++) {
		const struct foreign_series *bins = foreign->series[i], *other;
		struct price_point point = bins_point(bins);

		if (bins->bin_count && bins->total.count == 0 && point.count > 0 &&
		    sums_beside(foreign, bins, &point, &other) && other == series)
			return true;
	}
	return false;
}

/* --- amounts ------------------------------------------------------------------------------------ */

/* The last part of "t, 16777216" as a number. */
static bool key_number(const char *key, double *number)
{
	const char *comma = key ? strrchr(key, ',') : NULL, *text = comma ? comma + 1 : key;
	char *end;

	if (!text)
		return false;
	text += strspn(text, " ");
	if (*text < '0' || *text > '9')
		return false;
	*number = (double)strtoull(text, &end, 0);
	return *end == '\0';
}

/* Units that a call did (NULL: any of the series); false: it is not told. */
static bool amount_of(const struct amounts *amounts, const struct foreign_series *series,
		      const struct foreign_call *call, double *units)
{
	double amount;

	if (amounts->kind == AMOUNT_CALL) {
		*units = 1;
		return true;
	}
	if (!isnan(amounts->each)) {
		*units = amounts->each;
		return true;
	}
	if (call && !isnan(call->amount)) {
		*units = call->amount * amounts->table;
		return true;
	}
	if (call && amounts->arguments && call->arguments &&
	    foreign_amount(amounts->foreign, call, amounts->arguments, &amount)) {
		*units = amount * amounts->scale;
		return true;
	}
	if (amounts->key && key_number(series->key, &amount)) {
		*units = amount * amounts->scale;
		return true;
	}
	return false;
}

/* "0x30" and "48" are the same value. */
static bool same_value(const char *a, size_t length, const char *b)
{
	char text[64], *end_a, *end_b;
	unsigned long long one, two;

	if (length >= sizeof(text))
		return false;
	memcpy(text, a, length);
	text[length] = '\0';
	one = strtoull(text, &end_a, 0);
	two = strtoull(b, &end_b, 0);
	if (*text && *b && !*end_a && !*end_b)
		return one == two;
	return strcmp(text, b) == 0;
}

/* The call is one of those that are wanted. */
static bool is_wanted(const struct amounts *amounts, const struct foreign_series *series,
		      const struct foreign_call *call)
{
	size_t length;

	if (!amounts->which)
		return true;
	if (call) {
		const char *at = amounts->foreign->texts + call->arguments;

		length = strlen(amounts->which);
		while ((at = strstr(at, amounts->which)) != NULL) {
			at += length;
			if (*at != ':' && *at != '=')
				continue;
			at += 1 + strspn(at + 1, " ");
			return same_value(at, strcspn(at, ",)\n"), amounts->value);
		}
	}
	return series->key && same_value(series->key, strlen(series->key), amounts->value);
}

/* --- points --------------------------------------------------------------------------------------- */

static bool add_point(struct traced_term *term, struct price_point point, double amount,
		      struct error *error)
{
	if (!(amount > 0)) {
		term->left_out += (size_t)point.count;
		return true;
	}
	if (!memory_reserve(&term->points, &term->capacity, term->count + 1, sizeof(*term->points),
			    "measurements", error))
		return false;
	point.amount = amount;
	term->points[term->count++] = point;
	return true;
}

bool add_series(struct traced_term *term, const struct amounts *amounts,
		const struct foreign_series *series, struct error *error)
{
	double amount = 0;

	for (size_t i = 0; i < series->call_count; i++) {
		const struct foreign_call *call = &series->calls[i];
		const struct price_point point = {
			0, 1, call->duration_ns, call->duration_ns, call->duration_ns, NAN
		};

		if (!is_wanted(amounts, series, call))
			continue;
		if (!amount_of(amounts, series, call, &amount))
			amount = 0;
		if (!add_point(term, point, amount, error))
			return false;
	}
	if ((series->bin_count || series->total.count > 0) && is_wanted(amounts, series, NULL)) {
		struct price_point point = bins_point(series);
		const struct foreign_series *other;
		const struct foreign_total *total =
			series->bin_count ? sums_beside(amounts->foreign, series, &point, &other)
					  : &series->total;

		if (total) {
			double deviation =
				series->bin_count ? point.deviation_ns : total->deviation_ns;

			point = total_point(total);
			point.deviation_ns = deviation;
		}
		if (point.count == 0)
			return true;
		if (isinf(point.mean_ns))
			return error_set(error, ERROR_INPUT,
					 "%s:%zu: error: the last bin has no upper end and holds "
					 "calls: no mean is known; ask for stats() beside it, or "
					 "for hist()",
					 amounts->foreign->path, series->line);
		if (!amount_of(amounts, series, NULL, &amount))
			amount = 0;
		return add_point(term, point, amount, error);
	}
	return true;
}

bool has_own_calls(const struct foreign *foreign, const struct foreign_series *series)
{
	return has_calls(series) && !is_beside(foreign, series);
}
