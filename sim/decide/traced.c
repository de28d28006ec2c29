#include "decide/traced_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
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

/* It has measurements, and is what the user wants of the file. */
static bool is_chosen(const struct foreign *foreign, const struct traced_options *options,
		      const struct foreign_series *series)
{
	return has_own_calls(foreign, series) &&
	       (!options->only || strcmp(series->name, options->only) == 0);
}

const struct term *traced_term(const struct model *model, const char *name)
{
	for (size_t m = 0; m < model_table_count; m++) {
		int term = !model || model == model_table[m] ? model_term(model_table[m], name)
							     : NO_TERM;

		if (term != NO_TERM)
			return &model_table[m]->terms[term];
	}
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
		if (strcmp(row->term, term) == 0 || (row->also && strcmp(row->also, term) == 0))
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

static const char *term_hint(char hint[HINT_MAX], const struct model *model, const char *name)
{
	enum { NAMES_MOST = 128 };
	const char *names[NAMES_MOST + 1] = { NULL };

	for (size_t t = FIRST_TERM; t < model->term_count && t < NAMES_MOST; t++)
		names[t - FIRST_TERM] = model->terms[t].name;
	return did_you_mean(hint, name, names);
}

static bool find_one(const struct foreign *foreign, const struct traced_options *options,
		     struct traced *traced, struct error *error)
{
	struct traced_term *term;
	struct amounts amounts;
	const struct term_function *row;
	char hint[HINT_MAX];

	if (!memory_grow(&traced->terms, &traced->capacity, 1, sizeof(*traced->terms), "terms",
			 error))
		return false;
	term = &traced->terms[traced->count++];
	term->name = options->term;
	term->term = traced_term(options->model, options->term);
	if (options->model && !term->term)
		return error_set(error, ERROR_INPUT,
				 "model %s has no term \"%.60s\"%s (`sim costs %s` lists them)",
				 options->model->name, options->term,
				 term_hint(hint, options->model, options->term),
				 options->model->name);
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
	term->function = row && (strcmp(row->term, options->term) == 0 ||
				 (row->also && strcmp(row->also, options->term) == 0))
				 ? row
				 : NULL;
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

/* The row is of this machine, of this model and of pages of this size: under which names. */
static bool row_applies(const struct term_function *row, const struct traced_options *options,
			struct traced_term *found)
{
	bool memory = strncmp(row->term, "mm.", 3) == 0;

	found->name = row->term;
	found->term = traced_term(options->model, row->term);
	if (row->also && !found->term) {
		found->name = row->also;
		found->term = traced_term(options->model, row->also);
	} else if (row->also && !options->model) {
		found->also = row->also;
	}
	if (!found->term || (options->architecture && row->architecture &&
			     strcmp(options->architecture, row->architecture) != 0))
		return false;
	return !(has_size(row->term) || (memory && row->amount != AMOUNT_CALL)) ||
	       term_unit_bytes(found->term) == options->page_bytes;
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
	const struct traced_term *before;
	struct traced_term found = { .function = row };
	struct amounts amounts = amounts_by(foreign, row, true);
	bool ok;

	if (!row_applies(row, options, &found))
		return true;
	before = told_already(traced, found.name);
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
		ok = note(traced, error, "%s tells %s, too; %s is nearer", row->function,
			  found.name, before->from);
	else if (ok && found.count)
		ok = memory_grow(&traced->terms, &traced->capacity, traced->count + 1,
				 sizeof(*traced->terms), "terms", error);
	else if (ok && found.left_out)
		ok = note(traced, error,
			  "%s tells %s, but not how much each call did (%s): say --per 16GiB, "
			  "what each did",
			  row->function, found.name,
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
