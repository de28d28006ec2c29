#ifndef SIM_BASE_PROGRESS_H
#define SIM_BASE_PROGRESS_H

/*
 * What a command is doing, how far it is and how long it has to go: one line on a terminal, which the next one
 * replaces. It appears after half a second, so a short command shows nothing. Only the thread that called progress_to
 * shows anything; without that call all others do nothing.
 */

#include <stdbool.h>
#include <stdio.h>

void progress_to(FILE *terminal);
bool progress_is_shown(void);

/*
 * What follows is the part of the whole between these shares: "table 3 of 18". A part that is all of it begins the
 * clock anew. Until the next one all lines begin so.
 */
void progress_part(double from, double to, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* `share` of that part is done (NAN: nobody knows), and this is what is being done. */
void progress_show(double share, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Within what was shown last, a simulation has come so far: said when it takes long. */
void progress_within(double share);

/* Wipe the line: something else will be written. */
void progress_end(void);

#endif
