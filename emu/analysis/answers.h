/*
 * What a kernel's edit of a leaf says: how it answers a fault, or what it gives
 * or takes without one.
 */
#ifndef ANALYSIS_ANSWERS_H
#define ANALYSIS_ANSWERS_H

#include "analysis/doubts.h"
#include "analysis/fault.h"

struct answer {
    const struct fault *fault; /* NULL for an edit without one */
    struct table *root;
    unsigned hart; /* that stored the entry */
    u64 va;
    u64 pc; /* of the store */
    u64 time;
    u64 pte_pa;
    u64 old; /* the entry before and after */
    u64 pte;
    unsigned level;
    struct cow_result result;
    bool unsaid; /* told to rules alone (story.h) */
};

/* The sentence for an answer; SAY_NOTHING: there is nothing to tell. */
enum sentence answer_sentence(const struct answer *answer);

/* Whether the short form has it. */
bool answer_is_told(const struct answer *answer, enum sentence sentence);

/* Says an answer, or holds it while it is in doubt. of_fault: what is said of
 * its fault, or NULL. */
void answer_say(struct story *story, struct doubts *doubts,
                const struct answer *answer, enum sentence sentence,
                const struct facts *of_fault);

#endif
