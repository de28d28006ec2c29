#ifndef SIM_BASE_SHAPE_H
#define SIM_BASE_SHAPE_H

/*
 * Tables of what sim writes as JSON or CSV: one for each object. From the same table come the check
 * of every document before it is written (document/shape.h), the check of one that is read back,
 * `sim schema`, and docs/formats.md. This header is data only.
 */

#include <stdbool.h>
#include <stddef.h>

enum shape_kind {
	SHAPE_TEXT,
	SHAPE_WHOLE,    /* a whole number */
	SHAPE_NUMBER,   /* whole or real */
	SHAPE_FLAG,     /* true or false */
	SHAPE_INTERVAL, /* [low, high]: numbers, either of them null where there is no such end */
	SHAPE_OBJECT,   /* described by `of` */
	SHAPE_OBJECTS,  /* list of such objects */
	SHAPE_MAP,      /* such objects by names: {"NAME": {...}} */
	SHAPE_TEXTS,    /* list of texts */
	SHAPE_NUMBERS,  /* list of numbers or nulls */
	SHAPE_ROWS,     /* list of lists of texts and numbers */
	SHAPE_ELSEWHERE /* whatever another schema says */
};

struct shape;

struct member {
	const char *key;
	enum shape_kind kind;
	const char *help;           /* one sentence: meaning and unit */
	const struct shape *of;     /* SHAPE_OBJECT, SHAPE_OBJECTS, SHAPE_MAP */
	const char *const *choices; /* of a text: these alone, ended by NULL */
	bool null;                  /* it may be null */
	bool optional;              /* it may be left out */
};

struct shape {
	const char *name; /* "sim run", "metric" */
	const char *help;
	const struct member *members; /* end with one without a key */
	/* Of a whole document: "format" and "version" come first; NULL: it has none. */
	const char *format;
	int version;
};

#endif
