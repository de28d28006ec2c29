#include "decide/traced.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"

/* --- notes ------------------------------------------------------------------------------- */

static bool note(struct traced *traced, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool note(struct traced *traced, struct error *error, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (!memory_grow(&traced->notes, &traced->note_capacity, traced->note_count + 1,
			 sizeof(*traced->notes), "notes", error))
		return false;
	traced->notes[traced->note_count] = memory_text(text, error);
	return traced->notes[traced->note_count] && ++traced->note_count;
}

/* --- one series ---------------------------------------------------------------------------- */

static bool has_calls(const struct foreign_series *series)
{
	return series->call_count || series->bin_count || series->total.count > 0;
}

/* Mean and mean square of durations within a bin: evenly spread on a logarithmic scale. */
static void bin_moments(const struct foreign_bin *bin, double *mean, double *square)
{
	double low = bin->low_ns, high = bin->high_ns;

	if (high <= low * (1 + 1e-9)) {
		*mean = low;
		*square = low * low;
	} else if (low <= 0) {
		*mean = high / 2;
		*square = high * high / 3;
	} else {
		double decades = log(high / low);

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
	point.deviation_ns =
		point.count > 1
			? sqrt(fmax(0, (squares / point.count - point.mean_ns * point.mean_ns) *
					       point.count / (point.count - 1)))
			: NAN;
	return point;
}

static bool same_key(const struct foreign_series *a, const struct foreign_series *b)
{
	return strcmp(a->key ? a->key : "", b->key ? b->key : "") == 0;
}

/*
 * The sums of the same calls beside a histogram: its own (perf ftrace latency), or a map of as many
 * calls with the same key, whose mean lies where the bins allow.
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

/* How the amount of each call is found. */
struct amounts {
	const struct foreign *foreign;
	enum function_amount kind;
	const char *arguments; /* NULL: they do not tell it */
	double each;           /* of every call; NAN: not said */
	bool key;              /* the last part of a map's key */
	double scale;          /* bytes, or what a table's size is in, by unit */
	double table;          /* what one of a table's sizes is in units */
	const char *which, *value;
};

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

static bool add_series(struct traced_term *term, const struct amounts *amounts,
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

/* --- which series ----------------------------------------------------------------------------------- */

/* Names of a system call "munmap()" and a function are the same in a file. */
static bool is_function(const char *name, const char *function)
{
	size_t length = strlen(function);

	if (length > 2 && strcmp(function + length - 2, "()") == 0)
		length -= 2;
	return strlen(name) == length && strncmp(name, function, length) == 0;
}

/* What the user says that this name of the file stands for. */
static const char *real_name(const struct traced_options *options, const char *name)
{
	for (size_t i = 0; i < options->name_count; i++)
		if (!options->names[i].of || strcmp(options->names[i].of, name) == 0)
			return options->names[i].function;
	return name;
}

static bool is_chosen(const struct foreign *foreign, const struct traced_options *options,
		      const struct foreign_series *series)
{
	return has_calls(series) && (!options->only || strcmp(series->name, options->only) == 0) &&
	       !(is_beside(foreign, series) &&
		 !(options->only && strcmp(series->name, options->only) == 0));
}

const struct term *traced_term(const struct model *model, const char *name)
{
	for (size_t m = 0; m < model_table_count; m++)
		for (size_t t = FIRST_TERM;
		     (!model || model == model_table[m]) && t < model_table[m]->term_count; t++)
			if (strcmp(model_table[m]->terms[t].name, name) == 0)
				return &model_table[m]->terms[t];
	return NULL;
}

/* What is said by --per, over what the function's row says. */
static bool take_per(const struct traced_options *options, const struct traced_term *term,
		     struct amounts *amounts, struct error *error)
{
	const char *per = options->per;
	double unit = term->unit_bytes > 0 ? term->unit_bytes : 1;
	char *end;

	amounts->scale = 1 / unit;
	if (amounts->kind == AMOUNT_PAGES)
		amounts->scale = 4096 / unit;
	amounts->table = options->size > 0 && term->unit_bytes > 0 ? options->size / unit : 1;
	if (!per)
		return true;
	amounts->kind = AMOUNT_BYTES;
	amounts->arguments = NULL;
	amounts->key = false;
	amounts->scale = 1 / unit;
	if (strcmp(per, "key") == 0) {
		amounts->key = true;
	} else if (*per >= '0' && *per <= '9') {
		struct error ignored = { 0 };
		int64_t bytes;

		amounts->each = strtod(per, &end);
		if (*end) {
			if (!quantity_read_integer(per, QUANTITY_BYTES, &bytes, &ignored))
				return error_set(error, ERROR_INPUT,
						 "--per: \"%.60s\" is neither a size (16GiB) nor a "
						 "number of units",
						 per);
			if (term->unit_bytes == 0)
				return error_set(error, ERROR_INPUT,
						 "--per: %s is a price per call: say a number of "
						 "calls, not a size",
						 term->name);
			amounts->each = (double)bytes / unit;
		}
	} else {
		amounts->arguments = per;
	}
	return true;
}

static struct amounts amounts_by(const struct foreign *foreign, const struct term_function *row,
				 bool per_call)
{
	return (struct amounts){
		.foreign = foreign,
		.kind = row        ? row->amount
			: per_call ? AMOUNT_CALL
				   : AMOUNT_BYTES,
		.arguments = row ? row->arguments : NULL,
		.each = NAN,
		.key = row && row->amount != AMOUNT_CALL && !row->which,
		.which = row ? row->which : NULL,
		.value = row ? row->value : NULL,
	};
}

/* --- one term, that the user names --------------------------------------------------------------- */

static bool is_table(const struct foreign_series *series)
{
	return series->call_count && !isnan(series->calls[0].amount);
}

/* The row of the function for this term, or else for another one that is paid by the same amount. */
static const struct term_function *row_of(const char *function, const char *term)
{
	const struct term_function *found = NULL;

	for (size_t i = 0; i < term_function_count; i++) {
		const struct term_function *row = &term_function_table[i];

		if (!is_function(function, row->function))
			continue;
		if (strcmp(row->term, term) == 0)
			return row;
		if (!found && !row->which)
			found = row;
	}
	return found;
}

static bool several(const struct foreign *foreign, const struct traced_options *options,
		    struct error *error)
{
	char list[300] = "";
	size_t length = 0;
	const char *last = NULL;

	for (size_t i = 0; i < foreign->count; i++) {
		const struct foreign_series *series = foreign->series[i];

		if (!is_chosen(foreign, options, series) ||
		    (last && strcmp(last, series->name) == 0))
			continue;
		last = series->name;
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%.60s",
					   length ? ", " : "", last);
		if (length >= sizeof(list) - 64)
			break;
	}
	return error_set(error, ERROR_INPUT,
			 "%s: several things were measured: %s; say by --only which one is %s",
			 foreign->path, list, options->term);
}

static bool find_one(const struct foreign *foreign, const struct traced_options *options,
		     struct traced *traced, struct error *error)
{
	struct traced_term *term;
	struct amounts amounts;
	const struct term_function *row;

	if (!memory_grow(&traced->terms, &traced->capacity, 1, sizeof(*traced->terms), "terms",
			 error))
		return false;
	term = &traced->terms[traced->count++];
	term->name = options->term;
	term->term = traced_term(options->model, options->term);
	if (options->model && !term->term)
		return error_set(error, ERROR_INPUT,
				 "model %s has no term \"%.60s\"; sim costs %s lists them",
				 options->model->name, options->term, options->model->name);
	term->unit_bytes = term->term ? term_unit_bytes(term->term) : 4096;
	for (size_t i = 0; i < foreign->count; i++) {
		const struct foreign_series *series = foreign->series[i];

		if (!is_chosen(foreign, options, series))
			continue;
		if (term->from && strcmp(term->from, series->name) != 0)
			return several(foreign, options, error);
		term->from = series->name;
	}
	if (!term->from)
		return error_set(error, ERROR_INPUT,
				 "%s: nothing of the name \"%.60s\" was measured", foreign->path,
				 options->only ? options->only : "");
	row = row_of(real_name(options, term->from), options->term);
	amounts = amounts_by(foreign, row, term->term && term->unit_bytes == 0);
	term->function = row && strcmp(row->term, options->term) == 0 ? row : NULL;
	if (!take_per(options, term, &amounts, error))
		return false;
	for (size_t i = 0; i < foreign->count; i++) {
		const struct foreign_series *series = foreign->series[i];
		struct amounts of = amounts;

		if (strcmp(series->name, term->from) != 0 || !is_chosen(foreign, options, series))
			continue;
		if (is_table(series)) {
			of.kind = AMOUNT_BYTES;
			if (options->size > 0 && term->unit_bytes == 0)
				return error_set(error, ERROR_INPUT,
						 "%s is a price per call: give --x calls",
						 options->term);
		} else if (strcmp(series->name, "") == 0 && !options->per && !row &&
			   series->call_count) {
			of.kind = AMOUNT_CALL; /* durations of single units */
		}
		if (!add_series(term, &of, series, error))
			return false;
	}
	return term->count ||
	       error_set(error, ERROR_INPUT,
			 "%s: %s is a price %s, but how much each call of %s did is not told; say "
			 "--per len (an argument, in bytes), --per 16GiB (each call), --per 1 (one "
			 "unit) or --per key (of a map)",
			 foreign->path, options->term,
			 term->unit_bytes > 0 ? "of a page or MiB" : "of a call",
			 *term->from ? term->from : "the function");
}

/* --- all terms that functions tell -------------------------------------------------------------- */

static bool has_size(const char *term)
{
	return strstr(term, "_4k") || strstr(term, "_2m") || strstr(term, "_1g");
}

/* The row is of this machine, of this model and of pages of this size. */
static bool row_applies(const struct term_function *row, const struct traced_options *options,
			const struct term **term)
{
	bool memory = strncmp(row->term, "mm.", 3) == 0;

	*term = traced_term(options->model, row->term);
	if (!*term || (options->architecture && row->architecture &&
		       strcmp(options->architecture, row->architecture) != 0))
		return false;
	return !(has_size(row->term) || (memory && row->amount != AMOUNT_CALL)) ||
	       term_unit_bytes(*term) == options->page_bytes;
}

static const struct traced_term *told_already(const struct traced *traced, const char *term)
{
	for (size_t i = 0; i < traced->count; i++)
		if (strcmp(traced->terms[i].name, term) == 0)
			return &traced->terms[i];
	return NULL;
}

static bool find_row(const struct foreign *foreign, const struct traced_options *options,
		     const struct term_function *row, struct traced *traced, struct error *error)
{
	const struct traced_term *before = told_already(traced, row->term);
	struct traced_term found = { .name = row->term, .function = row };
	struct amounts amounts = amounts_by(foreign, row, true);
	bool ok;

	if (!row_applies(row, options, &found.term))
		return true;
	found.unit_bytes = row->amount == AMOUNT_CALL ? 0 : term_unit_bytes(found.term);
	ok = row->amount == AMOUNT_CALL || take_per(options, &found, &amounts, error);
	for (size_t i = 0; ok && i < foreign->count; i++) {
		const struct foreign_series *series = foreign->series[i];

		if (!is_chosen(foreign, options, series) ||
		    !is_function(real_name(options, series->name), row->function))
			continue;
		found.from = row->function;
		ok = add_series(&found, &amounts, series, error);
	}
	if (ok && found.count && before)
		ok = note(traced, error, "%s tells %s, too; %s is nearer", row->function, row->term,
			  before->from);
	else if (ok && found.count)
		ok = memory_grow(&traced->terms, &traced->capacity, traced->count + 1,
				 sizeof(*traced->terms), "terms", error);
	else if (ok && found.left_out)
		ok = note(traced, error,
			  "%s tells %s, but not how much each call did (%s): say --per 16GiB, "
			  "what each did",
			  row->function, row->term,
			  row->arguments ? row->arguments : "no argument tells it");
	if (ok && found.count && !before)
		traced->terms[traced->count++] = found;
	else
		free(found.points);
	return ok;
}

bool traced_find(const struct foreign *foreign, const struct traced_options *options,
		 struct traced *traced, struct error *error)
{
	*traced = (struct traced){ 0 };
	if (options->term)
		return find_one(foreign, options, traced, error);
	for (size_t i = 0; i < term_function_count; i++)
		if (!find_row(foreign, options, &term_function_table[i], traced, error))
			return false;
	if (traced->count)
		return true;
	return error_set(error, ERROR_INPUT,
			 "%s: %s; sim costs --functions lists the functions that tell prices, "
			 "--function NAME says which one it is, --term which term",
			 foreign->path,
			 traced->note_count ? traced->notes[0] : "no function in it tells a price");
}

void traced_fini(struct traced *traced)
{
	for (size_t i = 0; i < traced->count; i++)
		free(traced->terms[i].points);
	for (size_t i = 0; i < traced->note_count; i++)
		free(traced->notes[i]);
	free(traced->terms);
	free(traced->notes);
	*traced = (struct traced){ 0 };
}
