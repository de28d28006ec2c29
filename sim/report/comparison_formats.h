#ifndef SIM_REPORT_COMPARISON_FORMATS_H
#define SIM_REPORT_COMPARISON_FORMATS_H

/* The writers of a comparison. Private to sim/report. */

#include "report/comparison.h"

bool comparison_write_text(const struct comparison *comparison, FILE *out, struct error *error);
bool comparison_write_json(const struct comparison *comparison, FILE *out, struct error *error);
bool comparison_write_csv(const struct comparison *comparison, FILE *out, struct error *error);
bool comparison_write_markdown(const struct comparison *comparison, FILE *out, struct error *error);

#endif
