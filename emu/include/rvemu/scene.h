/*
 * The scene: who is there and what they share, as of the last event that was
 * fed. Spaces and their pages, frames and who maps them, TLBs, harts, and what
 * has happened so far, for whoever draws it or answers questions about it.
 *
 * A scene is fed events, live or from a file, and knows nothing else: it never
 * looks at a machine. It holds an explainer (explain.h) of its own, whose lines
 * it gives out, too, if options ask for that.
 *
 * Answers are copies. They are as of the last event fed, and change with the
 * next. Addresses are bytes, frames physical page numbers of 4 KiB (PPN), times
 * ns of machine time; 0 stands for "none" and "not known" unless said
 * otherwise. A scene is used by one thread at a time. What a guest can make it
 * keep is bounded; rvemu_scene_counts says what was let go for that.
 *
 * What was there before the first event that was fed is not known: feed it from
 * the beginning.
 */
#ifndef RVEMU_SCENE_H
#define RVEMU_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/emt.h>
#include <rvemu/error.h>
#include <rvemu/explain.h>
#include <rvemu/trace.h>

struct rvemu_scene;

/* ---- what has happened ---- */

/* The steps of which a story is made, in the order in which they come. */
enum rvemu_story_part {
    RVEMU_PART_SHARED,   /* W was taken from the entry, for copy-on-write */
    RVEMU_PART_FAULT,    /* the page fault was raised */
    RVEMU_PART_COPIED,   /* the new frame was found equal to the old one */
    RVEMU_PART_WRITTEN,  /* the entry was stored */
    RVEMU_PART_FENCED,   /* the hart fenced the address */
    RVEMU_PART_RETURNED, /* it went back to where the fault was raised */
    RVEMU_PARTS
};

/* What happened, and was worth a sentence. */
struct rvemu_story {
    uint64_t id;      /* from 1 on, in the order in which they became known */
    uint64_t cause;   /* id of what made it possible: of a copy, the fork that
                       * shared the page; of a fork, the fork of its parent; of
                       * an end, the fork that it began with */
    uint64_t time;    /* of what it tells */
    const char *kind; /* the name of its sentence, as in --explain=json: "fork",
                       * "copy", "refused", ... */
    const char *text; /* the sentence, without accents */
    bool is_finding;  /* it says that the guest's kernel errs */
    unsigned hart;    /* RVEMU_NO_HART: not known */
    unsigned space;   /* that it happened in; of a fork, the child */
    unsigned other;   /* another that takes part; of a fork, the parent */
    uint64_t va;      /* the address that it is about */
    uint64_t size;    /* of the page there, in bytes */
    uint64_t frame;   /* that the page is in now */
    uint64_t old;     /* that it was in before */
    uint64_t pc;      /* of the instruction that raised the fault, or stored the
                       * entry */
    /* Of the entry that was stored: */
    uint64_t pte_pa, old_pte, pte;
    uint64_t fork; /* of a fork, a copy, a reuse: the number of the fork */
    struct rvemu_story_moment {
        uint64_t time; /* 0: it was not seen */
        uint64_t pc;
    } part[RVEMU_PARTS];
};

/* Is told of a story, once, when all of its parts are known or cannot come any
 * more: so not in the order of time. The record lives during the call. A scene
 * that has gone back does not tell again what it has told. */
typedef void rvemu_story_fn(void *arg, const struct rvemu_story *story);

struct rvemu_scene_options {
    /* As of an explainer; `line` may be NULL. `full` decides of what there are
     * stories, too: of every fault, or of forks, copies and refusals. */
    struct rvemu_explain_options explain;
    rvemu_story_fn *story; /* may be NULL */
    void *arg;
};

/* NULL when memory is lacking. */
struct rvemu_scene *rvemu_scene_new(const struct rvemu_scene_options *options);
void rvemu_scene_free(struct rvemu_scene *scene);

/* The set of event kinds that feed() wants; others are ignored. Of tlb_fill,
 * tlb_evict and tlb_flush live the TLBs, of ad_update A and D. */
rvemu_event_set rvemu_scene_kinds(const struct rvemu_scene_options *options);

/* Takes the next event. Its type is that of a subscriber. */
void rvemu_scene_feed(void *scene, const struct rvemu_event *event);

/* No more events come: tells what is still open, and the explainer's totals. */
void rvemu_scene_finish(struct rvemu_scene *scene);

/* The explainer within, for its totals and for flush, pause and begin. The
 * scene's own; it is fed by the scene alone. */
struct rvemu_explain *rvemu_scene_explainer(struct rvemu_scene *scene);

/* The state, as struct rvemu_subscription wants it of an observer: save() makes
 * a copy (NULL when memory is lacking), which costs what has changed since the
 * one before; restore() goes to one, as often as one likes; drop() ends it.
 * Copies are to be dropped before the scene is freed. Lines and stories that
 * were told are not told again. */
