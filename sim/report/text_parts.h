#ifndef SIM_REPORT_TEXT_PARTS_H
#define SIM_REPORT_TEXT_PARTS_H

/* The sections of the text report. Private to sim/report. */

#include "report/result.h"

/* Reclamation, limbo, locks, pages and failures of the answer's group. */
void text_behind(FILE *out, const struct result *result, const char *group);

/* Fallbacks, failures and losses of one group, or of all (NULL). */
void text_failures(FILE *out, const struct result *result, const char *group);

/* Cores, memory bandwidth and others who do the same: how much is used, and who lost by it. */
void text_shared(FILE *out, const struct result *result);

/* Objectives, met or missed. */
void text_objectives(FILE *out, const struct result *result);

/* The prices that matter, their ranges and the answer's. */
void text_assumptions(FILE *out, const struct result *result);

#endif
