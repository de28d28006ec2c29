#ifndef SIM_REPORT_VALIDATION_H
#define SIM_REPORT_VALIDATION_H

/*
 * Published figures beside predicted ones. An experiment fills the tables, the
 * judgement adds errors, verdicts and summaries, the writers only read. Texts are
 * borrowed from what the tables were read from.
 */

#include "report/result.h"

enum verdict { VERDICT_NONE, VERDICT_OK, VERDICT_MISSED };
enum holding { HOLDING_NONE, HOLDING_INSIDE, HOLDING_OUTSIDE };

/*
 * 95 % of draws of all prices over their ranges, in the table's unit. It says how sure a
 * prediction has a right to be, and is judged apart from it.
 */
struct validation_band {
	struct maybe low, high;
	struct maybe width;   /* high / low */
	enum holding holding; /* whether it holds what was published */
};

/* Bands that were drawn of rows whose figure was measured: all, and those that judge. */
struct validation_coverage {
	size_t rows, inside;
	size_t blind, blind_inside; /* of them no price was chosen by */
	struct maybe widest;
};

struct validation_row {
	const char *label, *use, *metric, *statistic;
	const char *note;                     /* or NULL */
	const char *from, *to;                /* labels of a slope's rows; NULL: no slope */
	double per;                           /* what a slope's difference is divided by */
	bool judged;                          /* false: shown only */
	bool bound;                           /* the published value is an upper bound */
	double tolerance, tolerance_absolute; /* relative; in the unit; either suffices */
	double published;
	struct maybe predicted; /* in the table's unit */
	struct maybe error;     /* relative to what was published */
	enum verdict verdict;
	char profile[80];                 /* the machine's own; "": there is none */
	struct validation_band band;      /* on that profile, else of a machine that is not known */
	struct validation_band elsewhere; /* as if there were none */
};

struct validation_summary {
	size_t judged, missed;
	struct maybe worst, median; /* absolute relative error of judged rows */
	struct validation_coverage stated, own, elsewhere; /* own: those of a profile */
};

struct validation_table {
	const char *name, *source, *platform, *file, *scenario, *metric, *unit;
	struct validation_row *rows; /* owned; a slope is the last one */
	size_t row_count;
	struct validation_summary summary;
};

struct validation {
	const char *version; /* of the program */
	struct validation_table *tables;
	size_t table_count;
	struct validation_summary summary; /* over all tables */
};

/* Fill in errors, verdicts and summaries. */
bool validation_judge(struct validation *validation, struct error *error);

/* "ok", "MISSED" or "-"; "inside", "outside" or "-" */
const char *validation_verdict_name(enum verdict verdict);
const char *validation_holding_name(enum holding holding);

/* For people, and as one JSON document, format "sim-validation", version 1. */
report_writer validation_write_text, validation_write_json;

#endif
