#ifndef SIM_CALIBRATE_TRIAL_H
#define SIM_CALIBRATE_TRIAL_H

/*
 * One experiment, done once: processes of its own prepare themselves one after another, begin at
 * the same time, are timed, and are gone. Whatever happens to them, nothing of it is left: they
 * die with the program (PR_SET_PDEATHSIG), and memory, files and VMs die with them.
 *
 * What is done is a struct work; how many do it at once, where and beside whom, is the trial's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "calibrate/place.h"

/* BACKING_LARGEST: transparent huge pages as far as there are some. */
enum backing { BACKING_4K, BACKING_LARGEST, BACKING_THP, BACKING_POOL_2M, BACKING_POOL_1G };

/* Bytes of one page of that kind. */
size_t backing_bytes(enum backing backing);

/* What one process works on, between `prepare` and its end. */
struct job {
	const struct trial *trial;
	const struct place *place;
	char *memory;     /* trial->size bytes */
	int file;         /* the ring, or the VM */
	void *state;      /* of the work */
	int go;           /* a pipe that ends with the trial */
	char failed[120]; /* what could not be done; "": nothing */
};

struct work {
	bool (*prepare)(struct job *job); /* NULL: nothing to do. Not timed */
	bool (*act)(struct job *job);     /* timed; NULL: the end of the process is, by SIGKILL */
	bool waits; /* for others: wall time beyond CPU time does not mean that it was disturbed */
};

/* Why a work fails: the call and its errno. Returns false. */
bool job_fails(struct job *job, const char *call);

enum neighbour { NEIGHBOUR_NONE, NEIGHBOUR_SPINS, NEIGHBOUR_COPIES };

enum { PROCESSES_MOST = 8, PROCESSES_ALL = 1000 };

struct trial {
	const struct work *work;
	uint64_t size; /* of each process: bytes, calls, ... */
	enum backing backing;
	double resident;             /* share of the memory that is present; 0: all */
	unsigned int threads;        /* of each process; 0: its first one alone */
	uint64_t slice;              /* bytes of one call, where work is done in slices */
	unsigned int processes;      /* at once; 0: one; PROCESSES_ALL: one on each CPU */
	unsigned int cores;          /* that they share; 0: one for each */
	enum neighbour neighbour;    /* who else runs */
	bool neighbour_on_same_core; /* or on one of its own */
};

/*
 * Wall time of the act of one process; of several, and of the end, the time from the common start
 * until the last has ended: in which order a core serves them is not the matter. CPU time of each
 * on average (of an end, with what the process did until it was killed).
 */
struct taken {
	double wall_ns, cpu_ns;
	bool disturbed; /* more wall time than CPU time, by more than 5 % */
};

enum { TRIAL_SECONDS_MOST = 30 };

/*
 * Do it. ERROR_INTERRUPTED: *place->stop was set; another error says what could not be done, in
 * one sentence without a full stop, and other trials may still succeed.
 */
bool trial_run(const struct trial *trial, const struct place *place, struct taken *taken,
	       struct error *error);

/* The same up to three times, until it is not disturbed; the least disturbed of them. */
bool trial_run_undisturbed(const struct trial *trial, const struct place *place,
			   struct taken *taken, struct error *error);

/*
 * What the neighbour that copies does, until so many bytes are written: from one place to another,
 * so far apart that caches do not keep them, as far as the place's memory allows.
 */
bool copy_memory(const struct place *place, uint64_t bytes);

/* How many processes it has there. */
size_t trial_processes(const struct trial *trial, const struct place *place);

/* Nanoseconds of a clock. */
double clock_ns(int clock);

#endif
