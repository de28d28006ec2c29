#ifndef SIM_DOCUMENT_DATA_FOLDER_H
#define SIM_DOCUMENT_DATA_FOLDER_H

/* Where files that come with the program are: cost profiles, published tables. */

#include <stdbool.h>
#include <stddef.h>

/*
 * Put where `name` is into `path`: beside the file `beside` (NULL: nowhere), in the
 * folders of $SIM_PATH, or in the data folder of the program (../share/sim from its
 * executable), whichever is first; an absolute name is taken as it is. False: nowhere.
 */
bool data_folder_find(const char *beside, const char *name, char *path, size_t size);

#endif
