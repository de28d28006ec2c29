#ifndef SIM_DOCUMENT_JSON_H
#define SIM_DOCUMENT_JSON_H

/* JSON that is put together: what is handed in is taken over; NULL means no memory, and stays. */

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"

json_t *list_with(json_t *list, json_t *item);
json_t *object_with(json_t *object, const char *key, json_t *value);
/* The same of an object that is the member `inner` of this one. */
json_t *object_with_in(json_t *object, const char *inner, const char *key, json_t *value);

/* A list of texts; they end with NULL (none at all: an empty list). */
json_t *list_of_names(const char *const *names);

/*
 * Write it as jansson does with JSON_INDENT(2) and JSON_ENSURE_ASCII, reals with 15 digits. An
 * object that is a member called as one of `exact` (they end with NULL; NULL: all of it) has as many
 * digits as are needed to read the same numbers again. False: memory has run out, or the stream has
 * failed.
 */
bool json_put(const json_t *value, const char *const *exact, FILE *out);

/*
 * Write any value as jansson does with these flags (JSON_INDENT, ...), but what is harmful to a terminal as
 * \uXXXX. False: memory has run out.
 */
bool json_put_line(const json_t *value, size_t flags, FILE *out);

/* Write it and an end of line; messages call it `what`. */
bool json_print(json_t *value, const char *what, int indent, FILE *out, struct error *error);

#endif
