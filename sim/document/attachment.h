#ifndef SIM_DOCUMENT_ATTACHMENT_H
#define SIM_DOCUMENT_ATTACHMENT_H

/*
 * Texts that a scenario names (a trace): known by their digests, and carried whole in a result when
 * they are small, so that it can be replayed without the file.
 */

#include <stdint.h>

#include "document/document.h"

enum { ATTACHMENT_TEXT_MOST = 256 << 10 }; /* bytes, unpacked */

struct attachment {
	char *name;      /* as the scenario says it */
	char *text;      /* unpacked; NULL: it is larger than ATTACHMENT_TEXT_MOST */
	char sha256[65]; /* of the file's bytes, as sha256sum has it */
	int64_t bytes;   /* of the file */
};

/* Zeroed: none, and none is carried. */
struct attachments {
	struct attachment *items;
	size_t count, capacity;
	json_t *carried; /* {NAME: {"sha256", "bytes", "text"}} of a result; NULL: none. Owned */
};

/*
 * The text called `name` at `pointer` of the scenario: the one that is carried, or the file, whose
 * place is put into `path` (found by document_find_file; `what` is for its message). Of a carried
 * digest the file must be the same. NULL on error.
 */
const struct attachment *attachments_take(struct attachments *attachments,
					  const struct document *scenario, const char *pointer,
					  const char *name, const char *what, char *path,
					  size_t size, struct error *error);

/* {NAME: {"sha256", "bytes", "text"}} of all that were taken; new reference, or NULL: no memory. */
json_t *attachments_to_json(const struct attachments *attachments);
void attachments_fini(struct attachments *attachments);

#endif
