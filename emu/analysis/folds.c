/* Like sentences about neighbouring pages; see folds.h. */
#include "analysis/folds.h"

#include <string.h>

/* What stands for a sentence or clause where it is of several pages. A clause
 * that has no such row fits both. */
static const enum sentence plural[SENTENCES] = {
#define LINE(name, kind, color)
#define TOTAL(name, kind, color)
#define CLAUSE(name, word, color)
#define PLURAL(name, color) [SAY_##name] = SAY_##name##_RUN,
#include "analysis/sentences.def"
};

static void make_plural(enum sentence *clause)
{
    if (plural[*clause])
        *clause = plural[*clause];
}

/* A copy into a frame in use is a mistake that deserves its own line. */
static bool may_fold(enum sentence sentence, const struct facts *facts)
{
    return plural[sentence] && facts->size &&
           facts->say_tail != SAY_USED_INSIDE;
}

/* The count of lines of this kind, or NULL. */
static struct told *find_told(struct folds *folds, enum sentence sentence,
                              const char *program)
{
    struct told *told = folds->told;

    for (; told < folds->told + folds->kinds; told++)
        if (told->sentence == sentence && !strcmp(told->program, program))
            return told;
    if (folds->kinds == FOLDS_KINDS)
        return NULL;
    folds->kinds++;
    told->sentence = sentence;
    memcpy(told->program, program, PROGRAM_TEXT);
    return told;
}

static void say_budget(struct folds *folds, u64 time, const struct told *told)
{
    struct facts facts = {.lines = told->lines};

    memcpy(facts.program, told->program, PROGRAM_TEXT);
    facts.say_tail = told->program[0] ? SAY_OF_PROGRAM : SAY_NOTHING;
    folds->say(folds->arg, time, SAY_LEFT_OUT, &facts);
}

/* Says a line, which is of the kind of `single`, within the budget. */
static void say(struct folds *folds, u64 time, enum sentence single,
                enum sentence sentence, const struct facts *facts)
{
    struct told *told = NULL;

    if (!folds->full && !sentence_is_total(single))
        told = find_told(folds, single, facts->who.program);
    if (told && time >= told->time + FOLDS_REST)
        told->lines = 0;
    if (told && time > told->time)
        told->time = time;
    if (told && told->lines == FOLDS_BUDGET) {
        folds->left_out++;
        return;
    }
    folds->say(folds->arg, time, sentence, facts);
    if (told && ++told->lines == FOLDS_BUDGET)
        say_budget(folds, time, told);
}

/* How many pages there are from the lowest of a run to the highest. */
static u64 span(const struct fold *run)
{
    return (run->highest - run->lowest) / run->facts.size + 1;
}

static void say_run(struct folds *folds, const struct fold *fold)
{
    struct facts facts = fold->facts;

    facts.va = fold->lowest;
    facts.end = fold->highest + facts.size - 1;
    facts.pages = fold->pages;
    facts.span = span(fold);
    facts.say_run = facts.span > facts.pages ? SAY_RUN_SPARSE : SAY_RUN;
    facts.bytes = fold->pages * (facts.size >> 10);
    make_plural(&facts.say_act);
    make_plural(&facts.say_gives);
    make_plural(&facts.say_at);
    make_plural(&facts.say_shared_with);
    make_plural(&facts.say_keeps);
    make_plural(&facts.say_tail);
    say(folds, fold->time, fold->sentence, plural[fold->sentence], &facts);
}

static void take_out(struct folds *folds, unsigned at)
{
    folds->count--;
    memmove(&folds->fold[at], &folds->fold[at + 1],
            (folds->count - at) * sizeof(folds->fold[0]));
}

/* Says the oldest line that is held. If its run is too short to be told as
 * one, the others of it follow in their places. */
static void end_oldest(struct folds *folds)
{
    struct fold fold = folds->fold[0];

    take_out(folds, 0);
    if (fold.one)
        say_run(folds, &fold);
    else
        say(folds, fold.time, fold.sentence, fold.sentence, &fold.facts);
}

void folds_flush(struct folds *folds)
{
    while (folds->count)
        end_oldest(folds);
}

void folds_advance(struct folds *folds, u64 horizon)
{
    while (folds->count && horizon >= folds->fold[0].time + FOLDS_HOLD)
        end_oldest(folds);
}

/* Whether names say the same of two accesses, but what is reached: of a run its
 * addresses are told. */
