#ifndef SIM_BASE_FIELD_H
#define SIM_BASE_FIELD_H

/*
 * Field tables: the one definition of every JSON object that sim reads.
 *
 * A record lists the keys of one JSON object. From the same table come the
 * parser, its error messages, `sim schema`, `sim check --resolved`, `sim models`
 * and docs/scenario.md. Options of the command line are fields, too
 * (cli/options.h). This header is data only, so that models can declare
 * their parameters without knowing how JSON is read (sim/scenario does that).
 */

#include <stddef.h>
#include <stdint.h>

enum field_kind {
	FIELD_TEXT,       /* string                          -> char * (owned by the record) */
	FIELD_NAME,       /* string without control or bidi characters, 1..200 bytes -> char * */
	FIELD_FLAG,       /* true or false                   -> bool */
	FIELD_COUNT,      /* integer                         -> int64_t */
	FIELD_NUMBER,     /* real number                     -> double */
	FIELD_RATIO,      /* real number (range in the table) -> double */
	FIELD_BYTES,      /* "64GiB"                         -> int64_t, bytes */
	FIELD_DURATION,   /* "1.5us"                         -> int64_t, nanoseconds */
	FIELD_PRICE,      /* "0.2ns", of one unit            -> double, nanoseconds */
	FIELD_RANGE,      /* list of two such, low and high  -> double[2], nanoseconds */
	FIELD_BANDWIDTH,  /* "250MB/s"                       -> double, bytes per second */
	FIELD_BANDWIDTHS, /* list of two such, low and high -> double[2], bytes per second */
	FIELD_RATE,       /* "3/h"                           -> double, events per second */
	FIELD_VERSION,    /* "6.12" (base/version.h)         -> int64_t; 0: none */
	FIELD_CHOICE,     /* one of `choices`                -> int, index into choices */
	FIELD_CHOICES,    /* list of `choices`               -> uint64_t, bit i for choices[i] */
	FIELD_TEXTS,      /* list of strings                 -> struct field_list of char * */
	FIELD_RECORD,     /* object described by `record`    -> the struct itself, in place */
	FIELD_RECORDS,    /* list of such objects            -> struct field_list of structs */
	FIELD_ANY,        /* left to a later stage           -> nothing is stored */
	FIELD_NAMED,      /* what the reader of the record knows by name (design/parts.h) */
};

struct record;

/* A list in a record: `count` items in one block owned by the record. */
struct field_list {
	void *items;
	size_t count;
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;               /* offsetof(struct the_record, member) */
	const char *fallback;        /* default as JSON text ("\"64GiB\"", "4"); NULL: required */
	double minimum, maximum;     /* inclusive, in the stored unit; both 0: kind's own range */
	const char *const *choices;  /* NULL-terminated; FIELD_CHOICE and FIELD_CHOICES; of
					FIELD_NAMED and FIELD_ANY, what a schema defines it as,
					and a word that stands for none */
	const struct record *record; /* FIELD_RECORD and FIELD_RECORDS; of FIELD_ANY, what it is
					read by later: schema and reference show it */
	const char *help;            /* one sentence: meaning, unit, where a default comes from */
};

struct record {
	const char *name; /* what error messages call it: "guest", "host" */
	const char *help;
	size_t size;                /* sizeof(struct the_record) */
	const struct field *fields; /* ends with a field whose key is NULL */
};

#endif
