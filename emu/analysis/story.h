/*
 * What the explainer knows at this moment, and how it says a line: what the
 * files that put events into sentences have in common.
 */
#ifndef ANALYSIS_STORY_H
#define ANALYSIS_STORY_H

#include <rvemu/explain.h>

#include "analysis/asides.h"
#include "analysis/broods.h"
#include "analysis/checks.h"
#include "analysis/cow.h"
#include "analysis/filter.h"
#include "analysis/folds.h"
#include "analysis/lines.h"
#include "analysis/marks.h"
#include "analysis/naming.h"
#include "analysis/sentences.h"

#define HARTS 256 /* as many as an event can name */

/* What has been said, and what is about to be: the words are gone, and when
 * what is known goes back in time this does not. */
struct telling {
    struct asides asides; /* lines come here, and go to broods … */
    struct broods broods; /* … to folds … */
    struct folds folds;   /* … to options.line */
    struct map said;      /* names of spaces as last said, by what is before
                             the " (" */
    unsigned told_forks;  /* a bit for each form in which a fork was told */
    bool paused;          /* lines are not said */
    char *finding;        /* rvemu_explain_finding(), or NULL … */
    u64 finding_time;     /* … and of when */
    struct rvemu_check_totals found[RVEMU_CHECKS];
    u64 untold; /* lines that a filter or a pause kept back */
    u64 seq;    /* number of the latest event that was told of (spaces.h) … */
    bool past; /* … which is behind what is told now: nothing of this is said */
};

/* Hears of each sentence when it is concluded, in the past, too. */
typedef void story_ear(void *arg, u64 time, enum sentence sentence,
                       const struct facts *facts);

struct story {
    struct rvemu_explain_options options;
    struct spaces spaces;
    struct cow cow;
    struct marks marks;
    struct naming naming;
    struct lines lines; /* to `telling` */
    struct telling *telling;
    story_ear *ear;       /* hears of sentences, too; NULL: nobody … */
    void *ear_arg;        /* … with this */
    u64 root[HARTS];      /* the frame of what each hart's satp names */
    unsigned call[HARTS]; /* id of the root whose program made the system call
                             that the hart is in, or 0 */
};

/* False: memory is lacking. */
bool story_begin(struct story *story);
void story_free(struct story *story);

/* The event with the number spaces.seq is taken in; it was. */
static inline void story_event(const struct story *story)
{
    story->telling->past = story->spaces.seq <= story->telling->seq;
}
static inline void story_event_over(const struct story *story)
{
    if (story->spaces.seq > story->telling->seq)
        story->telling->seq = story->spaces.seq;
    story->telling->past = story->spaces.seq < story->telling->seq;
}

/* Says a line about what happened at this time (UINT64_MAX: the end), in the
 * place of a ticket (lines.h) or of 0; first it tells it to rules (expect.h).
 * What a name has in parentheses is said where it is new, but always in JSON.
 */
void story_say(struct story *story, u64 ticket, u64 time,
               enum sentence sentence, const struct facts *facts);

/* Whether anything waits for a time at which it can be told. */
static inline bool story_is_waiting(const struct story *story)
{
    return story->lines.count || story->telling->broods.near ||
           story->telling->folds.count;
}

/* Says what can be told at this time. */
void story_advance(struct story *story, u64 now);

/* Says what has left `lines` and waits to become part of a line; with
 * `asides` also what is told at the end of a process. */
void story_flush(struct story *story, bool asides);

/* "pid 3 (cow)", "space 2 (lab)" or "space 2". NULL is a space that is
 * unknown. */
struct space_name story_name(struct story *story, struct table *root);

/* "r-x" for an entry; "---" for one that is malformed. */
void story_permissions(u64 pte, char out[4]);

/* How it is said that somebody touches memory: at this privilege, in a system
 * call of the program whose space it is or not, by this leaf (0: none). */
enum sentence story_act(unsigned priv, bool on_call, u64 leaf);

/* How it is said that no answer to a fault from this privilege was seen: by the
 * end of the run, or before it (!finished). */
enum sentence story_open(unsigned priv, bool finished);

/* Sets how an address of this root, and who accesses it, are said; needs
 * facts->va and facts->place. */
void story_place(const struct story *story, u64 root, struct facts *facts);

/* Sets how it is said where the kernel changed an entry: by the instruction at
 * pc. */
void story_written(const struct story *story, u64 pc, struct facts *facts);

/* Sets how it is said where a fence is, which is at pc. */
void story_fence(const struct story *story, u64 pc, struct facts *facts);

/* Sets what may be said of the spaces that map the old frame, too: how many,
 * and one of them. */
void story_others(struct story *story, struct facts *facts, u64 others,
                  struct table *one);

#endif
