#ifndef SIM_BASE_FILES_H
#define SIM_BASE_FILES_H

/*
 * Files that a command reads, and files that it writes: no output is one of its inputs, nor another of its
 * outputs. They are told apart by device and inode, so that another spelling, a symbolic link or a hard
 * link is the same file. From any thread.
 */

#include <stdbool.h>

#include "base/error.h"

/*
 * Open a regular file for reading, and remember it; "-" is (a duplicate of) standard input. The caller
 * closes it. -1: ERROR_INPUT, "PATH: error: ...": it cannot be opened, is no regular file, or is an output.
 */
int files_open_input(const char *path, struct error *error);

/* Remember one that a library opens by itself; false: it is an output. One that is not there is none. */
bool files_add_input(const char *path, struct error *error);

/*
 * The command will write there: said before it reads, an input that is that file is refused before any work is
 * done. NULL and "-" are standard output; devices and pipes are nobody's input. False: another output is there.
 */
bool files_add_output(const char *path, struct error *error);

/* What is about to be written; false: it is an input. */
bool files_check_output(const char *path, struct error *error);

/* A file that is read and then written anew may be both; who reads it must refuse what is not of its kind. */
bool files_add_update(const char *path, struct error *error);

#endif
