#include "flow/flow_diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "flow/print.h"

enum { CONTEXT = 3 };

/* A flow as lines of text. */
struct listing {
	const char *name, *summary;
	char *text;
	char **lines;
	size_t count, capacity;
};

struct listings {
	struct listing *items;
	size_t count, capacity;
};

static const struct listing *find(const struct listings *listings, const char *name)
{
	for (size_t i = 0; i < listings->count; i++)
		if (strcmp(listings->items[i].name, name) == 0)
			return &listings->items[i];
	return NULL;
}

static bool list_flow(const struct program *program, size_t index, struct listing *listing,
		      struct error *error)
{
	size_t size = 0;
	FILE *memory = memory_stream(&listing->text, &size);
	char *rest = NULL;

	listing->name = program->flows[index].flow->name;
	listing->summary = program->flows[index].flow->summary;
	if (!memory)
		return error_memory(error, "flow");
	flow_print_steps(program, index, memory);
	if (!memory_stream_close(memory, &listing->text, "flow", error))
		return false;
	for (char *line = strtok_r(listing->text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (!memory_grow(&listing->lines, &listing->capacity, listing->count + 1,
				 sizeof(*listing->lines), "lines", error))
			return false;
		listing->lines[listing->count++] = line;
	}
	return true;
}

static bool list_flows(const struct model *model, const struct strategy *strategy,
		       struct listings *listings, struct error *error)
{
	bool ok = true;

	for (int i = 0; ok && i < OPERATION_COUNT; i++) {
		struct program program;

		if (!strategy->flows[i])
			continue;
		if (!program_build(&program, model, strategy->flows[i], error))
			return false;
		for (size_t f = 0; ok && f < program.flow_count; f++) {
			if (find(listings, program.flows[f].flow->name))
				continue;
			ok = memory_grow(&listings->items, &listings->capacity, listings->count + 1,
					 sizeof(*listings->items), "flows", error) &&
			     list_flow(&program, f, &listings->items[listings->count++], error);
		}
		program_fini(&program);
	}
	return ok;
}

static void listings_free(struct listings *listings)
{
	for (size_t i = 0; i < listings->count; i++) {
		free(listings->items[i].text);
		free(listings->items[i].lines);
	}
	free(listings->items);
}

/* --- the longest common subsequence of lines --------------------------------------- */

/* One line of the difference: ' ' of both, '-' of the first, '+' of the second. */
struct edit {
	char kind;
	const char *line;
};

/* `lengths` is (a + 1) x (b + 1): of the longest common subsequence of what follows. */
static void fill_lengths(const struct listing *a, const struct listing *b, size_t *lengths)
{
	size_t width = b->count + 1;

	for (size_t i = a->count; i-- > 0;)
		for (size_t k = b->count; k-- > 0;) {
			size_t down = lengths[(i + 1) * width + k];
			size_t right = lengths[i * width + k + 1];

			lengths[i * width + k] = strcmp(a->lines[i], b->lines[k]) == 0
							 ? 1 + lengths[(i + 1) * width + k + 1]
						 : down > right ? down
								: right;
		}
}

static size_t list_edits(const struct listing *a, const struct listing *b, const size_t *lengths,
			 struct edit *edits)
{
	size_t width = b->count + 1, i = 0, k = 0, count = 0;

	while (i < a->count || k < b->count) {
		if (i < a->count && k < b->count && strcmp(a->lines[i], b->lines[k]) == 0) {
			edits[count++] = (struct edit){ ' ', a->lines[i++] };
			k++;
		} else if (k == b->count || (i < a->count && lengths[(i + 1) * width + k] >=
								     lengths[i * width + k + 1])) {
			edits[count++] = (struct edit){ '-', a->lines[i++] };
		} else {
			edits[count++] = (struct edit){ '+', b->lines[k++] };
		}
	}
	return count;
}

static bool near_a_change(const struct edit *edits, size_t count, size_t at)
{
	size_t first = at < CONTEXT ? 0 : at - CONTEXT;

	for (size_t i = first; i < count && i <= at + CONTEXT; i++)
		if (edits[i].kind != ' ')
			return true;
	return false;
}

/* Should its line be broken, the rest stands below its text, without a sign. */
static void print_edit(const struct edit *edit, FILE *out)
{
	size_t indent = strspn(edit->line, " ");

	fprintf(out, "%c%*s\v%s\n", edit->kind, (int)indent + 2, "", edit->line + indent);
}

static bool print_edits(const struct listing *a, const struct listing *b, FILE *out,
			struct error *error)
{
	size_t *lengths =
		memory_array((a->count + 1) * (b->count + 1), sizeof(*lengths), "lines", error);
	struct edit *edits = memory_array(a->count + b->count, sizeof(*edits), "lines", error);
	size_t count = 0;
	bool gap = false;

