/*
 * The sentences of an explanation, and how one is put together.
 *
 * A sentence is a template with {facts} in it. A fact is a text, a number or
 * another sentence, so that a clause that may be absent is a row of its own
 * and never code. {shared|page|pages} is a count and its word. *Stars* surround
 * what an accent is put on. sentences.def lists the rows; each language is a
 * table of templates, which tell the same facts in every row.
 *
 * They first say what the hardware did, then what the kernel did about it, in
 * the present. Frames are written #84357, addresses 0x10008, permissions r-x.
 */
#ifndef ANALYSIS_SENTENCES_H
#define ANALYSIS_SENTENCES_H

#include <rvemu/explain.h>

#include "base/types.h"

#define NAME_TEXT 64
#define PROGRAM_TEXT 25
#define PLACE_TEXT 64
#define CODE_TEXT 96 /* a function, and a line of it */

/* What sentence_write() puts round the name of a space. */
#define NAME_BEGIN '\1'
#define NAME_END '\2'

enum sentence {
#define LINE(name, kind, color) SAY_##name,
#define TOTAL(name, kind, color) SAY_##name,
#define CLAUSE(name, word, color) SAY_##name,
#define PLURAL(name, color) SAY_##name##_RUN,
#include "analysis/sentences.def"
    SENTENCES,
    SAY_REASON = SAY_REASON_NON_CANONICAL,
    SAY_REASON_LAST = SAY_REASON_D_CLEAR
};

/* What a space is called. It is put in words where a sentence is written. */
struct space_name {
    u64 number;                 /* in the order of first turns; 0: not known */
    u64 alike;                  /* it is one of so many; 0: it is this one */
    bool has_pid;               /* marks lend it … */
    u64 pid;                    /* … this pid … */
    char program[PROGRAM_TEXT]; /* … and, if not empty, this name */
};

/* What names say of an access (naming.h); empty where nothing is known. */
struct place {
    char name[PLACE_TEXT];     /* the variable or function at its address */
    char function[PLACE_TEXT]; /* that makes it: the kernel's, or a library's */
    char line[PLACE_TEXT];     /* of the source that makes it */
    bool is_code;              /* name is a function's */
    char beside[PLACE_TEXT];   /* without a name: a variable of the user's own
                                  on the same page */
    bool is_library; /* a library makes it, and nothing of the user's own is
                        known to lie on the page */
};

