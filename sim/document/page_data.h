#ifndef SIM_DOCUMENT_PAGE_DATA_H
#define SIM_DOCUMENT_PAGE_DATA_H

/* The JSON document in an HTML page of `sim report`. */

#include <stdbool.h>

/* What stands around it. */
extern const char page_data_begin[], page_data_end[];

/* A text that begins like HTML, not JSON. */
bool page_data_is_page(const char *text);

/*
 * Blank out all of a page but its document, so that every value stays in its line and column.
 * False: there is none.
 */
bool page_data_keep(char *text);

#endif
