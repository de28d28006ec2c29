#ifndef SIM_DOCUMENT_RECORD_H
#define SIM_DOCUMENT_RECORD_H

/*
 * Field tables at work: read a JSON object into a struct, print it back with the
 * origin of each value, describe it as JSON Schema and as Markdown.
 */

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "base/field.h"
#include "document/document.h"
#include "document/value.h"

/*
 * Read the keys of `record` from `object` (at `pointer` of the document) into
 * *data, which must be zeroed. Keys that the record does not know are left to the
 * caller (the model's keys stand in the guest's object); records inside it must know
 * all of theirs. On failure the record may be half filled; record_fini frees it.
 */
bool record_read(const struct document *document, const struct record *record, json_t *object,
		 const char *pointer, void *data, struct error *error);

/*
 * The same of what must be an object and has no reader but this: a key that the record does not
 * know is an error, too.
 */
bool record_read_whole(const struct document *document, const struct record *record, json_t *object,
		       const char *pointer, void *data, struct error *error);
/* The same; who reads the names in it stands in the place. */
bool record_read_at(const struct place *place, const struct record *record, json_t *object,
		    void *data);

/*
 * Read one value as the command line gives it, numbers bare and quantities as in a document, by
 * the same rules; messages begin with `name`. Kinds that are objects or lists cannot be read so.
 */
bool field_read_text(const struct field *field, const char *name, const char *text, void *target,
		     struct error *error);

/* Set a field that has a default to it ("null": leave it as it is). */
bool field_read_fallback(const struct field *field, void *target, struct error *error);

/* Free what a record owns; the struct itself is the caller's. */
void record_fini(const struct record *record, void *data);

/*
 * Complain about the first key of `object` that neither record (the other may be NULL) knows.
 * Keys that begin with "//" are remarks.
 */
bool record_check_keys(const struct document *document, const struct record *record,
		       const struct record *other, json_t *object, const char *pointer,
		       struct error *error);

/* The field called `key`, or NULL. */
const struct field *record_field(const struct record *record, const char *key);

/* A JSON object with every key of the record and its resolved value. New reference or NULL. */
json_t *record_to_json(const struct record *record, const void *data);

/*
 * Add to `origins` (an object keyed by JSON pointer) where each value of the record
 * came from: "FILE:LINE", "--set" or "default".
 */
bool record_origins(const struct document *document, const struct record *record, json_t *object,
		    const char *pointer, json_t *origins);

/* JSON Schema of the record's properties, added to `properties`; required keys to `required`. */
bool record_schema(const struct record *record, json_t *properties, json_t *required);

/* JSON Schema of an object of the record. New reference or NULL. */
json_t *record_object_schema(const struct record *record);

/* Print the schema of a whole document; takes the object over, NULL means no memory. */
bool schema_print(json_t *object, const char *title, int indent, FILE *out, struct error *error);

/* A Markdown table of the record's keys. */
bool record_print_reference(const struct record *record, FILE *out, struct error *error);

/* The same for a terminal, to be laid out (base/layout.h). */
void record_print_text(const struct record *record, FILE *out);

/* A section of its help and keys, and one of each record in it, titled by where that stands. */
bool record_print_sections(const struct record *record, const char *title, const char *path,
			   FILE *out, struct error *error);

#endif
