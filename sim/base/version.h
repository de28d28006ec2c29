#ifndef SIM_BASE_VERSION_H
#define SIM_BASE_VERSION_H

/*
 * Versions of programs, "6.12" or "7.2.22", as numbers that compare as they do. What stands behind
 * a "-" ("6.19-rc2", "6.1.0-13-amd64") is read over: a release candidate counts as its release.
 */

#include <stdbool.h>
#include <stdint.h>

enum { VERSION_PART_MAX = 999, VERSION_TEXT = 16 };

/* VERSION(6, 12) is "6.12"; 0 is no version. */
#define VERSION(major_, minor_) (INT64_C(1000000) * (major_) + INT64_C(1000) * (minor_))

/* Later than any: what was proposed and is in none. */
#define VERSION_NEVER INT64_MAX

/* Two or three numbers of at most VERSION_PART_MAX; false: the text is none, or all are zero. */
bool version_read(const char *text, int64_t *version);

/* "6.12", with a third number where it is not zero. */
void version_format(char text[VERSION_TEXT], int64_t version);

#endif
