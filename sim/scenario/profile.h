#ifndef SIM_SCENARIO_PROFILE_H
#define SIM_SCENARIO_PROFILE_H

/*
 * What a cost profile (JSON) says besides its prices: what it was measured on, how many bytes per
 * second the memory of that host moves, and which of its prices err together.
 *
 *   { "name": "...", "about": "...",
 *     "platform": { "architecture": "x86_64", "cpu": "AMD EPYC 7J13", "kernel": "5.14" },
 *     "memory_bandwidth": { "mean": "204.8GB/s", "range": ["150GB/s", "260GB/s"] },
 *     "correlations": [["mm.fault", "mm.zero_4k", -0.83]],
 *     "costs": { "mm.fault": { "mean": "250ns", "range": ["220ns", "290ns"] }, ... } }
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/field.h"
#include "document/document.h"
#include "flow/config.h"

/* What prices were measured on; texts may be NULL. */
struct platform {
	int architecture; /* enum architecture */
	char *machine, *cpu, *kernel, *qemu;
	char *date; /* YYYY, YYYY-MM or YYYY-MM-DD */
};

struct profile {
	char *name, *about;
	bool measured; /* `platform` says on what */
	struct platform platform;
	json_t *bandwidth; /* object at /memory_bandwidth, or NULL; borrowed, as what follows */
	json_t *costs;     /* object at /costs */
	struct correlation *correlations;
	size_t correlation_count;
};

/* The tables of a cost profile, and of one term in it. */
extern const struct record profile_record, platform_record, bandwidth_record;

/*
 * Read all but the prices; the document outlives the profile. Both terms of a correlation are
 * among the profile's costs. profile_fini in any case.
 */
bool profile_read(const struct document *document, struct profile *profile, struct error *error);
void profile_fini(struct profile *profile);

/*
 * Whether what was measured on `one` holds on `other` as it stands: all that the one says of
 * itself but the date is the other's, too.
 */
bool platform_holds(const struct platform *one, const struct platform *other);

/* The profile's bandwidth (read before) as that of the host; one without a range scales it. */
bool profile_bandwidth(const struct document *document, const struct profile *profile,
		       struct host_config *host, struct error *error);

/* Bandwidth and range of a host of which nobody has said it. */
void bandwidth_default(struct host_config *host);

/* JSON Schema (draft-07) of cost profiles, and their reference as Markdown. */
bool profile_print_schema(FILE *out, struct error *error);
bool profile_print_reference(FILE *out, struct error *error);

#endif
