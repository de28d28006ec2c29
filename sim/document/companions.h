#ifndef SIM_DOCUMENT_COMPANIONS_H
#define SIM_DOCUMENT_COMPANIONS_H

/*
 * Files that belong to others: the cost profiles and designs that a scenario names, which a
 * result carries, so that it can be replayed without them.
 */

#include <jansson.h>

#include "document/attachment.h"
#include "document/library.h"

struct companion {
	char *name; /* as the scenario says it */
	const struct document *document;
};

/* Zeroed: none, and nothing embedded. */
struct companions {
	struct companion *items;
	size_t count, capacity;
	json_t *embedded;        /* {NAME: content} of a result; NULL: files are read. Owned */
	struct library *library; /* that reads them, and outlives this; NULL: its own */
	struct library own;
};

/*
 * The file called `name`, read once, found by document_find_file. `what` and `pointer` are for
 * the message when there is none. NULL on error.
 */
const struct document *companions_read(struct companions *companions,
				       const struct document *scenario, const char *pointer,
				       const char *name, const char *what, struct error *error);

/*
 * The same of a file that is part of the program, whose text is given; one that a result carries
 * goes before it.
 */
const struct document *companions_read_text(struct companions *companions, const char *name,
					    const char *text, size_t length, struct error *error);

/* Whether a result carries a file of that name. */
bool companions_carry(const struct companions *companions, const char *name);

/*
 * Put where the file is that a value of the document (at `pointer`) names into `path`, by
 * data_folder_find: what stands in a file is sought beside that file, what --set names in the current folder and then beside the document. When it
 * is nowhere the error names every place that was looked at.
 */
bool document_find_file(const struct document *document, const char *pointer, const char *name,
			const char *what, char *path, size_t size, struct error *error);

/* One that has been read, or NULL. */
const struct document *companions_find(const struct companions *companions, const char *name);

/* {NAME: content} of all that has been read; new reference, or NULL: no memory. */
json_t *companions_to_json(const struct companions *companions);
void companions_fini(struct companions *companions);

/*
 * SHA-256 of a scenario: of the file's bytes, or of a canonical text once --set changed it;
 * and of the designs and texts that it names.
 */
bool digest_document(const struct document *document, const struct companions *companions,
		     const struct attachments *attachments, char hash[65], struct error *error);

#endif
