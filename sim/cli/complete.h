#ifndef SIM_CLI_COMPLETE_H
#define SIM_CLI_COMPLETE_H

/*
 * What the last of the words behind `sim` may be, a line each; shells ask for it when somebody presses TAB
 * (sim completion). Commands, options and values follow from the option tables: what help calls an argument
 * (METRIC, TERM, /POINTER, FILE) says what completes it. A line ":files" stands for names of files.
 */

#include <stdio.h>

void complete_words(char *const *words, size_t count, FILE *out);

#endif