void *rvemu_scene_save(void *scene);
void rvemu_scene_restore(void *scene, const void *saved);
void rvemu_scene_drop(void *scene, void *saved);

/* What was told of times behind the present is forgotten: another future comes,
 * and is told. */
void rvemu_scene_cut(struct rvemu_scene *scene);

/* The latest stories, that end with the one of this id: at most the 4,096 last
 * are kept. False: it is not there (yet, or any more). The text lives until the
 * next event. Parts that have not happened yet have time 0. */
bool rvemu_scene_story(const struct rvemu_scene *scene, uint64_t id,
                       struct rvemu_story *story);

/* The id of the latest, 0 for none. */
uint64_t rvemu_scene_last_story(const struct rvemu_scene *scene);

const char *rvemu_story_part_name(enum rvemu_story_part part);

/* ---- how much there is ---- */

struct rvemu_scene_counts {
    uint64_t events; /* fed so far */
    uint64_t time;   /* of the last */
    uint64_t spaces, alive;
    uint64_t tables; /* page tables of live spaces */
    uint64_t frames; /* that are mapped for a user */
    uint64_t shared; /* of these: more than once */
    uint64_t stories;
    uint64_t forgotten; /* spaces that ended, entries and TLB entries that there
                         * was no room for */
    bool failed;        /* memory ran out, or the tables are woven too densely:
                         * what is shown may be wrong */
};
void rvemu_scene_count(const struct rvemu_scene *scene,
                       struct rvemu_scene_counts *counts);

/* ---- spaces ---- */

/* An address space: what one root maps, from when it is first loaded until it
 * has lost all its pages or its root. */
struct rvemu_scene_space {
    unsigned id; /* from 1 on, never given again */
    bool is_alive;
    bool has_run;         /* a program has */
    uint64_t number;      /* as sentences call it; 0: they have not yet */
    bool has_pid;         /* marks lend it … */
    uint64_t pid;         /* … this pid */
    char name[32];        /* by marks or its code; "": not known */
    uint64_t root_ppn;    /* that it has, or had */
    unsigned levels;      /* of its tables: 3 for Sv39, 4, 5 */
    uint64_t satp;        /* as it was last loaded */
    unsigned parent;      /* id of the space that it was forked from */
    uint64_t fork;        /* number of that fork … */
    uint64_t fork_story;  /* … its story … */
    uint64_t forked_time; /* … and when its call was made */
    uint64_t seen_time;   /* when it was first loaded, or its pages found */
    uint64_t ended_time;  /* 0: it is alive */
    /* Of one that is alive: */
    uint64_t pages;  /* of 4 KiB, mapped for a user */
    uint64_t shared; /* of these: in frames that are mapped more than once */
    uint64_t cow;    /* of these: copy-on-write, as struct rvemu_scene_page */
    uint32_t harts;  /* bit h: hart h has its root in satp */
};

/* The space with this id; false: there is none, or it was forgotten. Of the
 * spaces that have ended the 4,096 last are kept. */
bool rvemu_scene_space(const struct rvemu_scene *scene, unsigned id,
                       struct rvemu_scene_space *space);

/* The next space behind this id, in the order of their beginnings: 0 begins.
 * `alive`: of those that live. False: there are no more. */
bool rvemu_scene_next_space(const struct rvemu_scene *scene, unsigned behind,
                            bool alive, struct rvemu_scene_space *space);

/* The id of the live space with this root, pid, or number; 0 for none. Of a pid
 * the one that began last. */
unsigned rvemu_scene_space_of_root(const struct rvemu_scene *scene,
                                   uint64_t root_ppn);
unsigned rvemu_scene_space_of_pid(const struct rvemu_scene *scene,
                                  uint64_t pid);
unsigned rvemu_scene_space_of_number(const struct rvemu_scene *scene,
                                     uint64_t number);

/* ---- pages ---- */

enum rvemu_scene_area {
    RVEMU_AREA_UNKNOWN,
    RVEMU_AREA_TEXT,
    RVEMU_AREA_RODATA,
    RVEMU_AREA_DATA,
    RVEMU_AREA_HEAP,
    RVEMU_AREA_STACK,
    RVEMU_AREA_MMAP,
    RVEMU_AREAS
};

