#ifndef SIM_BASE_QUANTITY_H
#define SIM_BASE_QUANTITY_H

/*
 * Quantities with units: how they are read and how they are printed.
 *
 * Grammar: number, optional single space, unit; nothing else. The number is an
 * unsigned decimal with optional fraction ("64", "1.5"); no exponent, no sign.
 *   bytes      B KiB MiB GiB TiB PiB (powers of 1024), kB MB GB TB (powers of 1000)
 *   duration   ns us ms s min h d ("µs" in either code point is read as us)
 *   bandwidth  bytes unit followed by /s
 *   rate       number followed by /s /min /h /d
 * There is no default unit: a bare number is an error.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum quantity_kind {
	QUANTITY_BYTES,
	QUANTITY_DURATION,
	QUANTITY_BANDWIDTH,
	QUANTITY_RATE,
};

/*
 * Read `text` as a quantity of `kind`. The value is stored in bytes,
 * nanoseconds, bytes per second or events per second. Bytes and durations that
 * are not whole are rounded to nearest; values beyond int64 are an error.
 * On failure the message says what was wrong and gives an example
 * ("\"64 GB/s\" is a bandwidth, a size is needed (for example \"64GiB\")").
 */
bool quantity_read(const char *text, enum quantity_kind kind, double *value, struct error *error);

/* As above for the integral kinds (bytes, duration), exact up to int64. */
bool quantity_read_integer(const char *text, enum quantity_kind kind, int64_t *value,
			   struct error *error);

/* "64 GiB", "1.5 MiB", "512 B": at most four significant digits. */
void quantity_print_bytes(FILE *out, double bytes);

/*
 * The same in a unit in which all digits of `other` are shown, so that the two can be compared:
 * 1030 GiB, not 1.006 TiB, beside 1040 GiB.
 */
void quantity_print_bytes_beside(FILE *out, double bytes, double other);

/* "12.3 us", "1.05 s", "2 min 13 s": about four significant digits. */
void quantity_print_duration(FILE *out, double duration_ns);

/* The shortest exact text that quantity_read gives back ("64GiB", "1500ns"). Buffer >= 32. */
void quantity_format_exact(char buffer[32], enum quantity_kind kind, int64_t value);

#endif
