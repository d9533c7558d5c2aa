/*
 * The sentences of an explanation, and how one is put together.
 *
 * A sentence is a template with {facts} in it. A fact is a text, a number or
 * another sentence, so that a clause that may be absent is a row of its own
 * and never code. {shared|page|pages} is a count and its word. *Stars* surround
 * what an accent is put on. Another language is another table in place of the
 * one in sentences.c.
 *
 * They first say what the hardware did, then what the kernel did about it, in
 * the present. Frames are written #84357, addresses 0x10008, permissions r-x.
 */
#ifndef ANALYSIS_SENTENCES_H
#define ANALYSIS_SENTENCES_H

#include "base/types.h"

#define NAME_TEXT 48

enum sentence {
    SAY_NOTHING,
    /* whole lines */
    SAY_FORK,
    SAY_FORK_ORPHAN,
    SAY_FORK_UNBORN, /* a child that never ran */
    SAY_FORK_ALIKE,  /* the parent may be one of several */
    SAY_MOVED,       /* one call with one return, in another root */
    SAY_EXEC,
    SAY_END,
    SAY_COPY,
    SAY_COPY_UNSEEN,
    SAY_COPY_CALL,
    SAY_COPY_CALL_UNSEEN,
    SAY_COPY_SILENT, /* without a fault */
    SAY_REUSE,
    SAY_REUSE_UNSHARED,
    SAY_REUSE_SILENT,
    SAY_BROKEN,
    SAY_BROKEN_UNSEEN, /* nobody was seen to use the other mapping */
    SAY_BROKEN_SILENT,
    SAY_BROKEN_SILENT_UNSEEN,
    SAY_TEXT_OPENED,
    SAY_GIVEN_AGAIN,
    SAY_GIVEN_SILENT,
    SAY_TABLE_IN_USE,
    SAY_PRIVATE_COPY,
    SAY_KERNEL_COPY,
    SAY_MOVED_PAGE,
    SAY_MERGED,
    SAY_REPLACED,
    SAY_FIRST_TOUCH,
    SAY_ALLOWED,
    SAY_SPURIOUS,
    SAY_CHANGED,
    SAY_REFUSED,
    SAY_REFUSED_NULL,
    SAY_REFUSED_NO_COW,
    SAY_STALE_REFUSAL,
    SAY_REMEMBERED,
    SAY_STALE_SHARED, /* a store through an entry with W that is gone */
    SAY_STALE_RIGHTS,
    SAY_STALE_FRAME,
    SAY_STALE_ABSENT,
    SAY_LOOP,
    SAY_OPEN,
    SAY_FAILED,
    SAY_WOVEN,
    SAY_TOTAL,
    SAY_TOTAL_FORK,
    SAY_TOTAL_COPIES,
    SAY_TOTAL_EAGER,
    SAY_TOTAL_NONE,
    SAY_TOTAL_LIVE,
    /* {copied}, {protection}, {open}, {given_up} */
    SAY_COPIED_NOTHING,
    SAY_COPIED_SOME,
    SAY_COPIED_ALL,
    SAY_COPIED_EMPTY,
    SAY_LOST_NOW,
    SAY_LOST_SOME,
    SAY_LOST_BEFORE,
    SAY_OPEN_PARENT,
    SAY_OPEN_CHILD,
    SAY_OPEN_BOTH,
    SAY_GIVEN_UP,
    /* {act} */
    SAY_ACT,
    SAY_ACT_CALL,   /* the kernel, in a system call, to a page of the caller */
    SAY_ACT_KERNEL, /* the kernel, in a system call, to something else */
    SAY_ACT_PAGE,   /* the kernel, for whatever reason, to a user page */
    SAY_ACT_ALONE,  /* the kernel, for whatever reason */
    /* {gives} */
    SAY_GIVES_CALL,
    SAY_GIVES,
    /* {does}, in the order of enum rvemu_access */
    SAY_FETCHES,
    SAY_LOADS,
    SAY_STORES,
    SAY_CACHES,
    SAY_JUMPS,
    /* {at} */
    SAY_AT,
    SAY_AT_ADDRESS,
    SAY_AT_AREA,
    /* {kind}, in the order of MARK_AREA_… */
    SAY_AREA,
    SAY_AREA_TEXT,
    SAY_AREA_RODATA,
    SAY_AREA_DATA,
    SAY_AREA_HEAP,
    SAY_AREA_STACK,
    SAY_AREA_MMAP,
    /* {shared_with}, {keeps}, {sharers}, {sees}, {used_by}, {tail} */
    SAY_SHARED_ONE,
    SAY_SHARED_MANY,
    SAY_KEEPS_ONE,
    SAY_KEEPS_MANY,
    SAY_KEEPS_UNSEEN,
    SAY_SHARER_ONE,
    SAY_SHARER_MANY,
    SAY_SEES_ONE,
    SAY_SEES_MANY,
    SAY_USED_ONE,
    SAY_USED_MANY,
    SAY_MAPPED_SHARED,
    SAY_USED_INSIDE,
    SAY_ENDS,
    SAY_GOES_ON,
    SAY_FULL_STOP,
    SAY_STALE_TLB,
    SAY_SINCE_FORK,
    SAY_NOW,
    SAY_SINCE,
    SAY_WALKED,
    /* {reason}, in the order of enum rvemu_reason */
    SAY_REASON,
    SAY_REASON_ABSENT, /* RVEMU_REASON_INVALID */
    SAY_REASON_LAST = SAY_REASON + 11,
    SAY_REASON_REMEMBERED, /* as invalid, while it no longer is */
    SENTENCES
};

struct facts {
    char who[NAME_TEXT];     /* the space it happened in */
    char other[NAME_TEXT];   /* another that takes part */
    char permissions[4];     /* "r-x": of the entry now … */
    char old_permissions[4]; /* … and before */
    char user[NAME_TEXT];    /* a third, that maps the new frame */
    u64 va;
    u64 pc;
    u64 frame; /* where the page is now */
    u64 old;   /* where it was */
    u64 bytes;
    u64 since;  /* ns */
    u64 others; /* spaces that map the old frame, too */
    u64 users;  /* … the new one */
    u64 pages;
    u64 shared;
    u64 protected;
    u64 lost;   /* of these: in this fork … */
    u64 before; /* … or before */
    u64 own;
    u64 open_parent;
    u64 open_child;
    u64 open_both;
    u64 alone;
    u64 copies;
    u64 reuses;
    u64 forks;
    u64 together;
    u64 apart;
    u64 roots;
    u64 mappings;
    u64 frames;
    enum sentence say_act;
    enum sentence say_does;
    enum sentence say_at;
    enum sentence say_kind;
    enum sentence say_shared_with;
    enum sentence say_keeps;
    enum sentence say_sharers;
    enum sentence say_sees;
    enum sentence say_used_by;
    enum sentence say_gives;
    enum sentence say_since_when;
    enum sentence say_tail;
    enum sentence say_reason;
    enum sentence say_copied;
    enum sentence say_protection;
    enum sentence say_open;
    enum sentence say_given_up;
};

/* Puts a sentence into out, always ended by a NUL within size; with accents
 * when color is set. */
void sentence_write(char *out, size_t size, enum sentence sentence,
                    const struct facts *facts, bool color);

#endif
