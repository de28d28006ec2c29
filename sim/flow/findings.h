#ifndef SIM_FLOW_FINDINGS_H
#define SIM_FLOW_FINDINGS_H

/* What a check finds, as sentences with their places: each once, and no more than can be read. */

#include <stddef.h>

struct flow;

enum { FINDINGS_MAX = 64 };

/* Where in the flows; `flow` NULL: in the model's tables. */
struct finding_place {
	const struct flow *flow;
	size_t step; /* index into the flow's steps; their number: at its end */
};

struct findings {
	char texts[FINDINGS_MAX][256];
	struct finding_place places[FINDINGS_MAX];
	size_t count;
};

/* Adds a sentence, unless it is there already; what exceeds FINDINGS_MAX is left out. */
void findings_add(struct findings *findings, struct finding_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
