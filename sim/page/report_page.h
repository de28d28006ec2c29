#ifndef SIM_PAGE_REPORT_PAGE_H
#define SIM_PAGE_REPORT_PAGE_H

/* What `sim report` shows of a scenario (page/page.h): run, compared, drawn. */

#include "explain/explain.h"
#include "page/page.h"

struct report_page_request {
	const char *file;
	const struct setting *settings;
	size_t setting_count;
	const char *scripts; /* folder of gnuplot's scripts; NULL: there is none */
	const char *command; /* that makes the page */
	bool compare;        /* with the other strategies of the first guest's model */
	struct experiment_options options;
};

/* Run all and write the page. *verdict: of its objectives. */
bool report_page_write(const struct report_page_request *request, FILE *out,
		       enum judgement *verdict, struct error *error);

#endif
