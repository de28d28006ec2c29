#ifndef SIM_DOCUMENT_ATTACHMENT_H
#define SIM_DOCUMENT_ATTACHMENT_H

/*
 * Texts that a scenario or a command names (a trace, measurements): known by their digests, and carried whole in a result when
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

/* The file at a path, called so; attachment_fini in any case. */
bool attachment_read(struct attachment *attachment, const char *path, struct error *error);

/*
 * The one that a document carries at a pointer, {"sha256", "bytes", "text"}; without its text the
 * file at that path, which must be the same. attachment_fini in any case.
 */
bool attachment_take(struct attachment *attachment, const char *path, const json_t *carried,
		     const struct document *document, const char *pointer, struct error *error);

/* {"sha256", "bytes", "text"}; new reference, or NULL: no memory. */
json_t *attachment_to_json(const struct attachment *attachment);
void attachment_fini(struct attachment *attachment);

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