struct facts {
    struct space_name who;            /* the space it happened in */
    struct space_name other;          /* another that takes part */
    char permissions[4];              /* "r-x": of the entry now … */
    char old_permissions[4];          /* … and before */
    struct space_name user;           /* a third, that maps the new frame */
    char target[PLACE_TEXT];          /* the function that pc is in */
    char writer[PLACE_TEXT];          /* the line that changed the entry … */
    char writer_function[PLACE_TEXT]; /* … and its function */
    struct place place;
    unsigned hart; /* where, from 1 on; 0: not known */
    u64 va;
    u64 end;  /* the last byte of a run of pages from va on */
    u64 size; /* of the page at va, in bytes; 0: never told as one of many */
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
    u64 needless; /* of the copies */
    u64 forks;
    u64 together;
    u64 apart;
    u64 roots;
    u64 mappings;
    u64 frames;
    char taken_in[CODE_TEXT]; /* where a frame was given out … */
    char freed_in[CODE_TEXT]; /* … and taken back … */
    char done_in[CODE_TEXT];  /* … and where something else was done */
    char caller[CODE_TEXT];   /* of the function that place is in */
    u64 taken;                /* frames that were given out … */
    u64 freed;                /* … and taken back */
    u64 unseen;
    u64 mistakes;
    u64 untold;  /* lines */
    u64 certain; /* uses of stale translations … */
    u64 may;     /* … that a hart may hold */
    u64 windows;
    u64 harmless;
    u64 possible;
    u64 unjudged;
    u64 asid;
    char fence_line[PLACE_TEXT]; /* where a fence was that does not do … */
    char fence_function[PLACE_TEXT]; /* … and its function */
    u64 ended;                       /* spaces … */
    u64 execs;                       /* … whose hart went on in a new one */
    u64 lines;                       /* of a kind, or left out */
    u64 span;   /* pages from va to end, of which {pages} are meant */
    u64 faults; /* others of a loop … */
    u64 next;   /* … and the address of the next */
    u64 number; /* of a space, for its name … */
    u64 pid;
    char program[PROGRAM_TEXT];
    /* For rules (expect.h), and in no sentence: */
    bool unsaid;     /* no line tells of it */
    bool was_shared; /* of a copy: a fork that shared the page was seen */
    bool of_fork;    /* of a store to a page that a fork took W from */
    char in_function[PLACE_TEXT]; /* the function whose instruction faults */
    /* For scenes (scene.h), and in no sentence: */
    u64 fork;       /* number of the one that it is, or that shared the page */
    u64 fault_time; /* of the fault that it is about, 0: none … */
    u64 fault_pc;
    u64 pte_pa; /* of the entry that was stored, 0: none … */
    u64 old_pte;
    u64 pte;
    u64 stored_pc; /* … by this instruction */
    enum sentence say_act;
    enum sentence say_does;
    enum sentence say_its;
    enum sentence say_at;
    enum sentence say_where;
    enum sentence say_by;
    enum sentence say_beside;
    enum sentence say_area;
    enum sentence say_kind;
    enum sentence say_source;
    enum sentence say_written;
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
    enum sentence say_run;
    enum sentence say_ending;
    enum sentence say_begin;
    enum sentence say_stored;
    enum sentence say_of_these;
    enum sentence say_hint;
    enum sentence say_missing;
    enum sentence say_changed;
    enum sentence say_check;
    enum sentence say_fence;
};

/* A language's templates. */
extern const char *const sentences_en[SENTENCES];
extern const char *const sentences_zh[SENTENCES];

/* The table of a language; English for one that there is not. */
const char *const *sentences_in(enum rvemu_lang lang);

/* How a sentence is written. */
struct wording {
    enum rvemu_lang lang;
    bool color; /* with accents */
};

/* Puts a sentence into out, always ended by a NUL within size. Each name of a
 * space stands between NAME_BEGIN and NAME_END. */
void sentence_write(char *out, size_t size, enum sentence sentence,
                    const struct facts *facts, struct wording wording);

/* The same without an accent, and with nothing round names. */
void sentence_write_plain(char *out, size_t size, enum sentence sentence,
                          const struct facts *facts, enum rvemu_lang lang);

/* Whether two spaces are called the same. */
bool sentence_same_space(const struct space_name *a,
                         const struct space_name *b);

/* The name of a line's row, "fork", or the word for a clause's; "" for lines
 * that JSON never has. */
const char *sentence_kind(enum sentence sentence);

/* Whether a line says that the kernel errs. */
bool sentence_is_finding(enum sentence sentence, const struct facts *facts);

/* Whether the row is about the whole run. */
bool sentence_is_total(enum sentence sentence);

/* A {fact}: what it is, and its place in struct facts. */
struct fact_row {
    const char *name;
    enum fact_form {
        FACT_TEXT,  /* char [] */
        FACT_SPACE, /* struct space_name */
        FACT_HEX,   /* u64, as all below: an address … */
        FACT_FRAME, /* … a frame … */
        FACT_COUNT, /* … a number */
        FACT_CLAUSE /* enum sentence */
    } form;
    size_t offset;
    const char *key; /* in JSON; NULL: it is not there itself */
};

typedef void fact_fn(void *arg, const struct fact_row *row, const void *fact);

/* Calls fn with each fact that the sentence tells, in the order in which it
 * does, the words of clauses among them. One told twice comes twice. Where a
 * name is told in place of an address, the address comes first. */
void sentence_each_fact(enum sentence sentence, const struct facts *facts,
                        fact_fn *fn, void *arg);

#endif
