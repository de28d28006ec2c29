#include "report/limit.h"

#include <math.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "report/text_tools.h"

const char *const judgement_names[] = { "met", "missed", "undecided", NULL };

enum judgement limit_judgement(const struct limit_bounds *bounds)
{
	if (bounds->low > bounds->limit)
		return LIMIT_MISSED;
	return bounds->high <= bounds->limit ? LIMIT_MET : LIMIT_UNDECIDED;
}

enum judgement judgement_worse(enum judgement one, enum judgement other)
{
	if (one == LIMIT_MISSED || other == LIMIT_MISSED)
		return LIMIT_MISSED;
	return one == LIMIT_MET ? other : one;
}

int judgement_status(enum judgement verdict)
{
	return verdict == LIMIT_MET ? 0 : verdict == LIMIT_MISSED ? 3 : 4;
}

const char *limit_value(char *cell, const struct limit *limit, double value)
{
	FILE *out;

	if (limit->unit != UNIT_BYTES || value < 0)
		return value_text(cell, limit->unit, value);
	out = fmemopen(cell, CELL_SIZE, "w");
	if (!out)
		memory_exhausted("text");
	quantity_print_bytes_beside(out, value, limit->at_most);
	fclose(out);
	return cell;
}

void limit_print_rest(FILE *out, const struct limit *limit)
{
	if (limit->quantile < 0)
		fputs(", mean", out);
	else if (limit->quantile >= 1)
		fputs(", never", out);
	else
		fprintf(out, ", p%g", 100 * limit->quantile);
	fprintf(out, " %s %s", limit->quantile >= 1 ? "above" : "at most",
		limit_value(CELL, limit, limit->at_most));
}

void limit_print(FILE *out, const struct limit *limit)
{
	print_visible(out, "%s%s%s", limit->metric, limit->group ? " of " : "",
		      limit->group ? limit->group : "");
	limit_print_rest(out, limit);
}

const char *limit_quantity(char *cell, const struct limit *limit, double value)
{
	if (!isfinite(value))
		return "?";
	if (limit->quantile < 0)
		return limit_value(cell, limit, value);
	snprintf(cell, CELL_SIZE, "%.3g %%", 100 * value);
	return cell;
}

void limit_print_bounds(FILE *out, const struct limit *limit, const struct limit_bounds *bounds)
{
	if (bounds->low > 0 && isinf(bounds->low)) {
		fputs("nothing was observed", out);
		return;
	}
	fprintf(out, "%s %s (%s .. %s, allowed %s)", limit->quantile < 0 ? "mean" : "exceeded with",
		limit_quantity(CELL, limit, bounds->estimate),
		limit_quantity(CELL, limit, bounds->low), limit_quantity(CELL, limit, bounds->high),
		limit_quantity(CELL, limit, bounds->limit));
}

void limit_print_needed(FILE *out, double needed)
{
	if (isnan(needed))
		fputs("two replications at least are needed to judge", out);
	else if (isinf(needed))
		fputs("too near the limit for any number of replications to decide", out);
	else
		fprintf(out, "about %.0f replications would decide", needed);
}
