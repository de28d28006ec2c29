#include "document/attachment.h"

#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lines.h"
#include "base/memory.h"
#include "document/companions.h"
#include "document/json.h"

/* All lines of a file, unless they are too many: then *text is NULL. */
static bool read_text(const char *path, char **text, struct error *error)
{
	size_t length = 0, capacity = 0;
	struct lines lines;
	bool fits = true;

	*text = NULL;
	if (!lines_open(&lines, path, error))
		return false;
	while (fits && lines_next(&lines)) {
		size_t more = strlen(lines.text);

		fits = length + more + 1 <= ATTACHMENT_TEXT_MOST;
		if (!fits || !memory_reserve(text, &capacity, length + more + 2, 1, "text", error))
			break;
		memcpy(*text + length, lines.text, more);
		length += more;
		(*text)[length++] = '\n';
		(*text)[length] = '\0';
	}
	lines_close(&lines);
	if (fits && error->kind == ERROR_NONE)
		return *text || (*text = memory_text("", error)) != NULL;
	free(*text);
	*text = NULL;
	return error->kind == ERROR_NONE;
}

static bool read_file(struct attachment *attachment, const char *path, struct error *error)
{
	struct stat status;

	/* the first guards against what is no file: it must come first */
	if (!read_text(path, &attachment->text, error))
		return false;
	if (stat(path, &status) != 0 || !SHA256File(path, attachment->sha256))
		return file_error(path, error, "cannot read");
	attachment->bytes = (int64_t)status.st_size;
	return true;
}

static bool take_carried(struct attachment *attachment, const json_t *carried, struct error *error)
{
	const char *sha256 = json_string_value(json_object_get(carried, "sha256"));
	const char *text = json_string_value(json_object_get(carried, "text"));

	snprintf(attachment->sha256, sizeof(attachment->sha256), "%s", sha256 ? sha256 : "");
	attachment->bytes = json_integer_value(json_object_get(carried, "bytes"));
	attachment->text = text ? memory_text(text, error) : NULL;
	return !text || attachment->text;
}

/* The file at a path is the one whose digest is carried, if one is. */
static bool read_same(struct attachment *attachment, const char *path, const json_t *carried,
		      const struct document *document, const char *pointer, struct error *error)
{
	const char *sha256 = json_string_value(json_object_get(carried, "sha256"));

	return read_file(attachment, path, error) &&
	       (!sha256 || strcmp(sha256, attachment->sha256) == 0 ||
		document_error(document, pointer, error,
			       "%s is another file than the one that the result was made with: its "
			       "SHA-256 is %.16s..., not %.16s...",
			       path, attachment->sha256, sha256));
}

static bool take(struct attachment *attachment, const json_t *carried,
		 const struct document *scenario, const char *pointer, const char *what, char *path,
		 size_t size, struct error *error)
{
	if (json_is_string(json_object_get(carried, "text"))) {
		snprintf(path, size, "%s", attachment->name);
		return take_carried(attachment, carried, error);
	}
	return document_find_file(scenario, pointer, attachment->name, what, path, size, error) &&
	       read_same(attachment, path, carried, scenario, pointer, error);
}

bool attachment_read(struct attachment *attachment, const char *path, struct error *error)
{
	*attachment = (struct attachment){ .name = memory_text(path, error) };
	return attachment->name && read_file(attachment, path, error);
}

bool attachment_take(struct attachment *attachment, const char *path, const json_t *carried,
		     const struct document *document, const char *pointer, struct error *error)
{
	*attachment = (struct attachment){ .name = memory_text(path, error) };
	return attachment->name &&
	       (json_is_string(json_object_get(carried, "text"))
			? take_carried(attachment, carried, error)
			: read_same(attachment, path, carried, document, pointer, error));
}

json_t *attachment_to_json(const struct attachment *attachment)
{
	/* text that is no UTF-8 is not carried */
	json_t *text = attachment->text ? json_string(attachment->text) : NULL;

	return json_pack("{s:s, s:I, s:o}", "sha256", attachment->sha256, "bytes",
			 (json_int_t)attachment->bytes, "text", text ? text : json_null());
}

void attachment_fini(struct attachment *attachment)
{
	free(attachment->name);
	free(attachment->text);
	*attachment = (struct attachment){ 0 };
}

const struct attachment *attachments_take(struct attachments *attachments,
					  const struct document *scenario, const char *pointer,
					  const char *name, const char *what, char *path,
					  size_t size, struct error *error)
{
	struct attachment *attachment;

	if (!memory_grow(&attachments->items, &attachments->capacity, attachments->count + 1,
			 sizeof(*attachments->items), "files", error))
		return NULL;
	attachment = &attachments->items[attachments->count];
	attachment->name = memory_text(name, error);
	if (!attachment->name)
		return NULL;
	attachments->count++;
	return take(attachment, json_object_get(attachments->carried, name), scenario, pointer,
		    what, path, size, error)
		       ? attachment
		       : NULL;
}

json_t *attachments_to_json(const struct attachments *attachments)
{
	json_t *object = json_object();

	for (size_t i = 0; i < attachments->count; i++)
		object = object_with(object, attachments->items[i].name,
				     attachment_to_json(&attachments->items[i]));
	return object;
}

void attachments_fini(struct attachments *attachments)
{
	for (size_t i = 0; i < attachments->count; i++)
		attachment_fini(&attachments->items[i]);
	free(attachments->items);
	json_decref(attachments->carried);
	*attachments = (struct attachments){ 0 };
}
