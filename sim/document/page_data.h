#ifndef SIM_DOCUMENT_PAGE_DATA_H
#define SIM_DOCUMENT_PAGE_DATA_H

/* The JSON documents in an HTML page of `sim report`: its result, and the comparison beside it. */

#include <stdbool.h>

/* What stands before each, and behind it. */
extern const char page_data_result[], page_data_comparison[], page_data_end[];

/* A text that begins like HTML, not JSON. */
bool page_data_is_page(const char *text);

/*
 * Blank out all of a page but the document that `begin` stands before, so that every value stays in
 * its line and column. False: there is none, and the text is as it was.
 */
bool page_data_keep(char *text, const char *begin);

#endif
