/*
 * The sentences of an explanation, and how one is put together.
 *
 * A sentence is a template with {facts} in it. A fact is a text, a number or
 * another sentence, so that a clause that may be absent is a row of its own
 * and never code. *Stars* surround what an accent is put on. Another language
 * is another table in place of the one in sentences.c.
 */
#ifndef ANALYSIS_SENTENCES_H
#define ANALYSIS_SENTENCES_H

#include "base/types.h"

enum sentence {
    SAY_NOTHING,
    /* whole lines */
    SAY_FORK,
    SAY_FORK_ORPHAN,
    SAY_FORK_EAGER,
    SAY_COPY,
    SAY_COPY_KERNEL,
    SAY_REUSE,
    SAY_REUSE_KERNEL,
    SAY_BROKEN,
    SAY_PRIVATE_COPY,
    SAY_REPLACED,
    SAY_FIRST_TOUCH,
    SAY_ALLOWED,
    SAY_SPURIOUS,
    SAY_REFUSED,
    SAY_REFUSED_ABSENT,
    SAY_REMEMBERED,
    SAY_OPEN,
    SAY_FAILED,
    SAY_TOTAL,
    SAY_TOTAL_FORK,
    SAY_TOTAL_COPIES,
    SAY_TOTAL_EAGER,
    SAY_TOTAL_NONE,
    SAY_TOTAL_LIVE,
    /* {did}, in the order of enum rvemu_access: a program, then the kernel
     * on its behalf */
    SAY_FETCHED,
    SAY_LOADED,
    SAY_STORED,
    SAY_CACHED,
    SAY_KERNEL_FETCHED,
    SAY_KERNEL_LOADED,
    SAY_KERNEL_STORED,
    SAY_KERNEL_CACHED,
    /* {kind}, in the order of MARK_AREA_…; {where} and {tail} */
    SAY_AREA,
    SAY_AREA_TEXT,
    SAY_AREA_RODATA,
    SAY_AREA_DATA,
    SAY_AREA_HEAP,
    SAY_AREA_STACK,
    SAY_AREA_MMAP,
    SAY_WHERE_AREA,
    SAY_WHERE_SHARED,
    SAY_WHERE_BOTH,
    SAY_OTHER_ONE,
    SAY_OTHER_MANY,
    SAY_OTHER_UNSEEN,
    SAY_COPIED_EARLY,
    SAY_MAPPED_SHARED,
    SAY_STALE_TLB,
    SAY_SINCE,
    SAY_WALKED,
    SAY_ALIKE, /* stands for {other} */
    /* {reason}, in the order of enum rvemu_reason */
    SAY_REASON,
    SAY_REASON_ABSENT, /* RVEMU_REASON_INVALID */
    SAY_REASON_LAST = SAY_REASON + 11,
    SAY_REASON_REMEMBERED, /* as invalid, while it no longer is */
    SENTENCES
};

struct facts {
    const char *who;   /* the space it happened in */
    const char *other; /* another that takes part */
    const char *permissions;
    u64 va;
    u64 frame; /* where the page is now */
    u64 old;   /* where it was */
    u64 root;
    u64 bytes;
    u64 since; /* ns */
    u64 sharers;
    u64 others; /* mappings of `old` that remain */
    u64 shared; /* pages … */
    u64 protected;
    u64 own;
    u64 copies;
    u64 reuses;
    u64 forks;
    u64 alike;
    u64 together;
    u64 apart;
    u64 roots;
    u64 mappings;
    u64 frames;
    enum sentence did;
    enum sentence kind;
    enum sentence where;
    enum sentence tail;
    enum sentence reason;
};

/* Puts a sentence into out, always ended by a NUL within size; with accents
 * when color is set. */
void sentence_write(char *out, size_t size, enum sentence sentence,
                    const struct facts *facts, bool color);

#endif
