/*
 * expat reads it: small, in steady care, and without network. A document type is refused, so
 * there are no entities to expand.
 */

#include "import/xml.h"

#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/memory.h"

enum { DEPTH_MOST = 32, TEXT_MOST = 4096 };

struct tree {
	struct imported_guest *guest;
	XML_Parser parser;
	json_t *root;
	json_t *open[DEPTH_MOST]; /* borrowed */
	size_t depth;
	char texts[DEPTH_MOST][TEXT_MOST + 1];
	size_t lengths[DEPTH_MOST];
};

static size_t line_of(const struct tree *tree)
{
#if XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION < 9 /* from there on it is deprecated */
	return (size_t)XML_GetCurrentLineNumber(tree->parser);
#else
	return (size_t)XML_GetCurrentLineNumber64(tree->parser);
#endif
}

static void refuse(struct tree *tree, const char *why)
{
	guest_error(tree->guest, line_of(tree), "%s", why);
	XML_StopParser(tree->parser, XML_FALSE);
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int internal)
{
	(void)name, (void)system, (void)public, (void)internal;
	refuse(data, "a document type (<!DOCTYPE ...>) is not read: remove it, a domain of libvirt "
		     "has none");
}

static json_t *element(const XML_Char *name, const XML_Char **attributes, size_t line)
{
	json_t *list = json_object();
	json_t *made = json_pack("{s:s, s:I, s:o, s:[]}", "name", name, "line", (json_int_t)line,
				 "attributes", list, "children");

	for (size_t i = 0; made && attributes[i]; i += 2)
		if (json_object_set_new(list, attributes[i], json_string(attributes[i + 1])) != 0) {
			json_decref(made);
			return NULL;
		}
	return made;
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct tree *tree = data;
	json_t *made;

	if (tree->depth == DEPTH_MOST) {
		refuse(tree, "elements are nested more than 32 levels deep");
		return;
	}
	made = element(name, attributes, line_of(tree));
	tree->open[tree->depth] = made;
	tree->lengths[tree->depth] = 0;
	if (made && !tree->depth)
		tree->root = made;
	else if (!made ||
		 json_array_append_new(json_object_get(tree->open[tree->depth - 1], "children"),
				       made) != 0) {
		tree->open[tree->depth] = NULL;
		error_memory(tree->guest->error, "XML");
	}
	if (tree->guest->error->kind != ERROR_NONE)
		XML_StopParser(tree->parser, XML_FALSE);
	tree->depth++;
}

static void on_text(void *data, const XML_Char *text, int length)
{
	struct tree *tree = data;
	size_t d = tree->depth - 1, room;

	if (!tree->depth)
		return;
	room = TEXT_MOST - tree->lengths[d];
	if ((size_t)length < room)
		room = (size_t)length;
	memcpy(tree->texts[d] + tree->lengths[d], text, room);
	tree->lengths[d] += room;
}

static void on_end(void *data, const XML_Char *name)
{
	struct tree *tree = data;
	size_t d = --tree->depth;
	char *text = tree->texts[d];

	(void)name;
	text[tree->lengths[d]] = '\0';
	text += strspn(text, " \t\r\n");
	for (size_t end = strlen(text); end && strchr(" \t\r\n", text[end - 1]);)
		text[--end] = '\0';
	/* a text that was cut inside a character is no UTF-8, and nothing that is read here */
	if (*text && json_object_set_new(tree->open[d], "text",
					 json_stringn_nocheck(text, strlen(text))) != 0)
		error_memory(tree->guest->error, "XML");
}

json_t *xml_read(struct imported_guest *guest, const char *text, size_t length)
{
	struct tree *tree = memory_array(1, sizeof(*tree), "XML", guest->error);
	json_t *root;

	if (!tree)
		return NULL;
	tree->guest = guest;
	tree->parser = XML_ParserCreate(NULL);
	if (!tree->parser) {
		free(tree);
		error_memory(guest->error, "XML");
		return NULL;
	}
	XML_SetUserData(tree->parser, tree);
	XML_SetElementHandler(tree->parser, on_start, on_end);
	XML_SetCharacterDataHandler(tree->parser, on_text);
	XML_SetStartDoctypeDeclHandler(tree->parser, on_doctype);
	if (XML_Parse(tree->parser, text, (int)length, XML_TRUE) != XML_STATUS_OK &&
	    XML_GetErrorCode(tree->parser) == XML_ERROR_NO_MEMORY)
		error_memory(guest->error, "XML");
	else if (XML_GetErrorCode(tree->parser) != XML_ERROR_NONE)
		guest_error(guest, line_of(tree), "not well-formed XML: %s",
			    XML_ErrorString(XML_GetErrorCode(tree->parser)));
	XML_ParserFree(tree->parser);
	root = tree->root;
	free(tree);
	if (guest->error->kind != ERROR_NONE) {
		json_decref(root);
		return NULL;
	}
	return root;
}

const char *xml_name(const json_t *element)
{
	return json_string_value(json_object_get(element, "name"));
}

const char *xml_text(const json_t *element)
{
	const char *text = json_string_value(json_object_get(element, "text"));

	return text ? text : "";
}

const char *xml_attribute(const json_t *element, const char *name)
{
	const json_t *list = json_object_get(element, "attributes");
	const char *text = json_string_value(json_object_get(list, name));

	return text ? text : "";
}

size_t xml_line(const json_t *element)
{
	return (size_t)json_integer_value(json_object_get(element, "line"));
}
