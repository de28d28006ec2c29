#ifndef SIM_PAGE_PAGE_H
#define SIM_PAGE_PAGE_H

/*
 * One self-contained HTML page about a scenario: the answer, how sure, where the time went,
 * how designs compare, the slowest replication, what it rests on, and the command that makes
 * the page again, and the result as data. No script that runs, nothing from the network (a Content-Security-Policy says so),
 * readable with a keyboard or a screen reader, light or dark, on A4.
 *
 * Every text from outside passes print_html; pictures are SVG made by us or by gnuplot.
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "report/comparison.h"
#include "report/result.h"

struct page_picture {
	char *svg;           /* owned; NULL: it could not be drawn */
	const char *caption; /* what a reader sees, and hears */
};

struct page {
	const struct result *result;
	const struct comparison *comparison; /* NULL: only one design */
	const char *about;                   /* of the scenario, or NULL */
	const char *command;                 /* that makes this page */
	const char *no_pictures;             /* why there are none, or NULL */
	struct page_picture distribution, steps, designs, timeline, limbo, memory, hosts;
	const char *slowest; /* heading of the timeline */
};

/* The style sheet of all pages, and of the pictures in them. */
void page_write_style(FILE *out);

bool page_write(const struct page *page, FILE *out, struct error *error);

/*
 * What `write` writes as data in the page (page_data.c), behind `begin` (document/page_data.h).
 * `name` is what memory is short for.
 */
bool page_write_data(const char *begin, const char *name, report_writer *write, const void *what,
		     FILE *out, struct error *error);
void page_fini(struct page *page);

#endif
