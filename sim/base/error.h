#ifndef SIM_BASE_ERROR_H
#define SIM_BASE_ERROR_H

/*
 * One error, first one wins.
 *
 * A function that can fail takes a `struct error *` as its last argument (never
 * NULL), returns false (or NULL) on failure and has then set the error. Callers
 * hand it upwards; only sim/cli prints it and turns it into an exit status.
 */

#include <stdbool.h>

enum error_kind {
	ERROR_NONE = 0,
	ERROR_INPUT,       /* bad usage or bad scenario: exit status 2 */
	ERROR_OUTPUT,      /* a result could not be written: exit status 1 */
	ERROR_MEMORY,      /* out of memory: exit status 1 */
	ERROR_INTERNAL,    /* a defect of this program or of a model: exit status 1 */
	ERROR_INTERRUPTED, /* SIGINT or SIGTERM: exit status 130 */
};

struct error {
	enum error_kind kind;
	char message[2048]; /* one or more lines, safe to show (base/visible.h) */
};

/*
 * Record a formatted message unless an earlier one is there already.
 * What is harmful in it (base/visible.h) becomes \xNN; newlines stay. Returns false, so that callers can write
 * `return error_set(...)`.
 */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
	__attribute__((cold, format(printf, 3, 4)));

/* Record "out of memory (what)". Returns false. */
bool error_memory(struct error *error, const char *what) __attribute__((cold));

/* The process exit status of design section 6.1 for this error (0 for none). */
int error_exit_status(const struct error *error);

#endif