/* A leaf of a space. */
struct rvemu_scene_page {
    uint64_t va;      /* its first address */
    uint64_t size;    /* bytes: 4 KiB << 9 * level; an entry of a NAPOT range
                       * stands for its own 4 KiB */
    unsigned level;   /* of the entry */
    uint64_t frame;   /* its first */
    uint64_t pte_pa;  /* where the entry lies */
    uint64_t pte;     /* the entry; N and the size in the PPN are taken out */
    bool is_user;     /* U=1 */
    uint64_t mappers; /* places that map the frame for a user, in all spaces;
                       * this one is among them if is_user */
    /* W=0 since it was taken while this page stayed mapped, from it or from one
     * that it is shared with, and it has not been given back: a store would
     * have to be answered by a copy, or with W for the last. */
    bool is_cow;
    uint64_t fork; /* number of the latest fork that shared the frame … */
    uint64_t fork_story;        /* … and its story; 0: it has none (yet) */
    enum rvemu_scene_area area; /* by marks */
    uint64_t since;             /* when the entry came to map this frame */
    uint64_t changed;           /* when the entry was stored last … */
    uint64_t changed_pc;        /* … by this instruction … */
    uint64_t changed_from; /* … and what it was before; A and D that a hart
                            * set are no such store */
    uint64_t taken;        /* when it lost W last; 0: it has not, since it
                            * maps this frame … */
    uint64_t taken_pc;     /* … by this instruction */
};

/* The user page at `va` or, if nothing is mapped there, the next above, in the
 * order of addresses as unsigned numbers. False: there are none. To go on, ask
 * for page.va + page.size, unless that is 0. */
bool rvemu_scene_page_from(const struct rvemu_scene *scene, unsigned space,
                           uint64_t va, struct rvemu_scene_page *page);

/* The page at va, a user's or not. False: nothing is mapped there. */
bool rvemu_scene_page_at(const struct rvemu_scene *scene, unsigned space,
                         uint64_t va, struct rvemu_scene_page *page);

/* "text", "heap"; "" for RVEMU_AREA_UNKNOWN and from RVEMU_AREAS on. */
const char *rvemu_scene_area_name(enum rvemu_scene_area area);

#define RVEMU_SCENE_LEVELS 5

/* An entry that a walk comes by. */
struct rvemu_scene_step {
    unsigned level; /* 0: of 4 KiB */
    uint64_t pte_pa;
    uint64_t pte;
    uint64_t changed, changed_pc, changed_from; /* as of a page */
};

/* Walks the tables of a space, as they are known, down to the entry that ends
 * it: a leaf, one with V=0, or one that leads to a table which is not known.
 * Returns how many entries that were, the root's first; 0: there is no such
 * live space, or va is not sign-extended. */
unsigned rvemu_scene_walk(const struct rvemu_scene *scene, unsigned space,
                          uint64_t va,
                          struct rvemu_scene_step step[RVEMU_SCENE_LEVELS]);

/* ---- frames ---- */

enum rvemu_frame_kind {
    RVEMU_FRAME_UNKNOWN, /* no live space leads to it */
    RVEMU_FRAME_USER,    /* mapped for a user */
    RVEMU_FRAME_TABLE,   /* a page table */
    RVEMU_FRAME_ROOT,    /* a root */
    RVEMU_FRAME_LEFT     /* it was shared, all known mappings are gone, and one
                          * that has not run yet may map it still */
};

struct rvemu_scene_frame {
    uint64_t ppn;  /* its first */
    uint64_t size; /* bytes */
    enum rvemu_frame_kind kind;
    unsigned level;            /* of the leaves that map it; of the table */
    uint64_t mappers;          /* places that map it for a user */
    bool is_protected;         /* copy-on-write: W was taken, and is not back */
    uint64_t fork, fork_story; /* as of a page */
    uint64_t since;            /* when it came to be what it is: first mapped */
    uint64_t copy_of;          /* it was made as a copy of this frame … */
    uint64_t copied;           /* … at this time */
    uint64_t copies;           /* so many were made of it since it was shared */
    /* What it was before, if that was a user's page: */
    unsigned was_space;
    uint64_t was_va;
    uint64_t was_until;
};

/* The frame that holds this PPN; false: nothing is known of it. Where it lies
 * in pages of several sizes, the smallest. */
bool rvemu_scene_frame(const struct rvemu_scene *scene, uint64_t ppn,
                       struct rvemu_scene_frame *frame);

/* The first frame of any kind but UNKNOWN at this PPN or above. To go on, ask
 * for ppn + 1. A page of several sizes comes once for each. */
bool rvemu_scene_frame_from(const struct rvemu_scene *scene, uint64_t ppn,
                            struct rvemu_scene_frame *frame);

/* Where a frame is mapped for a user. */
struct rvemu_scene_mapper {
    unsigned space;
    uint64_t va; /* of the frame's first address */
    uint64_t pte, pte_pa;
    unsigned level;
    uint64_t since;
};

/* Lists who maps the frame that holds a PPN, in whatever size of page, `most`
 * at most, in the order of their ids and addresses. Returns how many there are,
 * which may be more; 65,536 are looked at. */