	if (lengths && edits) {
		fill_lengths(a, b, lengths);
		count = list_edits(a, b, lengths, edits);
	}
	for (size_t i = 0; i < count; i++) {
		if (near_a_change(edits, count, i))
			print_edit(&edits[i], out);
		else if (!gap)
			fputs(" ...\n", out);
		gap = !near_a_change(edits, count, i);
	}
	free(lengths);
	free(edits);
	return lengths && edits;
}

static bool same(const struct listing *a, const struct listing *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->lines[i], b->lines[i]) != 0)
			return false;
	return a->count == b->count;
}

/* --- the whole ----------------------------------------------------------------------- */

static size_t print_flows(const struct listings *a, const struct listings *b, FILE *out,
			  struct error *error)
{
	const struct listing nothing = { 0 };
	size_t printed = 0;

	for (size_t i = 0; i < a->count + b->count; i++) {
		const struct listing *one = i < a->count ? &a->items[i] : &b->items[i - a->count];
		const struct listing *first = find(a, one->name), *second = find(b, one->name);

		if ((i >= a->count && first) || (first && second && same(first, second)))
			continue;
		printed++;
		fprintf(out, "\n%s: %s%s\n", one->name, one->summary,
			!second  ? " (gone)"
			: !first ? " (new)"
				 : "");
		if (!print_edits(first ? first : &nothing, second ? second : &nothing, out, error))
			break;
	}
	return printed;
}

static void print_price(char sign, const struct term *term, FILE *out)
{
	const double values[] = { term->mean_ns, term->low_ns, term->high_ns };
	char texts[3][32];

	for (int i = 0; i < 3; i++)
		if (values[i] == floor(values[i]))
			quantity_format_exact(texts[i], QUANTITY_DURATION, (int64_t)values[i]);
		else
			snprintf(texts[i], sizeof(texts[i]), "%gns", values[i]);
	fprintf(out, "%c price %s: %s per %s, %s .. %s, %s\n", sign, term->name, texts[0],
		term_unit_names[term->unit], texts[1], texts[2], term_status_names[term->status]);
}

/* Prices and locks of one model that the other lacks. */
static void print_new(char sign, const struct model *model, const struct model *other, FILE *out)
{
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		bool known = false;

		for (size_t k = FIRST_TERM; k < other->term_count; k++)
			known = known || strcmp(model->terms[t].name, other->terms[k].name) == 0;
		if (!known)
			print_price(sign, &model->terms[t], out);
	}
	for (size_t i = 0; i < model->lock_count; i++) {
		bool known = false;

		for (size_t k = 0; k < other->lock_count; k++)
			known = known || strcmp(model->locks[i]->name, other->locks[k]->name) == 0;
		if (!known)
			fprintf(out, "%c lock %s, one for %s\n", sign, model->locks[i]->name,
				model->locks[i]->scope == SCOPE_HOST ? "the host" : "each guest");
	}
}

bool flow_diff(const struct model *model_a, const struct strategy *a, const struct model *model_b,
	       const struct strategy *b, FILE *out, struct error *error)
{
	struct listings first = { 0 }, second = { 0 };

	if (list_flows(model_a, a, &first, error) && list_flows(model_b, b, &second, error)) {
		fprintf(out, "--- %s/%s: %s\n+++ %s/%s: %s\n", model_a->name, a->name, a->summary,
			model_b->name, b->name, b->summary);
		print_new('-', model_a, model_b, out);
		print_new('+', model_b, model_a, out);
		if (!print_flows(&first, &second, out, error))
			fputs("the flows are the same\n", out);
	}
	listings_free(&first);
	listings_free(&second);
	return error->kind == ERROR_NONE;
}
