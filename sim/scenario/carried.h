#ifndef SIM_SCENARIO_CARRIED_H
#define SIM_SCENARIO_CARRIED_H

/*
 * What a stored result carries of its scenario, so that it stands alone (docs/results.md):
 *
 *   { "format": "sim-...", "version": 1,
 *     "scenario": { "file": "...", "sha256": "...", "document": {...}, "resolved": {...}, "files": {NAME: {...}},
 *                   "traces": {NAME: {"sha256", "bytes", "text"}}, "costs": {...} }, ... }
 */

#include "scenario/loader.h"

/* A document whose "format" is one of sim's own. */
bool carried_is_result(const struct document *document);

/*
 * The scenario that a result carries, as a document that is called as its file was. ERROR_INPUT at
 * the place in the result that is missing or damaged, or says a format newer than this program.
 */
bool carried_scenario(const struct document *result, struct document *scenario,
		      struct error *error);

/* What is under a key of the result's scenario; NULL: nothing. Borrowed. */
json_t *carried_part(const struct document *result, const char *key);

/* The object of a scenario that was loaded; takes `resolved` over. NULL: no memory. */
json_t *carried_to_json(const struct scenario *scenario, const char *sha256, json_t *resolved);

#endif