size_t rvemu_scene_mappers(const struct rvemu_scene *scene, uint64_t ppn,
                           struct rvemu_scene_mapper *mappers, size_t most);

/* ---- TLBs ---- */

/* An entry of a hart's TLB. */
struct rvemu_scene_tlb {
    unsigned hart;
    uint64_t va;     /* the first address that it covers */
    uint64_t size;   /* of what it covers, in bytes */
    uint64_t pte;    /* as cached: a leaf, or V=0 */
    uint64_t pte_pa; /* where that was read */
    unsigned level;  /* of pte */
    unsigned asid;   /* 0 when global */
    bool global;
    unsigned space;  /* whose table it was read from, if that lives */
    uint64_t filled; /* when */
    uint64_t now;    /* what the entry at va is in that space's tables now: 0
                      * also when it is not known */
    /* now is not pte, in more than A, D, G and what is the software's; or the
     * space is gone. */
    bool is_stale;
};

/* Looks for va in a hart's TLB, with the ASID of a satp value. */
bool rvemu_scene_tlb_find(const struct rvemu_scene *scene, unsigned hart,
                          uint64_t satp, uint64_t va,
                          struct rvemu_scene_tlb *entry);

/* Lists what TLBs hold, `most` entries at most, in the order of harts and
 * addresses. Returns how many there are, which may be more. `of` chooses. */
struct rvemu_scene_tlb_filter {
    uint32_t harts; /* bit h: of hart h; 0: of all */
    bool has_va;    /* that cover an address from va to last */
    uint64_t va, last;
    bool has_frame; /* that lead to a byte of this frame */
    uint64_t frame;
    bool only_stale;
};
size_t rvemu_scene_tlb(const struct rvemu_scene *scene,
                       const struct rvemu_scene_tlb_filter *of,
                       struct rvemu_scene_tlb *entries, size_t most);

/* ---- harts ---- */

struct rvemu_scene_hart {
    uint64_t satp;  /* as last written */
    unsigned space; /* with that root, if it lives */
    unsigned call;  /* whose program's system call it is in */
    /* The page fault that it has taken and not come back from: */
    bool has_fault;
    uint64_t fault_time, fault_va, fault_pc;
    unsigned fault_access; /* enum rvemu_access */
};

/* False: nothing was heard of such a hart. */
bool rvemu_scene_hart(const struct rvemu_scene *scene, unsigned hart,
                      struct rvemu_scene_hart *out);

/* ---- traces ---- */

/* A scene that goes to any place of a trace: it keeps its state every so often
 * as it first comes by. */
struct rvemu_reel;

struct rvemu_reel_options {
    /* explain.names, if it is NULL, becomes that of the trace; lines are not
     * given out. Stories are told by the first pass alone. */
    struct rvemu_scene_options scene;
    uint64_t bytes; /* for states, at most; 0: 256 MiB. They are thinned out */
};

/* `trace` stays the caller's, must outlive the reel, and is not to be used
 * meanwhile. Reads nothing of it yet. -1 when memory is lacking. */
int rvemu_reel_open(struct rvemu_emt *trace,
                    const struct rvemu_reel_options *options,
                    struct rvemu_reel **reel, struct rvemu_error *error);
void rvemu_reel_free(struct rvemu_reel *reel);

/* The scene, at the reel's place; for questions, not to be fed. It is that of
 * one boot: with the first event of the next that a scene wants everything
 * begins anew, numbers of spaces and stories among it. */
const struct rvemu_scene *rvemu_reel_scene(const struct rvemu_reel *reel);
unsigned rvemu_reel_boot(const struct rvemu_reel *reel);

/* Goes on with the first pass by so many events at most, and comes back. False:
 * it is through, or memory is lacking. */
bool rvemu_reel_prepare(struct rvemu_reel *reel, uint64_t events);

/* Goes to behind the last event of `boot` at `time` or before; or to before the
 * event of this number. What the first pass has not come by, it comes by now.
 */
void rvemu_reel_seek(struct rvemu_reel *reel, unsigned boot, uint64_t time);
void rvemu_reel_seek_event(struct rvemu_reel *reel, uint64_t number);

/* Gives the next event of any kind, and takes it in. False: there are no more.
 */
bool rvemu_reel_next(struct rvemu_reel *reel, struct rvemu_event *event,
                     struct rvemu_emt_place *place);

struct rvemu_reel_counts {
    uint64_t passed; /* events that the first pass has passed */
    uint64_t states; /* that are kept … */
    uint64_t bytes;  /* … and their size */
};
void rvemu_reel_counts(const struct rvemu_reel *reel,
                       struct rvemu_reel_counts *counts);

#endif
