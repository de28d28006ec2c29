#ifndef SIM_DECIDE_COMPARE_H
#define SIM_DECIDE_COMPARE_H

/*
 * Designs under common random numbers: replication r of one against replication r of
 * the other. Streams are named by guest, occurrence and cost term, so what two designs
 * share (a guest's boot, say) takes the same time in both and drops out of the difference.
 */

#include "repeat/experiment.h"
#include "report/comparison.h"
#include "scenario/scenario.h"

/*
 * Run the scenarios, labelled by `labels`, and compare `metric` (NULL: the baseline's
 * answer) with that of scenario `baseline`. All have the same number of replications: as
 * many as the baseline asks for, or (automatic) until every design has the precision that
 * the scenario wants. Prices are drawn over their ranges, too, the same for all designs. *out is the caller's to free.
 */
bool compare_run(const struct scenario *scenarios, const char *const *labels, size_t count,
		 size_t baseline, const char *metric, const struct experiment_options *options,
		 struct comparison *out, struct error *error);

/*
 * Compare stored results (JSON files of `sim run`, pages of `sim report`). Those of the baseline's
 * seed are compared replication by replication, as far as both hold what each observed; others are
 * taken as independent: their intervals are combined (Welch). `paired` of *out says that all were
 * paired. ERROR_INPUT when a file holds no such result.
 */
bool compare_stored(const char *const *paths, size_t count, size_t baseline, const char *metric,
		    struct comparison *out, struct error *error);

/* The same of results that have been read; `paths` are what the designs are called. */
struct document;
bool compare_documents(const struct document *documents, const char *const *paths, size_t count,
		       size_t baseline, const char *metric, struct comparison *out,
		       struct error *error);

#endif
