#ifndef SIM_BASE_PROGRAM_H
#define SIM_BASE_PROGRAM_H

/* That the program or library was built from, "-dirty" behind it when files were changed; "": not known. */
extern const char program_commit[]; /* cmake/commit.cmake */

#endif
