#ifndef SIM_CALIBRATE_WORKS_H
#define SIM_CALIBRATE_WORKS_H

/* What is measured, by subject. A work's size is bytes of memory unless it says otherwise. */

#include "calibrate/trial.h"

/* --- memory.c: private memory of the trial's backing, `resident` of it present ------------ */

extern const struct work work_populate;   /* MADV_POPULATE_WRITE of fresh memory */
extern const struct work work_touch;      /* a write to each page of it, by `threads` */
extern const struct work work_clear;      /* memset of present memory */
extern const struct work work_copy;       /* memcpy: bytes that are written */
extern const struct work work_unmap;      /* munmap of present memory */
extern const struct work work_end;        /* SIGKILL of a process that has it, until it is reaped */
extern const struct work work_end_helper; /* the same while a CLONE_VM process shares it */
extern const struct work work_unmap_file; /* munmap of a memfd that stays */
extern const struct work work_end_empty;  /* of a process that has unmapped it */
extern const struct work work_discard;    /* MADV_DONTNEED in slices; beside one of 2 `threads` */

/* --- pinning.c ----------------------------------------------------------------------------- */

extern const struct work work_mlock;        /* mlock of present memory */
extern const struct work work_pin;          /* io_uring registers it as buffers (FOLL_LONGTERM) */
extern const struct work work_unpin;        /* ... and gives them up */
extern const struct work work_unpin_free;   /* the same when nobody maps it: it is freed, too */
extern const struct work work_unmap_pinned; /* munmap of memory that stays pinned */

/* --- cache.c -------------------------------------------------------------------------------- */

extern const struct work work_cache_clean; /* clean and invalidate dirty memory by line */
bool cache_clean_supported(const char **why);

/* --- threads.c: sizes are calls --------------------------------------------------------------- */

extern const struct work work_grace;   /* membarrier, global: a grace period of RCU */
extern const struct work work_ipi;     /* membarrier, expedited, with a thread on another CPU */
extern const struct work work_thread;  /* pthread_create and join */
extern const struct work work_process; /* fork, _exit, wait */
extern const struct work work_syscall; /* getppid */

/* --- kvm.c: sizes are calls, vCPUs or, of a guest's memory, bytes --------------------------- */

extern const struct work work_create_vm, work_create_vcpu;
extern const struct work work_destroy_vm; /* the last file of a VM of `size` vCPUs is closed */
/* `size` slots that nobody has touched, while no vCPU runs, and while one does. */
extern const struct work work_slot_create, work_slot_delete, work_slot_flags, work_slot_move;
extern const struct work work_slot_create_running, work_slot_delete_running;
extern const struct work work_slot_flags_running, work_slot_move_running;
extern const struct work work_kick;        /* signal a running vCPU, wait until it has left */
extern const struct work work_guest_touch; /* a guest writes to each page, which the host has */
extern const struct work work_guest_loop;  /* the same loop, always over the same page */
/* All pages are mapped by a guest: */
extern const struct work work_zap;         /* their slot is deleted */
extern const struct work work_log_dirty;   /* ... has its dirty log switched on */
extern const struct work work_guest_unmap; /* munmap beneath it */
extern const struct work work_guest_close; /* the VM's files are closed, the memory stays */
extern const struct work work_guest_end;   /* its process is killed */

#endif
