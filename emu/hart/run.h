/*
 * A hart's life: making it, resetting it, and running it slice by slice.
 *
 * The uppermost of hart/'s rooms: what the machine holds a hart by. What a hart
 * is, state/hart.h says.
 */
#ifndef HART_RUN_H
#define HART_RUN_H

#include "base/error.h"
#include "hart/state/hart.h"

/* What a hart is wired to. All pointers outlive the hart, and so do its
 * siblings, of which hart_init() makes it one; their ids count from 0. */
struct hart_wiring {
    unsigned id;
    struct siblings *siblings;
    u64 (*read_time)(void *source);
    bool (*timer_due)(void *source, unsigned id, u64 compare, u64 *changes);
    void *time_source;
    void (*semihost)(void *host, struct hart *hart); /* with that in config */
    void *semihost_host;
    u64 isa; /* a set of extensions (isa/ext.h) that the decoder has, too */
    struct rvemu_hart_config config; /* cache_invalid: not with Svvptc in isa */
    const struct tlb_geometry *tlb;  /* NULL: tlb_default */
};

/* Makes a hart, still without a state to run from: hart_reset(). -1 when
 * memory for its caches is lacking. */
int hart_init(struct hart *hart, const struct hart_wiring *wiring,
              struct rvemu_error *error);
void hart_fini(struct hart *hart);

/* Power-on state (privileged spec, "Reset"), to run from pc in M-mode: once for
 * each hart. It is no reset line. A hart that has run keeps its counts of steps
 * and traps, and what others know of it: the levels on its wires, page tables
 * under watch. Outside a slice. */
void hart_reset(struct hart *hart, u64 pc);

/* The guest state of a hart that was just made has been put into it, and into
 * its RAM: makes the caches that go with it. */
void hart_restored(struct hart *hart);

/* Whether that state, which comes from outside, leads no hart astray, whatever
 * its guest makes of it: it holds what this hart can hold. Before
 * hart_restored(). */
bool hart_is_sound(const struct hart *hart);

/* Why hart_run() came back. */
enum hart_exit {
    HART_SLICE_OVER, /* at its end, or before: slice.ends says why */
    HART_WAITING,    /* wfi, and nothing enabled is pending */
    HART_LOOPING,    /* its last trap was the same as the one before */
};

/* Runs a slice of at most `steps` steps. */
enum hart_exit hart_run(struct hart *hart, u64 steps);

#endif
