#ifndef SIM_BASE_SCALE_H
#define SIM_BASE_SCALE_H

/*
 * The values of a quantity from one end to another in equal steps, numbered by whole numbers:
 * what a search may choose between. Whole numbers number themselves.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum scale_kind {
	SCALE_WHOLE,    /* 1 .. 400 */
	SCALE_BYTES,    /* 64GiB .. 4TiB */
	SCALE_DURATION, /* 10ms .. 1min */
	SCALE_NUMBER,   /* 0.1 .. 0.9, 1/h .. 60/h, 10GB/s .. 200GB/s: numbers of one unit */
};

enum { SCALE_TEXT = 48, SCALE_STEPS = 4096 };

struct scale {
	enum scale_kind kind;
	double low, high, step; /* bytes, ns, or numbers of `unit` */
	char unit[8];           /* of SCALE_NUMBER: "/h", "GB/s" or nothing */
	int64_t first, last;    /* numbers of the ends; the last step may be shorter */
};

/*
 * From the texts of both ends and of the step. Without a step (NULL) whole numbers are one apart;
 * others have at most SCALE_STEPS round steps (powers of two of bytes, else 1, 2, 5 times powers
 * of ten). The error says which text is wrong, and how it is mended.
 */
bool scale_read(struct scale *scale, const char *low, const char *high, const char *step,
		struct error *error);

double scale_value(const struct scale *scale, int64_t number);

/* As a scenario has it: "443GiB", "12", "2.5/h". */
const char *scale_text(char text[SCALE_TEXT], const struct scale *scale, int64_t number);

#endif
