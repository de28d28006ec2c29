#ifndef SIM_FLEET_FLEET_PARTS_H
#define SIM_FLEET_FLEET_PARTS_H

/* The parts of a fleet: the files of this folder share them, nobody else. */

#include "fleet/fleet.h"
#include "fleet/rooms.h"
#include "flow/runtime.h"

struct vm {
	const struct vm_request *request;
	int64_t end_ns;    /* of its life; INT64_MAX: it outlives the trace */
	uint32_t moves;    /* to other hosts */
	bool started;      /* it has run */
	struct vm *next;   /* in the queue */
	struct slot *slot; /* where it is, or starts; NULL: nowhere */
};

/* What a host's users had of it: sums over time. */
struct used {
	double cores;        /* busy ns */
	double moved;        /* bytes over its memory bus */
	double bytes, vcpus; /* times ns: needed by VMs and held beyond; of VMs that are placed */
};

struct usage {
	int64_t bytes, vcpus; /* at present, since ... */
	int64_t settled_ns;
	struct used now, before, from; /* at the begin of the hour, and of what is observed */
};

struct fleet_host {
	int64_t committed_bytes; /* needed by VMs that are placed and not gone */
	int64_t lingering_bytes; /* held by VMs that are gone, or beyond what placed ones need */
	int64_t peak_bytes;      /* of both */
	int64_t lingering_peak_bytes;
	int64_t vcpus;
	uint64_t started;
	bool changed; /* it has got room */
	bool closed;  /* it takes no VMs: it is evacuated */
	struct usage usage;
	int64_t found_needed, found_beyond; /* at the end, by its VMs */
};

/* A host that is emptied. */
struct evacuation {
	const struct evacuation_config *config;
	struct fleet *fleet;
	struct event turn; /* it begins; after its end, the host is back */
	bool begun, under_way;
	uint64_t moving; /* VMs that are on their way */
};

/* One VM after another uses it. */
struct slot {
	struct instance instance;  /* first: an instance of a fleet is its slot */
	uint32_t number;           /* in the heap of the ends of lives */
	struct vm *vm;             /* that it is at present; NULL: none */
	bool down;                 /* its VM is gone from it; memory may linger */
	int64_t beyond_bytes;      /* that it holds beyond its need; none is when it is down */
	struct event_source *each; /* events of its own */
	bool moving;               /* its VM goes to ... */
	size_t target;             /* ... this host, where it has room */
	struct evacuation *because_of;
	int64_t asked_ns;  /* when it was told to go */
	struct slot *next; /* free ones */
};

/* The ends of the lives of VMs that run. */
struct lives {
	struct heap ends;  /* of time, and order of being expected; by number of the slot */
	uint64_t expected; /* so far */
	struct event next; /* of them */
};

/* What is counted of VMs, from COUNTER_VMS_ARRIVED on. */
enum { VM_COUNTS = COUNTER_VMS_LEFT_OUT - COUNTER_VMS_ARRIVED + 1 };

struct fleet {
	const struct fleet_config *config;
	struct simulation *simulation;
	struct group *group;
	struct fleet_host *hosts;
	struct rooms rooms; /* of the hosts */
	struct vm *vms;
	int64_t *need_bytes;     /* by flavour */
	int64_t room_bytes;      /* that VMs can have on an empty host */
	size_t arrived;          /* VMs so far */
	struct vm *first, *last; /* that wait */
	uint64_t waiting;
	struct slot **slots;
	size_t slot_count, slot_capacity;
	struct slot *free_slots;
	struct lives lives;
	struct event arrival, retry, expiry;
	struct evacuation *evacuations;
	uint64_t evacuating; /* hosts at present */
	uint64_t present;    /* slots in use */
	struct event hour;   /* is over */
	int64_t hour_from_ns;
	uint64_t counts[VM_COUNTS];
	size_t first_count, first_host_count; /* counters */
};

static inline struct slot *slot_of(struct instance *instance)
{
	return (struct slot *)instance;
}

static inline uint64_t *fleet_count(struct fleet *fleet, enum counter_id id)
{
	return &fleet->counts[id - COUNTER_VMS_ARRIVED];
}

/* --- placement.c --- */
void fleet_room_changed(struct fleet *fleet, size_t host); /* or it is closed, or open again */
bool fleet_fits(const struct fleet *fleet, size_t host, const struct vm *vm);

/* A host with room for the VM, or SIZE_MAX. */
size_t fleet_choose(const struct fleet *fleet, const struct vm *vm);

/* From now on the VM's need counts on the host; from now on what it still holds does. */
void fleet_commit(struct fleet *fleet, const struct vm *vm, size_t host);
void fleet_commit_no_more(struct fleet *fleet, const struct vm *vm, size_t host);
void fleet_uncommit(struct fleet *fleet, struct slot *slot);

/* What the slot's VM holds has changed: what is beyond its need is room that others lack. */
void fleet_settle(struct fleet *fleet, struct slot *slot);

/* The host has got room, perhaps: who waits for it tries again at this instant. */
void fleet_got_room(struct fleet *fleet, size_t host);

/* Who waits for room, or for a host that is empty, sees memory come back in portions. */
void fleet_choose_portions(struct fleet *fleet);

/* --- slots.c --- */
struct slot *slot_new(struct fleet *fleet, struct error *error);

/* Start the VM on a host where its need counts already. NULL: the engine has an error. */
struct slot *slot_put(struct fleet *fleet, struct vm *vm, size_t host);
void slot_release(struct fleet *fleet, struct slot *slot);
void slot_fini(struct slot *slot);

/* --- lives.c --- */
bool lives_build(struct fleet *fleet, struct error *error);
void lives_reset(struct fleet *fleet);
void lives_fini(struct fleet *fleet);

/* The slot's VM is told to shut down at at_ns; it is not, after all (or never was to be). */
void life_expect_end(struct fleet *fleet, struct slot *slot, int64_t at_ns);
void life_forget_end(struct fleet *fleet, const struct slot *slot);

/* --- evacuation.c --- */
bool evacuations_build(struct fleet *fleet, struct error *error);
void evacuations_reset(struct fleet *fleet);
void evacuations_go_on(struct fleet *fleet);               /* there may be room, or a VM to move */
void evacuation_down(struct slot *slot);                   /* a moving VM has left its host */
void evacuation_arrived(struct slot *slot);                /* it runs on another */
void evacuation_given_up(struct slot *slot);               /* it never will */
void evacuation_is_over(struct fleet *fleet, size_t host); /* if nothing is left on the host */

/* --- waiting.c --- */
bool waiting_build(struct fleet *fleet, struct error *error);
void fleet_place(struct fleet *fleet, struct vm *vm, size_t host); /* the first host of a VM */
void fleet_wait_for_room(struct fleet *fleet, struct vm *vm);

/* --- usage.c --- */
bool usage_build(struct fleet *fleet, struct error *error);
void usage_begin(struct fleet *fleet); /* it is observed from now on */
void usage_end(struct fleet *fleet);
void usage_changed(struct fleet *fleet, size_t host);
void usage_look_for_end(struct fleet *fleet); /* perhaps nothing happens any more */

/* --- fleet_conservation.c --- */
void fleet_adds_up(struct fleet *fleet); /* at the end; or the engine has an error */

/* --- fleet_metrics.c --- */
bool fleet_build_metrics(struct fleet *fleet, struct error *error);
void fleet_warm_up_over(void *driver);
void fleet_finish(void *driver);

#endif
