#ifndef SIM_DOCUMENT_DATA_FOLDER_H
#define SIM_DOCUMENT_DATA_FOLDER_H

/* Files that come with the program, and where users keep theirs: cost profiles, designs, scenarios. */

#include <stdbool.h>
#include <stddef.h>

/*
 * Put where `name` is into `path`: beside the file `beside` (NULL: nowhere), in the
 * folders of $SIM_PATH, or in the data folder of the program (../share/sim from its
 * executable or libsim.so), whichever is first; an absolute name is taken as it is. False: nowhere.
 */
bool data_folder_find(const char *beside, const char *name, char *path, size_t size);

/* The place number n where data_folder_find looks; false: there are no so many. "": too long a path. */
bool data_folder_place(const char *beside, const char *name, size_t n, char *path, size_t size);

/*
 * Add the first `most` of these places to a list for a message: "a.json, scenarios/a.json". The paths are
 * as they are: what a terminal must not obey is the caller's to clean.
 */
void data_folder_list(const char *beside, const char *name, size_t most, char *list, size_t size);

#endif
