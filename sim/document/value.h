#ifndef SIM_DOCUMENT_VALUE_H
#define SIM_DOCUMENT_VALUE_H

/* Single values of field tables: what kinds there are, and how one is read and refused. */

#include <stdbool.h>

#include <jansson.h>

#include "base/field.h"
#include "base/quantity.h"
#include "document/document.h"

/* What a kind of field is called, and which text of JSON it is. */
struct value_kind {
	const char *needed; /* "a size", in messages: this is needed */
	const char *shown;  /* "size", in references */
	const char *type;   /* in a schema; NULL: any */
	/* Of quantities: what a schema holds them to, and what they look like. */
	const char *pattern, *example;
	enum quantity_kind quantity;
};
extern const struct value_kind value_kinds[];

/* Where a value stands: in a document, or else the name of an option of the command line. */
struct place {
	const struct document *document; /* NULL: `pointer` is the option's name */
	const char *pointer;
	struct error *error;
	const struct name_reader *names; /* of FIELD_NAMED; NULL: the records have none */
};

/* Who knows what names stand for: reads the value of such a field into its target. */
struct name_reader {
	bool (*read)(const struct name_reader *reader, const struct place *place,
		     const struct field *field, json_t *value, void *target);
};

/* An error at a place; returns false. */
bool place_error(const struct place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool place_wrong_type(const struct place *place, enum field_kind kind, const json_t *value);

/* Read what is neither an object nor a list of more than choices. */
bool value_read(const struct place *place, const struct field *field, json_t *value, void *target);

/* Names that somebody may have meant, for did_you_mean(); more than fit are left out. */
enum { CANDIDATES_MAX = 1023 };
struct candidates {
	const char *names[CANDIDATES_MAX + 1];
	size_t count;
};
void candidates_add(struct candidates *candidates, const char *name);

/* The number of the name, which is one of `names` (these end with NULL; NULL: it is no name). */
bool value_choice(const struct place *place, const char *const *names, const char *name,
		  int *index);

#endif
