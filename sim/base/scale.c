#include "base/scale.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"

static const double steps_most = 1e9;

/* One text: which kind it is, and its number in the unit of that. */
struct end {
	enum scale_kind kind;
	double value;
	char unit[8];
};

static const char *const kind_names[] = { "a whole number", "a size", "a duration", "a number" };

static const char *kind_of(const struct end *end)
{
	if (end->kind == SCALE_NUMBER && *end->unit)
		return strlen(end->unit) > 2 && end->unit[1] != 'm' ? "a bandwidth" : "a rate";
	return kind_names[end->kind];
}

static bool read_number(const char *text, struct end *end, struct error *error)
{
	char *rest;

	end->value = strtod(text, &rest);
	if (rest == text || *rest || !isfinite(end->value))
		return error_set(error, ERROR_INPUT,
				 "\"%.40s\" is neither a number nor a quantity with its unit",
				 text);
	end->kind = strpbrk(text, ".eE") ? SCALE_NUMBER : SCALE_WHOLE;
	if (end->kind == SCALE_WHOLE && fabs(end->value) > 0x1p53)
		return error_set(error, ERROR_INPUT, "%.40s is too large", text);
	return true;
}

static bool read_end(const char *text, struct end *end, struct error *error)
{
	const char *unit = text + strcspn(text, "0123456789");
	struct error ignored = { 0 }, other = { 0 }, third = { 0 };
	double value;

	*end = (struct end){ 0 };
	unit += strspn(unit, "0123456789.");
	unit += *unit == ' ';
	if (!isalpha((unsigned char)*unit) && *unit != '/' && *unit != '\xc2' && *unit != '\xce')
		return read_number(text, end, error);
	if (quantity_read(text, QUANTITY_DURATION, &end->value, &ignored)) {
		end->kind = SCALE_DURATION;
		end->value = round(end->value);
		return true;
	}
	if (quantity_read(text, QUANTITY_RATE, &value, &other) ||
	    quantity_read(text, QUANTITY_BANDWIDTH, &value, &third)) {
		end->kind = SCALE_NUMBER;
		end->value = strtod(text, NULL);
		snprintf(end->unit, sizeof(end->unit), "%s", unit);
		return true;
	}
	end->kind = SCALE_BYTES;
	memset(&ignored, 0, sizeof(ignored));
	if (quantity_read(text, QUANTITY_BYTES, &end->value, &ignored))
		return true;
	return error_set(
		error, ERROR_INPUT,
		"\"%.40s\" has no unit that is known: sizes have KiB, MiB, GiB, TiB (or kB, MB, "
		"GB, TB), durations ns, us, ms, s, min, h, d, rates /s, /min, /h, /d",
		text);
}

/* The least round number that is not below. (No logarithm: base is below what replays events.) */
static double round_up(double least, bool binary)
{
	double round = 1;

	while (binary && round < least)
		round *= 2;
	if (binary)
		return round;
	while (round > least)
		round /= 10;
	while (10 * round <= least)
		round *= 10;
	return least <= round       ? round
	       : least <= 2 * round ? 2 * round
	       : least <= 5 * round ? 5 * round
				    : 10 * round;
}

static bool set_step(struct scale *scale, const char *text, struct error *error)
{
	double span = scale->high - scale->low;
	struct end step;

	if (!text) {
		bool small = scale->kind == SCALE_BYTES || scale->kind == SCALE_DURATION;
		double least = span / SCALE_STEPS;

		scale->step = scale->kind == SCALE_WHOLE || span <= 0
				      ? 1
				      : round_up(small ? fmax(least, 1) : least,
						 scale->kind == SCALE_BYTES);
		return true;
	}
	if (!read_end(text, &step, error))
		return false;
	if (step.kind != scale->kind && !(step.kind == SCALE_WHOLE && scale->kind == SCALE_NUMBER))
		return error_set(error, ERROR_INPUT, "the step \"%.40s\" is %s, the ends are not",
				 text, kind_of(&step));
	if (strcmp(step.unit, scale->unit) != 0)
		return error_set(error, ERROR_INPUT,
				 "the step \"%.40s\" needs the ends' unit, \"%s\"", text,
				 scale->unit);
	if (!(step.value > 0))
		return error_set(error, ERROR_INPUT, "the step is to be more than zero, not %.40s",
				 text);
	scale->step = step.value;
	return true;
}

bool scale_read(struct scale *scale, const char *low, const char *high, const char *step,
		struct error *error)
{
	struct end ends[2];

	*scale = (struct scale){ 0 };
	if (!read_end(low, &ends[0], error) || !read_end(high, &ends[1], error))
		return false;
	for (int i = 0; i < 2; i++) /* 1 and 2.5 are numbers */
		if (ends[i].kind == SCALE_WHOLE && ends[1 - i].kind == SCALE_NUMBER &&
		    !*ends[1 - i].unit)
			ends[i].kind = SCALE_NUMBER;
	if (ends[0].kind != ends[1].kind)
		return error_set(error, ERROR_INPUT,
				 "%.40s is %s, %.40s is %s: both ends need one kind of unit", low,
				 kind_of(&ends[0]), high, kind_of(&ends[1]));
	if (strcmp(ends[0].unit, ends[1].unit) != 0)
		return error_set(error, ERROR_INPUT,
				 "%.40s and %.40s: both ends need the same unit here", low, high);
	if (ends[0].value > ends[1].value)
		return error_set(error, ERROR_INPUT,
				 "%.40s is more than %.40s: the lower end is the first", low, high);
	scale->kind = ends[0].kind;
	scale->low = ends[0].value;
	scale->high = ends[1].value;
	memcpy(scale->unit, ends[0].unit, sizeof(scale->unit));
	if (!set_step(scale, step, error))
		return false;
	if (!((scale->high - scale->low) / scale->step < steps_most))
		return error_set(error, ERROR_INPUT,
				 "more than %.0e values: a larger step is needed", steps_most);
	scale->last = llround(ceil((scale->high - scale->low) / scale->step - 1e-9));
	if (scale->kind == SCALE_WHOLE && scale->step == 1) {
		scale->first = llround(scale->low);
		scale->last += scale->first;
	}
	return true;
}

double scale_value(const struct scale *scale, int64_t number)
{
	return fmin(scale->low + (double)(number - scale->first) * scale->step, scale->high);
}

const char *scale_text(char text[SCALE_TEXT], const struct scale *scale, int64_t number)
{
	double value = scale_value(scale, number);

	if (scale->kind == SCALE_BYTES || scale->kind == SCALE_DURATION)
		quantity_format_exact(
			text, scale->kind == SCALE_BYTES ? QUANTITY_BYTES : QUANTITY_DURATION,
			llround(value));
	else
		snprintf(text, SCALE_TEXT, scale->kind == SCALE_WHOLE ? "%.0f%s" : "%.10g%s", value,
			 scale->unit);
	return text;
}
