#ifndef SIM_FLOW_FINDINGS_H
#define SIM_FLOW_FINDINGS_H

/* What a check finds, as sentences: each once, and no more than can be read. */

#include <stddef.h>

enum { FINDINGS_MAX = 64 };

struct findings {
	char texts[FINDINGS_MAX][256];
	size_t count;
};

/* Adds a sentence, unless it is there already; what exceeds FINDINGS_MAX is left out. */
void findings_add(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
