#ifndef SIM_SCENARIO_PUBLISHED_H
#define SIM_SCENARIO_PUBLISHED_H

/*
 * Published tables: figures that others measured, each with the scenario and the
 * settings that should predict it. A row says what its figure may be used for, so
 * that a figure that a cost profile was fitted to is never counted as predicted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/field.h"
#include "document/document.h"
#include "scenario/scenario.h"

/* What a row's figure is for, in the order of published_use_names. */
enum published_use {
	PUBLISHED_CALIBRATE, /* a parameter of the profile was chosen by it: shown only */
	PUBLISHED_PREDICT,   /* judged */
	PUBLISHED_BOUND,     /* judged: the prediction must not exceed it */
	PUBLISHED_EXPLAIN,   /* only the shape is explained: shown only, with a note */
	PUBLISHED_MISS,      /* judged and known not to be met, the note says why */
};
extern const char *const published_use_names[];

/* In the order of published_statistic_names. */
enum published_statistic { PUBLISHED_MEAN, PUBLISHED_MAX, PUBLISHED_P50, PUBLISHED_P99 };
extern const char *const published_statistic_names[];

/* A unit of a table: so many of the unit that metrics have. */
struct published_unit {
	const char *metric_unit; /* "ns", "pages", "bytes" or "count" */
	double scale;
};
extern const struct published_unit published_units[]; /* in the order of the names */
extern const char *const published_unit_names[];

struct published_row {
	char *label;
	char *metric; /* NULL: the table's */
	char *note;   /* or NULL */
	double published;
	int use, statistic; /* enum published_use, enum published_statistic */
};

struct published_slope {
	char *from, *to; /* labels; NULL: the table has no slope */
	double per, published, tolerance;
};

struct published_table {
	char *name, *source, *platform, *scenario, *metric;
	char *group;                          /* NULL: the first guest that has the metric */
	int unit;                             /* index into published_units */
	double tolerance, tolerance_absolute; /* relative; in the unit; 0: none */
	struct field_list rows;               /* of struct published_row */
	struct published_slope slope;
	size_t slope_from, slope_to; /* indices into rows */
	struct document document;
};

/* The table's keys. */
extern const struct record published_record;

/* JSON Schema (draft-07) of published tables, and their reference as Markdown. */
bool published_print_schema(FILE *out, struct error *error);
bool published_print_reference(FILE *out, struct error *error);

/*
 * Read and check a table; "-" is standard input. On failure nothing is owned by
 * *table and the error reads "file:line:column: error: /pointer: ...".
 */
bool published_read(struct published_table *table, const char *path, struct error *error);
void published_fini(struct published_table *table);

/* The row at `index`. */
const struct published_row *published_row(const struct published_table *table, size_t index);

/*
 * Load the scenario of a row, whose path is relative to the table's file, with the
 * row's settings applied. Warnings are dropped. An error also says which row it is of.
 * platform: what it runs on instead; NULL: what the scenario or the row says.
 */
bool published_scenario(const struct published_table *table, size_t index, const char *platform,
			struct scenario *scenario, struct error *error);

#endif
