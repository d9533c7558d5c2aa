/*
 * Rules behind rvemu/expect.h: what was read of each, and what was counted.
 *
 * The explainer tells of each conclusion with its facts (expect_hear()). A
 * rule with an event is judged by each of its events alone; any other adds up
 * and is judged at the end, though a bound that is passed is noted as it is
 * passed, with the sentence that did it.
 */
#ifndef ANALYSIS_EXPECT_H
#define ANALYSIS_EXPECT_H

#include <rvemu/expect.h>

#include "analysis/sentences.h"

enum quantity {
#define QUANTITY(name, one, many, traits) QUANTITY_##name,
#include "analysis/quantities.def"
    QUANTITIES,
    QUANTITY_CONSOLE = QUANTITIES /* 1 once the text was printed */
};

/* The traits of a quantity, for quantities.def. */
enum {
    PER_FORK = 1,
    PER_STORE = 2,
    IN_PROGRAM = 4,
    IN_CODE = 8,
    NEEDS_PAGING = 16,
    NEEDS_FRAMES = 32,
    TAKES_TEXT = 64,
    TAKES_KIND = 128
};

struct quantity_row {
    const char *one;
    const char *many;
    unsigned traits;
};

extern const struct quantity_row expect_quantities[QUANTITIES];

enum comparison { IS, IS_NOT, AT_MOST, AT_LEAST, LESS, MORE };

enum expect_event { ALWAYS, AFTER_FORK, STORE_TO_SHARED };

#define EXPECT_WORD 64
#define EXPECT_TEXT 128

struct rule {
    /* As read: */
    unsigned line;
    unsigned points;
    char text[RVEMU_EXPECT_LINE];
    char message[RVEMU_EXPECT_LINE];
    enum expect_event event;
    enum quantity quantity;
    char kind[EXPECT_WORD];     /* of findings; "": all */
    char wanted[EXPECT_TEXT];   /* printed; with a text */
    char function[EXPECT_WORD]; /* "": anywhere */
    char program[EXPECT_WORD];
    unsigned kind_column, function_column, quantity_column;
    enum comparison comparison;
    bool has_other; /* it is compared with a quantity, plus the number */
    enum quantity other;
    u64 number;
    /* As found: */
    u64 value;
    u64 events;        /* that it was judged by */
    bool program_seen; /* something was concluded of the program */
    bool printed;
    bool violated;
    bool passed;
    u64 violation; /* the value that did it … */
    u64 time;      /* … when; UINT64_MAX: no time in particular */
    unsigned boot;
    char *sentence; /* NULL: none */
    char why[160];
};

struct rvemu_expect {
    char name[256]; /* of the file */
    struct rule *rule;
    unsigned rules;
    unsigned boot;   /* from 1 on; 0: before the first */
    bool paged;      /* a page table was used */
    bool broken_off; /* the explainer has given up */
    bool has_start;
    u64 frames_at_start, frames_at_exit;
    bool has_taken;         /* a frame was given out */
    char tail[EXPECT_TEXT]; /* of what was printed last, `printed` bytes */
    unsigned printed;
    enum rvemu_lang lang;
};

/* An explainer begins, in this language. */
void expect_begin(struct rvemu_expect *expect, enum rvemu_lang lang);

/* satp has got a root. */
void expect_paged(struct rvemu_expect *expect);

/* So many frames are given out and in no space, of the `taken` ever given out:
 * as the first program begins, or at the end. */
void expect_frames(struct rvemu_expect *expect, bool at_start, u64 frames,
                   u64 taken);

/* A conclusion about what happened at this time (UINT64_MAX: in the run). */
void expect_hear(struct rvemu_expect *expect, u64 time, enum sentence sentence,
                 const struct facts *facts);

/* Whether a kind of sentence, by its name in JSON, may be a finding; the first
 * such sentence. SENTENCES: none may. */
enum sentence expect_finding_of(const char *kind);

#endif
