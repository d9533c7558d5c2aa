/*
 * Probes: virtual addresses at which an instruction is to be reported before
 * it is executed, in any privilege but U; and breakpoints, at which a hart is
 * to stop before that, in any privilege.
 *
 * Decoded code is found by physical address, and a probe is at a virtual one.
 * So a block ends before every instruction whose offset in its page is that of
 * some probe (form.h), and one that begins with such an instruction is never
 * entered (block.h): a step executes it, which looks at the whole address
 * (interp/probe.h). Which code is mapped where, and when, then does not matter.
 *
 * Where a probe wants returns, calls of the function there are remembered by
 * return address and stack pointer: the two that its return has again, on
 * whatever hart, by the calling convention of RISC-V ("Integer Register
 * Convention": ra and sp). The return address is a site, and as good as a
 * probe from then on.
 *
 * A hart that stopped at a breakpoint and has made no step since then executes
 * the instruction there.
 *
 * This is no guest state, and no cache either: it outlives a machine that
 * moves (machine/move.h).
 */
#ifndef HART_CODE_PROBES_H
#define HART_CODE_PROBES_H

#include "base/map.h"
#include "base/types.h"

#define PROBES_CALLS 256   /* without return, that are remembered */
#define PROBES_SITES 65536 /* calls from others are seen, their returns not */
#define PROBES_HARTS 8

struct probe {
    bool enters;  /* somebody wants to know of the instruction here … */
    bool returns; /* … and of the end of the call that begins with it */
    bool site;    /* such a call was to come back here */
    bool stops;   /* it is a breakpoint */
};

struct probe_call {
    u64 function;
    u64 site;
    u64 sp;
};

/* All zero is a valid start. */
struct probes {
    struct map at; /* struct probe, by address */
    unsigned functions;
    unsigned breakpoints;
    unsigned sites;
    bool is_silent;   /* breakpoints stop nobody for now */
    unsigned stopped; /* the hart that has stopped at a breakpoint, and 1; 0:
                       * none has, or it has been told of */
    u64 stopped_at[PROBES_HARTS]; /* at which of its steps each did, and 1 */
    u8 offsets[256]; /* of all of them in their pages, a bit each two bytes */
    unsigned calls;
    struct probe_call call[PROBES_CALLS]; /* the oldest first */
};

void probes_free(struct probes *probes);

/* The calls without return at a snapshot, for going back to it. */
struct probes_saved;

/* Copies them to *saved; NULL where there are none. -1 when memory is lacking.
 */
int probes_save(const struct probes *probes, struct probes_saved **saved);

/* They are without return again, those of functions that want returns now; and
 * no hart has stopped at a breakpoint. */
void probes_restore(struct probes *probes, const struct probes_saved *saved);

/* Adds a probe, or changes whether it wants returns. False: no memory. */
bool probes_add(struct probes *probes, u64 va, bool returns);

/* Takes a probe away, and what is known of calls of it. False: there is none.
 */
bool probes_remove(struct probes *probes, u64 va);

/* Adds a breakpoint, or takes it away. False: no memory, or there is none. */
bool probes_break(struct probes *probes, u64 va, bool on);

/* Whether some address at this offset of its page is a probe or a site. */
static inline bool probes_has_offset(const struct probes *probes,
                                     unsigned offset)
{
    return offset < 4096 && probes->offsets[offset / 16] >> offset / 2 % 8 & 1;
}

/* The probe or site at va, or NULL. */
const struct probe *probes_find(const struct probes *probes, u64 va);

/* A function that wants returns was called. Whether that makes a new site, so
 * that code decoded before has to go. */
bool probes_enter(struct probes *probes, u64 function, u64 site, u64 sp);

/* The latest call that comes back here, taken out, in *function. False: there
 * is none. */
bool probes_leave(struct probes *probes, u64 site, u64 sp, u64 *function);

#endif
