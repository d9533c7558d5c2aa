/*
 * Phantoms: translations that a hart may still hold, by the privileged
 * specification, though the page table says otherwise by now; whether the TLB
 * of this machine holds them or not.
 *
 * A phantom is born when a store to a page table takes something from a leaf
 * that a hart may have walked to: it had the leaf's root in satp since the
 * entry got its old value, and no fence of that hart covers the translation
 * since (stays.h). It dies by a fence that does. Entries above a leaf are held,
 * too: what an entry that pointed to a table led to leaves phantoms, which no
 * fence by address ends. What was there with A clear, or for a store with D
 * clear, answers nothing: the hart would have had to update the entry, and so
 * to look at it ("Virtual Address Translation Process").
 *
 * A use is an access that a phantom would have answered otherwise than the page
 * table did. It is seen where the hart walks or faults. Where the TLB of this
 * machine answers with the phantom itself, that is a stale_use (stale.h). A
 * root that is in satp with an ASID that another has, without a fence in
 * between, is judged by the tables of that other.
 */
#ifndef ANALYSIS_PHANTOMS_H
#define ANALYSIS_PHANTOMS_H

#include "analysis/stays.h"
#include "analysis/windows.h"

#define PHANTOMS_MAX (1 << 18) /* that live; later ones are not kept */
#define PHANTOM_PLACES (1 << 14)
#define PHANTOM_FRAMES (1 << 12)

struct phantom {
    /* Each is in three lists, by what it is looked for. */
    struct phantom *next[3];
    struct phantom **from[3];
    struct fenced at;
    u64 pte_pa;
    u64 old; /* the leaf as it was */
    u64 frame;
    u64 root;      /* the frame of the one whose it was */
    u64 pc;        /* of the store … */
    u8 writer;     /* … and its hart */
    bool given;    /* its frame is another's by now */
    bool harmless; /* counted as such */
    bool used;
};

/* Zero but for what points elsewhere is a valid start. */
struct phantoms {
    struct story *story;
    struct stale *stale;
    struct windows *windows;
    bool on;
    struct stays stays;
    u64 live;
    struct phantom *spare;
    struct phantom *place[PHANTOM_PLACES];
    struct phantom *of_frame[PHANTOM_FRAMES];
    struct phantom *of_asid[256]; /* by its lower bits; global ones by no
                                     ASID's */
    struct phantom *of_global;
    u64 harmless; /* of which an access got the same, or was tried again */
    u64 possible; /* whose frame was given out while they lived */
    u64 unkept;   /* for want of room */
};

/* An event is about to be taken by the spaces: satp, tlb_flush, svinval,
 * trap, xret and pte_write. */
void phantoms_before(struct phantoms *phantoms,
                     const struct rvemu_event *event);

/* It has been, or is of another kind: pte_write, pte_found, tlb_fill,
 * page_fault, stale_use. */
void phantoms_after(struct phantoms *phantoms, const struct rvemu_event *event);

#endif
