#ifndef SIM_DESIGN_DESIGN_H
#define SIM_DESIGN_DESIGN_H

/*
 * Designs: strategies as data. A design extends a strategy, shipped or of another design, by
 * flows, page loops, prices and locks of its own (docs/designs.md). Its flows are a copy of
 * that strategy's, changed; the model's own state, hooks and parameters stay, so a model sees
 * the shipped strategy that the design comes from.
 */

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "base/memory.h"
#include "document/companions.h"
#include "flow/fork.h"
#include "flow/model.h"

enum { DESIGNS_MAX = 100 };

/* A shipped model with the strategies, terms and locks of designs behind its own. */
struct designed_model {
	struct model model;
	const struct model *shipped;
	struct strategy *strategies;
	int *origins; /* of each strategy: number of the shipped one that it comes from */
	size_t strategy_capacity, origin_capacity;
	struct term *terms;
	size_t term_capacity;
	const struct lock_kind **locks;
	size_t lock_capacity;
};

/* A number, or a share of a count, in place of a name: as a count and as a ratio. */
struct number_rule {
	struct count_rule count;
	struct ratio_rule ratio;
};

/* All designs of a scenario; zeroed: none. What it hands out lives as long as it does. */
struct designs {
	struct designed_model **models;
	size_t model_count, model_capacity;
	struct fork **forks;
	size_t fork_count, fork_capacity;
	struct number_rule **numbers; /* one for one value */
	size_t number_count, number_capacity;
	struct memory_keeper keeper;
};

/*
 * Read the list at /designs of a scenario: paths of files, or designs themselves. The
 * documents must outlive the designs. On failure designs_fini frees what is there.
 */
bool designs_load(struct designs *designs, const struct document *scenario, json_t *list,
		  struct companions *companions, struct error *error);

/* Read one design, which stands at `pointer` of the document; later ones may extend it. */
bool design_read(struct designs *designs, const struct document *document, const char *pointer,
		 json_t *object, struct error *error);

/* The model with its designs, or itself when it has none. */
const struct model *designs_model(const struct designs *designs, const struct model *shipped);

/* The shipped strategy that strategy number `index` of the model comes from. */
int designs_origin(const struct designs *designs, const struct model *model, size_t index);

/* The message of a strategy that the model does not have, with those that it has. Returns false. */
bool strategy_unknown(const struct document *document, const char *pointer, const char *key,
		      const struct model *model, const char *name, struct error *error);

void designs_fini(struct designs *designs);

/* A design by itself: its file, and the strategy that it is. */
struct design_file {
	struct document document;
	struct designs designs;
	const struct model *model;
	const struct strategy *strategy;
};

/* Whether a document looks like a design, not like a scenario. */
bool document_is_design(const struct document *document);

/* Read one; design_file_fini also when it fails. The second takes over what has been read. */
bool design_file_load(struct design_file *file, const char *path, struct error *error);
bool design_file_take(struct design_file *file, struct document *document, struct error *error);
void design_file_fini(struct design_file *file);

/*
 * A design that does what the strategy does (operation OPERATION_COUNT: all of them), as one
 * writes it: its flows and the page loops that they run, in full. New reference, or NULL.
 */
json_t *design_to_json(const struct model *model, const struct strategy *strategy,
		       enum operation operation);

/* Write such a design, or a list of them, with one step a line. */
bool design_write(const json_t *design, FILE *out, struct error *error);

/* JSON Schema (draft-07) of designs, with the names of every model. */
bool design_print_schema(FILE *out, struct error *error);

/* The tables of docs/designs.md: verbs, members, page loops. */
bool design_print_reference(FILE *out, struct error *error);

#endif
