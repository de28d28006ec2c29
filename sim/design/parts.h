#ifndef SIM_DESIGN_PARTS_H
#define SIM_DESIGN_PARTS_H

/* What the parts that read and write designs share. */

#include "design/design.h"
#include "document/record.h"
#include "flow/names.h"

/* A design that is being read. */
struct design_reader {
	struct designs *designs;
	const struct document *document;
	const char *base; /* pointer of the design in the document */
	struct designed_model *into;
	int extended; /* index of the strategy that it extends */
	struct names names;
	struct fork *fork;
	const struct page_loop **loops; /* of the design, by their own names */
	size_t loop_count, loop_capacity;
	struct error *error;
};

extern const struct record design_record, loop_record, new_term_record;

/* An error at a pointer; returns false. */
#define design_error(reader_, pointer_, ...)                                                       \
	document_error((reader_)->document, pointer_, (reader_)->error, __VA_ARGS__)

/* "is none of ..." for an object's key that is not known. Returns false. */
bool design_unknown_key(const struct design_reader *reader, const char *pointer, const char *what,
			const char *key, const char *const *keys);

/* Keys of an object that is read by hand; `keys` ends with NULL. */
bool design_known_keys(const struct design_reader *reader, const char *pointer, json_t *object,
		       const char *what, const char *const *keys);

/* The thing, or the number of the term, that a name in the design stands for. */
const void *design_thing(const struct design_reader *reader, const char *pointer,
			 enum operand operand, const json_t *value);
bool design_term(const struct design_reader *reader, const char *pointer, const json_t *value,
		 int *term);

/* Of a count: a name, a number, or {"of": COUNT, "times": NUMBER}. NULL on error. */
const struct count *design_count(const struct design_reader *reader, const char *pointer,
				 json_t *value);
/* A number of calls for each page, as a ratio; equal ones are one. */
const struct ratio *design_ratio(const struct design_reader *reader, double number);
json_t *design_count_to_json(const struct count *count);

/* --- model.c: a model with designs */
struct designed_model *designs_model_for(struct designs *designs, const struct model *shipped,
					 struct error *error);
bool design_add_strategy(struct designed_model *into, const struct strategy *strategy, int origin,
			 struct error *error);
/* The prices and locks that the design brings. */
bool design_read_additions(struct design_reader *reader, json_t *design);

/* --- step.c: one step */
bool design_read_step(const struct design_reader *reader, const char *pointer, json_t *object,
		      struct step *step);
json_t *design_step_to_json(const struct model *model, const struct step *step);

/* --- flow.c: whole flows and edits */
bool design_read_flows(struct design_reader *reader, json_t *flows);

/* --- act.c: what a page loop does to pages in each state */
bool design_read_acts(const struct design_reader *reader, const char *pointer, json_t *object,
		      struct page_loop *loop);

/* --- loop.c: page loops */
bool design_read_loops(struct design_reader *reader, json_t *loops);
json_t *design_loop_to_json(const struct model *model, const struct page_loop *loop);

#endif
