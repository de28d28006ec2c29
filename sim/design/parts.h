#ifndef SIM_DESIGN_PARTS_H
#define SIM_DESIGN_PARTS_H

/* What the parts that read and write designs share. */

#include "design/design.h"
#include "document/record.h"
#include "flow/names.h"

/* A design that is being read. */
struct design_reader {
	struct name_reader known; /* first: what records name is read with it */
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

extern const struct record design_record, new_term_record, lock_record, count_record, price_record,
	act_record, loop_record, edit_record;

/* What a field names: what an operand is called, or a page state; behind it a word for none. */
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* An error at a pointer, or at a key of the object there; both return false. */
#define design_error(reader_, pointer_, ...)                                                       \
	document_error((reader_)->document, pointer_, (reader_)->error, __VA_ARGS__)
#define design_error_at(reader_, pointer_, key_, ...)                                              \
	document_error_at((reader_)->document, pointer_, key_, (reader_)->error, __VA_ARGS__)

/* --- names.c: what names stand for */

/* Reads what a design has under a name: a price, a page loop ... */
typedef bool design_member(struct design_reader *reader, const char *pointer, const char *name,
			   json_t *value);

enum {
	DESIGN_NAME_MOST = 60,     /* bytes */
	DESIGN_MEMBERS_MOST = 256, /* flows, loops, locks of one design: checks look at all pairs */
	DESIGN_STEPS_MOST = 1000,  /* of one flow, and of edits of it */
};

/* All members of an object of the design, in their order, without remarks. Their names are safe to show. */
bool design_read_each(struct design_reader *reader, const json_t *design, const char *key,
		      design_member *read);

/* Read an object that has no reader but the record. */
bool design_read_record(const struct design_reader *reader, const struct record *record,
			const char *pointer, json_t *object, void *data);

/* What is read when a record names something: design_reader.known. */
bool design_read_named(const struct name_reader *known, const struct place *place,
		       const struct field *field, json_t *value, void *target);

/* A value into what its operand says: the thing of that name, a flag, an errno ... */
bool design_read_operand(const struct design_reader *reader, const char *pointer,
			 enum operand operand, json_t *value, void *target);

/* The thing of that name (NULL: it is none, an error). */
const void *design_thing(const struct design_reader *reader, const char *pointer,
			 enum operand operand, const char *name);

/* The number of a page state, "gone" included. */
bool design_page_state(const struct design_reader *reader, const char *pointer, const char *name,
		       int *state);
json_t *design_count_to_json(const struct count *count);

/* --- model.c: a model with designs */
struct designed_model *designs_model_for(struct designs *designs, const struct model *shipped,
					 struct error *error);
bool design_add_strategy(struct designed_model *into, const struct strategy *strategy, int origin,
			 struct error *error);
/* The prices and locks that the design brings. */
design_member design_read_price, design_read_lock;

/* --- step.c: one step */
bool design_read_step(const struct design_reader *reader, const char *pointer, json_t *object,
		      struct step *step);
json_t *design_step_to_json(const struct model *model, const struct step *step);

/* --- flow.c: whole flows and edits */
design_member design_declare_flow, design_read_flow;

/* --- loop.c: page loops */
design_member design_read_loop;

#endif
