#ifndef SIM_DOCUMENT_LIBRARY_H
#define SIM_DOCUMENT_LIBRARY_H

/*
 * Files that are read once, however often they are asked for: a scenario and those that it
 * names, at every point of a sweep. Nobody changes what is in a library (who has settings
 * makes them in a copy), and one thread alone asks it.
 */

#include "document/document.h"

/* Zeroed: empty. */
struct library {
	struct library_file **files;
	size_t count, capacity;
};

/* The file at a path ("-": standard input), read when it is not there yet; NULL on error. */
const struct document *library_read(struct library *library, const char *path, struct error *error);

/* What is there under that path, or NULL. */
const struct document *library_find(const struct library *library, const char *path);

/* Put a document there, under a path; it is taken over, also on failure (NULL). */
const struct document *library_put(struct library *library, const char *path,
				   struct document *document, struct error *error);

void library_fini(struct library *library);

#endif
