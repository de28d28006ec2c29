#ifndef SIM_SWEEP_ROWS_H
#define SIM_SWEEP_ROWS_H

/* What a sweep's file (store.h) holds of one metric: its values over what varies. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { ROW_TEXT = 256, ROW_FILTERS_MOST = 8 };

struct rows_query {
	const char *path;
	const char *metric;
	const char *quantile;     /* "mean", "p50", "p90", "p99", "min", "max" */
	const char *x;            /* a pointer; NULL: the first whose values are all numbers */
	const char *const *where; /* only points of "/pointer=value" */
	size_t where_count;       /* at most ROW_FILTERS_MOST */
};

struct row {
	char line[ROW_TEXT];   /* the other values, and the guest where several have the metric */
	char x_text[ROW_TEXT]; /* as written */
	size_t point;
	size_t rank;      /* of the line, for who orders them; 0 as read */
	double x, y;      /* x: only when rows.x_unit says so */
	double low, high; /* 95 % confidence of a mean; NaN: there is none */
};

/* All texts are safe to show (base/visible.h): a sweep's file may be a stranger's. */
struct rows {
	struct row *items; /* by point and guest; owned */
	size_t count, capacity;
	char unit[16];
	char x_unit[16];                            /* "ns", "bytes", "count"; "": x is no number */
	char x[ROW_TEXT];                           /* the pointer that it is */
	char name[ROW_TEXT], version[64], seed[32]; /* of the sweep */
};

/* ERROR_INPUT when the sweep has no such metric, quantile or pointer. rows_fini in any case. */
bool rows_read(struct rows *rows, const struct rows_query *query, struct error *error);
void rows_fini(struct rows *rows);

#endif
