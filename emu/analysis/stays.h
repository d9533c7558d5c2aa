/*
 * What each hart may hold, by the privileged specification: translations of
 * every root that has been in its satp since a fence that covers all of that
 * root's ASID. A hart may have walked at any time while the root was there,
 * asked or not, and may keep what it found until it is told otherwise
 * ("Supervisor Memory-Management Fence Instruction").
 *
 * Moments are numbers of events (spaces.h): machine time may stand still
 * between two of them.
 */
#ifndef ANALYSIS_STAYS_H
#define ANALYSIS_STAYS_H

#include <rvemu/trace.h>

#include "base/map.h"

#define STAY_NOW UINT64_MAX
#define STAY_FENCES                                            \
    128 /* the latest of a hart that are kept: more than Linux \
           puts between two brackets */

#define STAYS_MAX 65536 /* of a hart; then all are forgotten, and counted */
#define STAY_TRAPS 32   /* the same of what is behind a hart */

/* A root was in satp with this ASID. */
struct stay {
    struct stay *same_asid; /* the next in the hart's list */
    struct stay *same_root;
    u64 root;    /* its frame */
    u64 until;   /* it left satp, or STAY_NOW */
    u64 entered; /* it came there last … */
    u64 pc;      /* … by this instruction */
    u16 asid;
    bool told; /* of a use that its translations may answer */
};

/* A fence: what a tlb_flush event says, and svinval events add. */
struct fence {
    u64 seq;    /* 0: there is none */
    u64 cut;    /* it covers stores before that: its own number, or that of the
                   sfence.w.inval before a sinval.vma, or 0 … */
    u64 effect; /* … and has done so since then; 0: not yet */
    u64 pc;
    u64 va;
    u16 asid;
    u8 hart;
    bool by_va;
    bool by_asid;
};

/* What a translation is known by to a fence. */
struct fenced {
    u64 seq; /* of the store, to a page table or to satp, that ended it */
    u64 va;
    unsigned level;
    u16 asid;
    u8 hart;
    bool global;
    bool below; /* it came by an entry above the leaf that is no more: a fence
                   by address does not reach that one */
};

/* Why a fence does not cover a translation, the smallest gap first; COVERS: it
 * does. */
enum fence_gap {
    COVERS,
    GAP_BRACKETS,
    GAP_LEVEL,
    GAP_GLOBAL,
    GAP_ASID,
    GAP_VA,
    GAP_HART
};

struct stays_hart {
    struct map by_asid; /* struct stay */
    struct map by_root;
    unsigned count; /* of stays */
    struct stay *now;
    u64 translated; /* when satp last had a root, or STAY_NOW */
    u64 emptied;    /* the last fence of everything */
    struct fence fence[STAY_FENCES];
    unsigned next_fence;
    u64 w_inval;      /* the last sfence.w.inval */
    u64 ended_before; /* no fence up to that takes effect by the latest event */
    u64 ended;        /* the last sfence.inval.ir */
    bool sinval;      /* the fence that comes next is one */
    /* The trap from a program that the hart is in … */
    u64 trap_seq; /* 0: none */
    u64 trap_pc;
    bool wrote;
    /* … and the latest that are behind it: those that stored to page tables and
     * ended where they had begun, and any. */
    struct stay_trap {
        u64 from;
        u64 to;
    } back[STAY_TRAPS], past[STAY_TRAPS];
    unsigned next_past;
    unsigned next_back;
};

/* Zero is a valid start. */
struct stays {
    struct arena *arena;          /* NULL: the heap */
    struct stays_hart *hart[256]; /* NULL: it has done nothing yet */
    unsigned harts;               /* those beyond have not, either */
    u64 lost;    /* stays that were forgotten for want of room */
    bool failed; /* memory ran out: what follows cannot be trusted */
};

/* Takes in an event with this number: satp, tlb_flush, svinval, trap, xret,
 * pte_write. */
void stays_event(struct stays *stays, const struct rvemu_event *event, u64 seq);

/* The hart's stays with this ASID, or of this root; NULL: none. */
struct stay *stays_with_asid(const struct stays *stays, unsigned hart,
                             u16 asid);
struct stay *stays_of_root(const struct stays *stays, unsigned hart, u64 root);

/* What is in the hart's satp, or NULL. */
const struct stay *stays_now(const struct stays *stays, unsigned hart);

/* Whether the hart has translated by any root since `seq`, and since its last
 * fence of everything. */
bool stays_translated(const struct stays *stays, unsigned hart, u64 seq);

/* The fences of the hart that took effect by the event with this number: start
 * with *at = 0; NULL ends it. */
const struct fence *stays_took_effect(const struct stays *stays, unsigned hart,
                                      u64 seq, unsigned *at);

enum fence_gap fence_gap(const struct fence *fence,
                         const struct fenced *fenced);

/* Whether a fence since `seq` on its hart covers this. */
bool stays_fenced(const struct stays *stays, const struct fenced *fenced,
                  u64 seq);

/* The writer's fence that comes nearest to one for a store of it at `seq` to
 * what `fenced` came from: of those behind the store the one with the smallest
 * gap, or else one before it that would have covered (COVERS). All in the trap
 * from a program in which the store was, as far as is known; NULL: none. */
const struct fence *stays_nearest(const struct stays *stays, unsigned writer,
                                  const struct fenced *fenced, u64 seq,
                                  enum fence_gap *gap);

/* Whether the hart has gone back to the program, from the trap in which it
 * stored to a page table at `seq`, to where that trap was taken. */
bool stays_is_back(const struct stays *stays, unsigned hart, u64 seq);

#endif
