#ifndef SIM_SCENARIO_COMPLETE_H
#define SIM_SCENARIO_COMPLETE_H

/* How words of a command line may go on: pointers into a scenario, their values, names. */

#include <jansson.h>

/* What is told of each; the word is borrowed. */
struct completion {
	const char *word; /* what was typed so far */
	void (*visit)(const char *word, void *data);
	void *data;
};

/* `word`, when it goes on from what was typed. */
void completion_offer(const struct completion *completion, const char *word);
void completion_offer_all(const struct completion *completion, const char *const *words);

/*
 * "/guests/0/mem", "/guests/db/strategy=as", "/guests/0/strategy=sync,as": keys of the tables and of the
 * scenario `root` (NULL: not known), items by number and by name, "/" or "=" behind them; values of those
 * that have names.
 */
void complete_pointer(const struct completion *completion, const json_t *root);

void complete_metrics(const struct completion *completion);
void complete_guests(const struct completion *completion, const json_t *root);

#endif
