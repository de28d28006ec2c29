#ifndef SIM_BASE_VISIBLE_H
#define SIM_BASE_VISIBLE_H

/*
 * Text from outside, made safe to show: terminals obey control characters (C0, DEL
 * and C1), direction marks reorder what is read, and a stray byte of a cut UTF-8
 * sequence is a control character to a terminal of eight bits.
 */

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the harmless UTF-8 character that `text` begins with; 0: harmful, or not UTF-8. */
size_t visible_length(const char *text);

/* Bytes of the UTF-8 character that `bytes` begin with, harmful or not, and its code point; 0: not UTF-8. */
size_t visible_decode(const char *bytes, unsigned int *code);

/* Nothing in `text` is harmful. */
bool visible_is_clean(const char *text);

/*
 * Copy `text` with every byte of what is harmful as \xNN (a newline, too). What does
 * not fit in `size` bytes is left out, never half a character.
 */
void visible_text(char *out, size_t size, const char *text);

/* A path; of a long one its end, which tells files apart, so that a message has room behind it. */
enum { VISIBLE_PATH_BYTES = 120, VISIBLE_PATH = 4 * VISIBLE_PATH_BYTES + 4 };
void visible_path(char out[VISIBLE_PATH], const char *path);

/* The same of a text of several lines: newlines stay. */
void visible_lines(char *out, size_t size, const char *text);

#endif
