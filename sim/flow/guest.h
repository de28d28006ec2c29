#ifndef SIM_FLOW_GUEST_H
#define SIM_FLOW_GUEST_H

/*
 * A guest as models see it: in hooks, counts, conditions and page ranges.
 *
 * A generation is one life of a guest. When one dies its pages may linger while
 * the next runs; the guest keeps a list of the dead ones until they are reclaimed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "flow/config.h"
#include "flow/metric_kind.h"
#include "flow/pages.h"

struct page_call;

enum { PAGE_BYTES = 4096, DEAD_GENERATIONS_MAX = 64 };

struct dead_generation {
	uint32_t number;    /* from 1 */
	int64_t died_ns;    /* when it did */
	int64_t held_bytes; /* memory besides guest pages that is held until it is reclaimed */
	uint32_t process;   /* the n-th of the guest, in which it died */
	uint64_t pages;     /* that it left behind then */
	uint64_t lost;      /* pages of the guest that had been lost by then */
};

/* The OOM killer has taken the process: since it asked, or since another did. */
enum oom_role { OOM_NONE, OOM_ASKED, OOM_FOR_ANOTHER };
extern const char *const oom_role_names[]; /* NULL, "who asked", "for another" */

/* Something of which there is not enough. */
struct shortage {
	const char *of; /* "host memory", "RLIMIT_MEMLOCK": static text; NULL: nothing ran out */
	enum unit unit;
	int64_t wanted, there; /* asked for, and what was left of it */
	enum oom_role oom;
};

struct guest {
	const struct guest_config *config;
	const struct host_config *host;
	void *state;           /* the model's own */
	void *shared;          /* the model's own, one for all guests of the host; zero at first */
	struct page_map pages; /* present pages, each of config->page_bytes */
	int64_t now_ns;        /* in a hook: the present instant */
	bool running;
	int64_t cores; /* that its threads may run on: of the host, or of its node */

	uint32_t generation; /* number of the living one, from 1 */
	uint32_t dead_count;
	uint64_t lost_pages;   /* pages that a failed call left unusable */
	int64_t leaked_bytes;  /* memory that is never given back after a failed call */
	uint64_t failed_calls; /* of the last step with calls that can fail */
	uint64_t calls_made; /* by the last page loop with such calls, before the one that failed */
	const struct page_call *failed_call; /* that ended the last page loop with such calls */
	struct shortage shortage;            /* set by a hook that gives an errno: what ran out */
	struct dead_generation *dead;        /* dead_count of them, in no order */
	size_t dead_room;                    /* for so many: see guest_make_room() */
};

static inline bool guest_host_has(const struct guest *guest, enum host_feature feature)
{
	return (guest->host->features >> feature) & 1;
}

/* Fraction of its memory that is present. */
double guest_resident(const struct guest_config *config);

/* Present pages of the guest's own memory by its configuration, and those below `limit_bytes`. */
uint64_t guest_resident_pages(const struct guest *guest);
uint64_t guest_resident_pages_below(const struct guest *guest, int64_t limit_bytes);

/* Room for one more dead generation: before each hook. False: memory has run out. */
bool guest_make_room(struct guest *guest, struct error *error);

/*
 * The living generation dies, holding `held_bytes` besides its pages; the next
 * begins. Returns the number of the dead one, or 0 when too many dead ones
 * linger (DEAD_GENERATIONS_MAX).
 */
uint32_t guest_generation_dies(struct guest *guest, int64_t held_bytes);

/* It is reclaimed, or leaked: it is on the list no more; the last one takes its place. */
void guest_generation_forget(struct guest *guest, struct dead_generation *dead);

/* For a hook: there is not enough of something. Returns the errno; 0: there is enough. */
int guest_short_of(struct guest *guest, const char *of, enum unit unit, int64_t wanted,
		   int64_t there, int error);

/* The dead generation of that number, or NULL. */
struct dead_generation *guest_dead_generation(struct guest *guest, uint32_t number);

#endif
