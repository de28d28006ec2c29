#ifndef SIM_PAGE_PLAN_PAGE_H
#define SIM_PAGE_PLAN_PAGE_H

/*
 * One self-contained HTML page about a plan: what was found, the picture of its limits against what
 * varies, and every look. As page/page.h: no script, nothing from the network.
 */

#include "report/planning.h"

struct plan_page {
	const struct planning *planning;
	const char *scripts; /* folder of gnuplot's; NULL: no picture */
};

/* `what`: a struct plan_page. Without gnuplot the page has no picture, and says so. */
report_writer plan_page_write;

#endif
