#ifndef SIM_IMPORT_XML_H
#define SIM_IMPORT_XML_H

/* XML from elsewhere, as a tree of JSON objects with the lines where elements begin. */

#include "import/guest.h"

/*
 * The root: {"name", "line", "text", "attributes": {}, "children": []}; of texts the first 4 KiB,
 * without the blanks around them. The caller's to release. NULL: guest->error says why: it is not
 * well-formed, has a document type, or is nested more than 32 levels deep.
 */
json_t *xml_read(struct imported_guest *guest, const char *text, size_t length);

/* Of an element; texts that are not there are empty, and all of them the tree's. */
const char *xml_name(const json_t *element);
const char *xml_text(const json_t *element);
const char *xml_attribute(const json_t *element, const char *name);
size_t xml_line(const json_t *element);

#endif
