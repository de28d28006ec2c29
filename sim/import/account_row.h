#ifndef SIM_IMPORT_ACCOUNT_ROW_H
#define SIM_IMPORT_ACCOUNT_ROW_H

/* Rows of an account: a label, and a text that a layout (base/layout.h) wraps beside it. */

#include <stdio.h>

/* Text from outside is shown with its harmful bytes as \xNN. Labels have at most 13 columns. */
void account_row(FILE *out, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
