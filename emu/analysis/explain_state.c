/*
 * What an explainer knows, kept and given back (rvemu/explain.h).
 *
 * All of it lies in one arena. Beside it are `telling`, which does not go back,
 * and whoever gives names: that remembers what programs spaces run, and is told
 * to forget those that are others now.
 */
#include "analysis/explain.h"

void *rvemu_explain_save(void *arg)
{
    struct rvemu_explain *explain = arg;

    return arena_save(explain->arena);
}

void rvemu_explain_restore(void *arg, const void *saved)
{
    struct rvemu_explain *explain = arg;
    struct story *story = &explain->story;

    naming_forget_all(&story->naming);
    arena_restore(explain->arena, saved);
    naming_forget_all(&story->naming);
    story_event_over(story);
}

void rvemu_explain_drop(void *arg, void *saved)
{
    struct rvemu_explain *explain = arg;

    arena_drop(explain->arena, saved);
}

void rvemu_explain_cut(struct rvemu_explain *explain)
{
    struct telling *telling = explain->story.telling;

    telling->seq = explain->story.spaces.seq;
    telling->past = false;
}