static bool have_one_source(const struct facts *a, const struct facts *b)
{
    return !strcmp(a->place.function, b->place.function) &&
           !strcmp(a->place.line, b->place.line) &&
           !strcmp(a->target, b->target) && !strcmp(a->writer, b->writer) &&
           !strcmp(a->writer_function, b->writer_function) &&
           !strcmp(a->caller, b->caller) && a->say_where == b->say_where &&
           a->say_by == b->say_by && a->say_area == b->say_area &&
           a->say_source == b->say_source && a->say_written == b->say_written;
}

/* Whether two sentences say the same, but of which page. */
static bool are_alike(const struct facts *a, const struct facts *b)
{
    return sentence_same_space(&a->who, &b->who) &&
           sentence_same_space(&a->other, &b->other) &&
           sentence_same_space(&a->user, &b->user) &&
           !strcmp(a->permissions, b->permissions) &&
           !strcmp(a->old_permissions, b->old_permissions) &&
           a->size == b->size && a->pc == b->pc && a->others == b->others &&
           a->users == b->users && a->say_act == b->say_act &&
           a->say_does == b->say_does && a->say_at == b->say_at &&
           a->say_kind == b->say_kind &&
           a->say_shared_with == b->say_shared_with &&
           a->say_keeps == b->say_keeps && a->say_sharers == b->say_sharers &&
           a->say_sees == b->say_sees && a->say_used_by == b->say_used_by &&
           a->say_gives == b->say_gives &&
           a->say_since_when == b->say_since_when &&
           a->say_tail == b->say_tail && a->say_hint == b->say_hint &&
           a->say_reason == b->say_reason && have_one_source(a, b);
}

/* How many pages a run leaves out if it goes on with this one, or UINT64_MAX
 * when the page lies the wrong way. */
static u64 gap_to(const struct fold *run, u64 page)
{
    bool may_rise = run->pages == 1 || run->up;
    bool may_fall = run->pages == 1 || !run->up;

    if (may_rise && page > run->highest)
        return (page - run->highest) / run->facts.size - 1;
    if (may_fall && page < run->lowest)
        return (run->lowest - page) / run->facts.size - 1;
    return UINT64_MAX;
}

/* The run that goes on with this page, or NULL: the one that leaves out
 * least. */
static struct fold *find_run(struct folds *folds, const struct fold *next)
{
    struct fold *best = NULL;
    u64 least = UINT64_MAX;

    for (unsigned i = 0; i < folds->count; i++) {
        struct fold *run = &folds->fold[i];
        u64 gap = run->pages ? gap_to(run, next->lowest) : UINT64_MAX;

        if (gap < least && gap <= run->pages * FOLDS_SPARSE &&
            gap <= FOLDS_GAP && run->sentence == next->sentence &&
            are_alike(&run->facts, &next->facts)) {
            best = run;
            least = gap;
        }
    }
    return best;
}

static bool is_long(const struct fold *run)
{
    return run->pages >= (span(run) == run->pages ? FOLDS_LEAST : FOLDS_SPARSE);
}

static void hold(struct folds *folds, const struct fold *fold)
{
    folds->fold[folds->count++] = *fold;
}

/* Adds a page to a run; once that is long enough, its first alone stands for
 * it. */
static void extend(struct folds *folds, struct fold *first,
                   const struct fold *next)
{
    first->pages++;
    first->time = next->time;
    first->up = next->lowest > first->lowest;
    if (first->up)
        first->highest = next->highest;
    else
        first->lowest = next->lowest;
    if (first->one)
        return;
    if (!is_long(first)) {
        hold(folds, next);
        folds->fold[folds->count - 1].run = first->run;
        folds->fold[folds->count - 1].pages = 0;
        return;
    }
    first->one = true;
    for (unsigned i = folds->count - 1; &folds->fold[i] > first; i--)
        if (folds->fold[i].run == first->run)
            take_out(folds, i);
}

void folds_take(void *arg, u64 time, enum sentence sentence,
                const struct facts *facts)
{
    struct folds *folds = arg;
    struct fold next = {.sentence = sentence, .time = time, .pages = 1};
    struct fold *first;

    if (folds->full || !may_fold(sentence, facts)) {
        folds_flush(folds);
        say(folds, time, sentence, sentence, facts);
        return;
    }
    folds_advance(folds, time);
    if (folds->count == FOLDS_HELD)
        end_oldest(folds);
    next.facts = *facts;
    next.lowest = facts->va & -facts->size;
    next.highest = next.lowest;
    first = find_run(folds, &next);
    if (first) {
        extend(folds, first, &next);
    } else {
        next.run = ++folds->runs;
        hold(folds, &next);
    }
}
