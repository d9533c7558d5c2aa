/* Uses that wait for a fence; see windows.h. */
#include "analysis/windows.h"

#include <string.h>

static struct arena *arena_of(const struct windows *windows)
{
    return windows->story->spaces.tables.arena;
}

static struct window take(struct windows *windows, unsigned at)
{
    struct window window = windows->window[at];

    windows->count--;
    memmove(&windows->window[at], &windows->window[at + 1],
            (windows->count - at) * sizeof(window));
    return window;
}

void windows_name_gap(const struct windows *windows,
                      const struct window *window, struct facts *facts)
{
    static const enum sentence gaps[] = {
        [GAP_HART] = SAY_MISSING_HART,   [GAP_VA] = SAY_MISSING_VA,
        [GAP_ASID] = SAY_MISSING_ASID,   [GAP_GLOBAL] = SAY_MISSING_GLOBAL,
        [GAP_LEVEL] = SAY_MISSING_LEVEL, [GAP_BRACKETS] = SAY_MISSING_BRACKETS,
    };
    const struct fence *fence;
    enum fence_gap gap;

    facts->say_missing = SAY_MISSING;
    fence = stays_nearest(windows->stays, window->writer, &window->at,
                          window->at.seq, &gap);
    if (fence)
        facts->say_missing = gap == COVERS ? SAY_MISSING_EARLY : gaps[gap];
    if (fence)
        story_fence(windows->story, fence->pc, facts);
}

static void tell(struct windows *windows, const struct window *window,
                 struct facts *facts, enum sentence sentence)
{
    if (window->certain)
        windows->certain++;
    else
        windows->may++;
    windows_name_gap(windows, window, facts);
    story_say(windows->story, window->ticket, window->time, sentence, facts);
}

static void end(struct windows *windows, unsigned at, bool sure)
{
    struct window window = take(windows, at);

    tell(windows, &window, window.facts,
         sure ? window.sentence : window.unseen);
    arena_give(arena_of(windows), window.facts);
}

void windows_open(struct windows *windows, const struct window *window,
                  const struct facts *facts, bool due)
{
    struct window *added = &windows->window[windows->count];
    struct facts *kept;

    if (due && (!window->certain || window->sentence == window->unseen)) {
        struct facts told = *facts;

        tell(windows, window, &told, window->sentence);
        return;
    }
    kept = windows->count < WINDOWS
               ? arena_take(arena_of(windows), sizeof(*kept))
               : NULL;
    if (!kept) {
        windows->unjudged++;
        return;
    }
    *kept = *facts;
    *added = *window;
    added->due = due;
    added->facts = kept;
    added->ticket = lines_hold(&windows->story->lines, window->time);
    windows->count++;
}

static void close_covered(struct windows *windows, const struct fence *fence)
{
    for (unsigned i = 0; i < windows->count;) {
        struct window window = windows->window[i];

        if (window.due || fence_gap(fence, &window.at) != COVERS) {
            i++;
            continue;
        }
        take(windows, i);
        arena_give(arena_of(windows), window.facts);
        windows->closed++;
        lines_drop(&windows->story->lines, window.ticket);
    }
}

static void break_entry(struct windows *windows,
                        const struct rvemu_ev_pte_write *write)
{
    for (unsigned i = 0; i < windows->count;)
        if (windows->window[i].pte_pa == write->pte_pa &&
            (write->old ^ write->new) & ~(PTE_A | PTE_D | PTE_RSW))
            end(windows, i, false);
        else
            i++;
}

static bool is_in(const struct window *window, u64 frame, unsigned level)
{
    unsigned upper = level > window->at.level ? level : window->at.level;

    return ((frame ^ window->frame) << 12 & -level_size(upper)) == 0;
}

/* Whoever copies a frame copies what was stored to it. */
static void break_copied(struct windows *windows, u64 frame)
{
    for (unsigned i = 0; i < windows->count;)
        if (windows->window[i].stores && is_in(&windows->window[i], frame, 0))
            end(windows, i, false);
        else
            i++;
}

void windows_given(struct windows *windows, u64 frame, unsigned level)
{
    for (unsigned i = 0; i < windows->count;)
        if (is_in(&windows->window[i], frame, level))
            end(windows, i, false);
        else
            i++;
}

void windows_event(struct windows *windows, const struct rvemu_event *event,
                   u64 seq)
{
    const struct fence *fence;
    unsigned at = 0;

    if (!windows->count)
        return;
    switch (event->kind) {
    case RVEMU_EVENT_tlb_flush:
    case RVEMU_EVENT_svinval:
        while (
            (fence = stays_took_effect(windows->stays, event->hart, seq, &at)))
            close_covered(windows, fence);
        break;
    case RVEMU_EVENT_pte_write: break_entry(windows, &event->pte_write); break;
    case RVEMU_EVENT_frame_copied:
        break_copied(windows, event->frame_copied.old);
        break;
    default: break;
    }
}

u64 windows_meet(struct windows *windows, unsigned parent, struct table *child)
{
    u64 first = UINT64_MAX;

    for (unsigned i = 0; i < windows->count;) {
        struct window *window = &windows->window[i];

        if (window->id != parent || !window->certain ||
            !spaces_maps(&windows->story->spaces, child, window->at.va,
                         window->at.level, window->frame)) {
            i++;
            continue;
        }
        story_others(windows->story, window->facts, 1, child);
        window->facts->say_since_when = SAY_SINCE_FORK;
        if (window->time < first)
            first = window->time;
        end(windows, i, true);
    }
    return first;
}

void windows_advance(struct windows *windows, u64 now)
{
    while (windows->count && now - windows->window[0].time >= LINES_HOLD)
        end(windows, 0, false);
}

void windows_finish(struct windows *windows)
{
    while (windows->count)
        end(windows, 0, false);
}
