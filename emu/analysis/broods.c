/* Many processes in a row; see broods.h. */
#include "analysis/broods.h"

#include <stdlib.h>

void broods_free(struct broods *broods)
{
    free(broods->line);
}

static bool is_fork(enum sentence sentence)
{
    return sentence == SAY_FORK || sentence == SAY_FORK_ORPHAN ||
           sentence == SAY_FORK_UNBORN || sentence == SAY_MOVED;
}

static bool is_end(enum sentence sentence)
{
    return sentence == SAY_END || sentence == SAY_EXEC;
}

static bool is_copy(enum sentence sentence)
{
    switch (sentence) {
    case SAY_COPY:
    case SAY_COPY_UNSEEN:
    case SAY_COPY_CALL:
    case SAY_COPY_CALL_UNSEEN:
    case SAY_COPY_SILENT: return true;
    default: return false;
    }
}

static bool is_reuse(enum sentence sentence)
{
    return sentence == SAY_REUSE || sentence == SAY_REUSE_UNSHARED ||
           sentence == SAY_REUSE_SILENT;
}

/* Whether a line may be one of a brood: none that tells of a mistake is. */
static bool may_join(enum sentence sentence, const struct facts *facts)
{
    if (is_fork(sentence))
        return !facts->say_open;
    return is_end(sentence) || is_reuse(sentence) || sentence == SAY_ASIDE ||
           (is_copy(sentence) && facts->say_tail != SAY_USED_INSIDE);
}

/* What orders spaces as they began. */
static u64 place_of(const struct space_name *name)
{
    return name->has_pid ? name->pid : name->number;
}

/* Whether they are one space, though its program may have got a name since. */
static bool is_same(const struct space_name *a, const struct space_name *b)
{
    return a->has_pid == b->has_pid && place_of(a) == place_of(b) &&
           a->alike == b->alike;
}

static void widen(struct space_name *first, struct space_name *last,
                  const struct space_name *name, bool only)
{
    if (only || place_of(name) < place_of(first))
        *first = *name;
    if (only || place_of(name) > place_of(last))
        *last = *name;
}

static void add_fork(struct brood *brood, enum sentence sentence,
                     const struct facts *facts)
{
    if (!brood->forks)
        brood->parent = facts->other;
    else if (!is_same(&brood->parent, &facts->other))
        brood->many = true;
    widen(&brood->first, &brood->last, &facts->who, !brood->forks);
    brood->forks++;
    brood->unsure += sentence == SAY_MOVED;
    brood->shared += facts->shared;
    brood->protected += facts->protected;
    brood->own += facts->own;
}

static void add(struct brood *brood, enum sentence sentence,
                const struct facts *facts)
{
    if (is_fork(sentence)) {
        add_fork(brood, sentence, facts);
    } else if (is_end(sentence)) {
        widen(&brood->first_end, &brood->last_end, &facts->who,
              !brood->ends && !brood->execs);
        brood->ends += sentence == SAY_END;
        brood->execs += sentence == SAY_EXEC;
        brood->unmapped += facts->pages;
    } else if (sentence == SAY_ASIDE) {
        brood->copies += facts->copies;
        brood->kib += facts->bytes;
        brood->reuses += facts->reuses;
    } else {
        brood->copies += is_copy(sentence);
        brood->kib += is_copy(sentence) ? facts->size >> 10 : 0;
        brood->reuses += is_reuse(sentence);
    }
}

static void say_one(struct broods *broods)
{
    const struct brood *brood = &broods->brood;
    struct facts facts = {.forks = brood->forks,
                          .other = brood->parent,
                          .who = brood->forks ? brood->first : brood->first_end,
                          .user = brood->forks ? brood->last : brood->last_end,
                          .shared = brood->shared,
                          .protected = brood->protected,
                          .own = brood->own,
                          .copies = brood->copies,
                          .bytes = brood->kib,
                          .reuses = brood->reuses,
                          .ended = brood->ends + brood->execs,
                          .execs = brood->execs,
                          .pages = brood->unmapped};

    if (brood->many)
        facts.say_begin = brood->unsure ? SAY_BEGIN_MANY_MOVED : SAY_BEGIN_MANY;
    else
        facts.say_begin = brood->unsure ? SAY_BEGIN_MOVED : SAY_BEGIN;
    facts.say_copied = !brood->own      ? SAY_SUM_SHARED
                       : !brood->shared ? SAY_SUM_OWN
                                        : SAY_SUM_BOTH;
    if (brood->copies)
        facts.say_stored = brood->reuses ? SAY_SUM_STORES : SAY_SUM_COPIES;
    else if (brood->reuses)
        facts.say_stored = SAY_SUM_REUSES;
    if (brood->execs)
        facts.say_of_these = SAY_SUM_EXECS;
    if (facts.ended)
        facts.say_tail = SAY_SUM_ENDS;
    broods->say(broods->arg, broods->time,
                brood->forks ? SAY_BROOD : SAY_BROOD_ENDS, &facts);
}

void broods_flush(struct broods *broods)
{
    if (broods->one)
        say_one(broods);
    for (unsigned i = 0; i < broods->count; i++)
        broods->say(broods->arg, broods->line[i].time, broods->line[i].sentence,
                    &broods->line[i].facts);
    broods->count = 0;
    broods->one = broods->near = false;
    broods->brood = (struct brood){0};
}

void broods_advance(struct broods *broods, u64 horizon)
{
    if (broods->near && horizon >= broods->time + FOLDS_HOLD)
        broods_flush(broods);
}

/* Holds a line of the brood. False: it cannot be held, and none is. */
static bool hold(struct broods *broods, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    if (!broods->line)
        broods->line = calloc(BROODS_HELD, sizeof(*broods->line));
    if (!broods->line || broods->count == BROODS_HELD) {
        broods_flush(broods);
        return false;
    }
    broods->line[broods->count++] = (struct brood_line){time, sentence, *facts};
    return true;
}

/* A line of the brood, which holds others or is one. */
static bool join(struct broods *broods, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    struct brood *brood = &broods->brood;

    if (!broods->one && !hold(broods, time, sentence, facts))
        return false;
    add(brood, sentence, facts);
    if (brood->forks >= BROODS_LEAST || brood->ends >= BROODS_LEAST) {
        broods->one = true;
        broods->count = 0;
    }
    broods->time = time;
    return true;
}

void broods_take(void *arg, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    struct broods *broods = arg;
    bool begins = is_fork(sentence) || is_end(sentence);
    bool joins = !broods->full && may_join(sentence, facts);

    broods_advance(broods, time);
    if (joins && broods->near && (begins || broods->count || broods->one) &&
        join(broods, time, sentence, facts))
        return;
    if (!joins)
        broods_flush(broods);
    broods->near = joins && (broods->near || begins);
    broods->time = time;
    broods->say(broods->arg, time, sentence, facts);
}
