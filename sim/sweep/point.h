#ifndef SIM_SWEEP_POINT_H
#define SIM_SWEEP_POINT_H

/* One point of a sweep's file (store.h) by itself: its scenario, and its results again. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "document/document.h"

/* A file of sim sweep, whatever its format: by its first bytes. */
bool point_is_store(const char *path);

/*
 * The scenario of a point as a document that stands alone (format "sim-scenario"), with its values,
 * files and prices. ERROR_INPUT: no such point, or the file is none of this format. The caller's to
 * free.
 */
bool point_scenario(struct document *document, const char *path, size_t point, struct error *error);

/*
 * Run the point again and compare every value with what is stored. Writes one line about it;
 * ERROR_INTERNAL names the first value that differs.
 */
bool point_again(const char *path, size_t point, const volatile bool *stop, FILE *out,
		 struct error *error);

#endif
