#ifndef SIM_DOCUMENT_COMPANIONS_H
#define SIM_DOCUMENT_COMPANIONS_H

/*
 * The files that a scenario names: cost profiles and designs. A result carries them, so
 * that it can be replayed without them. Private to sim/scenario.
 */

#include <jansson.h>

#include "document/document.h"

struct companion {
	char *name; /* as the scenario says it */
	struct document document;
};

/* Zeroed: none, and nothing embedded. */
struct companions {
	struct companion **items;
	size_t count, capacity;
	json_t *embedded; /* {NAME: content} of a result; NULL: files are read. Owned */
};

/*
 * The file called `name`, read once, found by document_find_file. `what` and `pointer` are for
 * the message when there is none. NULL on error.
 */
const struct document *companions_read(struct companions *companions,
				       const struct document *scenario, const char *pointer,
				       const char *name, const char *what, struct error *error);

/*
 * Where the file is that a value of the document (at `pointer`) names: beside the document,
 * in the folders of $SIM_PATH, or in the data folder of the program (../share/sim from its
 * executable); one that --set names in the current folder first. An error when it is nowhere.
 */
bool document_find_file(const struct document *document, const char *pointer, const char *name,
			const char *what, char *path, size_t size, struct error *error);

/* One that has been read, or NULL. */
const struct document *companions_find(const struct companions *companions, const char *name);

/* {NAME: content} of all that has been read; new reference, or NULL: no memory. */
json_t *companions_to_json(const struct companions *companions);
void companions_fini(struct companions *companions);

#endif
