/*
 * The story of a run, as emu-view steps through it: moments, each the state of
 * the machine behind one step, with what has just happened there.
 *
 * A fault that is answered is a chain of moments: the fault, what the kernel
 * did to the entry, the fence, the access that goes through. Moments come in
 * the order of their steps. All of it is made by the survey (survey.h).
 */
#ifndef VIEW_MOMENT_H
#define VIEW_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum moment_kind {
    MOMENT_START, /* the first process is about to run */
    MOMENT_FORK,
    MOMENT_FAULT, /* a page fault was taken */
    MOMENT_COPY,  /* the entry leads to a copy now */
    MOMENT_REUSE, /* W was given back, and nothing copied */
    MOMENT_MAP,   /* the entry was filled, or changed in another way */
    MOMENT_FENCE, /* behind that, an sfence.vma */
    MOMENT_STORE, /* the access that had faulted has gone through */
    MOMENT_WRITE, /* the program has stored to a variable of its own */
    MOMENT_EXEC,
    MOMENT_EXIT,
    MOMENT_FINDING, /* the kernel errs */
    MOMENT_OTHER,
    MOMENT_END, /* the run has ended */
    MOMENT_KINDS
};

/* What a fault is answered by. */
enum moment_answer { ANSWER_NONE, ANSWER_COPY, ANSWER_REUSE, ANSWER_MAP };

#define MOMENT_NAME 64
#define MOMENT_NONE SIZE_MAX

struct moment {
    uint64_t step; /* the state shown is that behind so many steps */
    enum moment_kind kind;
    enum moment_answer answer; /* of a chain */
    bool is_aside;  /* a library's: passed over unless one asks for it */
    bool is_kernel; /* the access was the kernel's */
    bool is_exact;  /* the variable itself is accessed, not its page */
    unsigned hart;
    uint64_t space; /* numbers of processes (survey.h); 0: none */
    uint64_t other; /* who shares, or the parent of a fork */
    uint64_t va, pc;
    uint64_t frame, old_frame; /* PPNs, of an answer */
    uint64_t entries;          /* a fence's: how many it removed */
    uint64_t own;              /* a fork's: pages that it copied at once */
    uint64_t shared, lost;     /* a fork's: pages shared; that lost W */
    char access[8];            /* "store" */
    char name[MOMENT_NAME];    /* the variable; "": none is known */
    char area[16];             /* "stack"; "": not known */
    char line[MOMENT_NAME];    /* "lab.c:13"; "": not known */
    char function[MOMENT_NAME];
    char *text;   /* as --explain has it; NULL: a part of a chain */
    size_t chain; /* the fault it belongs to; MOMENT_NONE: none */
    size_t cause; /* the fork that took W; MOMENT_NONE: none */
};

/* The word of a kind on the timeline: "fault". */
const char *moment_word(enum moment_kind kind);

#endif
