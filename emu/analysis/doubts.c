/* Sentences that wait until they are sure; see doubts.h. */
#include "analysis/doubts.h"

#include <string.h>

static struct doubt take(struct doubts *doubts, unsigned at)
{
    struct doubt doubt = doubts->doubt[at];

    doubts->count--;
    memmove(&doubts->doubt[at], &doubts->doubt[at + 1],
            (doubts->count - at) * sizeof(doubt));
    return doubt;
}

static void end(struct doubts *doubts, unsigned at, bool sure)
{
    struct doubt doubt = take(doubts, at);

    if (sure && doubt.facts.say_hint == SAY_NEEDLESS)
        doubt.facts.say_hint = SAY_NOTHING;
    if (doubt.facts.say_hint == SAY_NEEDLESS)
        doubts->story->cow.totals.needless++;
    story_say(doubts->story, doubt.ticket, doubt.time,
              sure ? doubt.sentence : doubt.unseen, &doubt.facts);
}

void doubts_add(struct doubts *doubts, const struct doubt *doubt)
{
    struct doubt *added;

    if (doubts->count == DOUBTS)
        end(doubts, 0, false);
    added = &doubts->doubt[doubts->count++];
    *added = *doubt;
    added->ticket = lines_hold(&doubts->story->lines, doubt->time);
}

void doubts_run(struct doubts *doubts, const struct table *root)
{
    for (unsigned i = 0; i < doubts->count;) {
        const struct doubt *doubt = &doubts->doubt[i];

        if (doubt->other && doubt->other == root->id)
            end(doubts, i, true);
        else
            i++;
    }
}

enum sentence doubts_unseen(enum sentence sentence)
{
    switch (sentence) {
    case SAY_COPY: return SAY_COPY_UNSEEN;
    case SAY_COPY_CALL: return SAY_COPY_CALL_UNSEEN;
    case SAY_BROKEN: return SAY_BROKEN_UNSEEN;
    case SAY_BROKEN_SILENT: return SAY_BROKEN_SILENT_UNSEEN;
    default: return sentence;
    }
}

/* W is back in a page that the child has, too: no reuse. */
static void count_broken(struct doubts *doubts)
{
    doubts->story->cow.totals.reuses--;
    doubts->story->cow.totals.broken++;
}

u64 doubts_meet(struct doubts *doubts, unsigned parent, struct table *child,
                u64 called)
{
    u64 first = UINT64_MAX;

    for (unsigned i = 0; i < doubts->count;) {
        struct doubt *doubt = &doubts->doubt[i];

        if (doubt->id != parent || doubt->kind == DOUBT_RUN ||
            (doubt->lost && doubt->lost != called) ||
            !spaces_maps(&doubts->story->spaces, child, doubt->va, doubt->level,
                         doubt->old)) {
            i++;
            continue;
        }
        story_others(doubts->story, &doubt->facts, 1, child);
        if (doubt->lost)
            count_broken(doubts);
        if (doubt->time < first)
            first = doubt->time;
        end(doubts, i, true);
    }
    return first;
}

void doubts_advance(struct doubts *doubts, u64 now)
{
    while (doubts->count && now - doubts->doubt[0].time >= LINES_HOLD)
        end(doubts, 0, false);
}

void doubts_finish(struct doubts *doubts)
{
    while (doubts->count)
        end(doubts, 0, false);
}
