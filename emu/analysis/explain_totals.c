/*
 * What an explainer has counted, for who asks; see rvemu/explain.h.
 */
#include "analysis/explain.h"

void rvemu_explain_cow_totals(const struct rvemu_explain *explain,
                              struct rvemu_cow_totals *totals)
{
    *totals = explain->story.cow.totals;
    totals->first_touches = explain->faults.first_touches;
    totals->refused = explain->faults.refused;
    totals->spurious = explain->faults.spurious;
}

static void count_leaf(void *arg, struct entry at, u64 va)
{
    *(u64 *)arg += level_size(at.table->level) >> 12;
}

void rvemu_explain_spaces_totals(const struct rvemu_explain *explain,
                                 struct rvemu_spaces_totals *totals)
{
    /* Not as it stands: a walk notes that it was cut off. */
    struct spaces *spaces = (struct spaces *)&explain->story.spaces;
    struct table *table;
    const struct frame *frame;
    size_t at = 0;

    *totals = (struct rvemu_spaces_totals){0};
    for (unsigned i = 0; i < explain->story.cow.forks; i++) {
        u64 together, apart;

        cow_walk_fork(&explain->story.cow, &explain->story.cow.fork[i],
                      &together, &apart);
        totals->together += together;
        totals->apart += apart;
    }
    while ((table = map_next(&spaces->roots, &at))) {
        u64 before = totals->mappings;

        spaces_each_leaf(spaces, table, count_leaf, &totals->mappings);
        totals->roots += totals->mappings > before;
    }
    at = 0;
    while ((frame = map_next(&spaces->frames.by_ppn, &at))) {
        u64 sharers = spaces_sharers(spaces, frame->ppn, frame->level);
        u64 pages = level_size(frame->level) >> 12;

        totals->frames += spaces_mappings(spaces, frame) ? pages : 0;
        totals->shared += sharers > 1 ? pages : 0;
    }
}

void rvemu_explain_frames_totals(const struct rvemu_explain *explain,
                                 struct rvemu_frames_totals *totals)
{
    *totals = explain->lifetimes.totals;
}

void rvemu_explain_add_stale(const struct rvemu_explain *explain,
                             struct rvemu_stale_totals *totals)
{
    const struct windows *windows = &explain->windows;
    const struct phantoms *phantoms = &explain->phantoms;

    totals->certain += windows->certain;
    totals->may += windows->may;
    totals->windows += windows->closed;
    totals->harmless += phantoms->harmless;
    totals->possible += phantoms->possible;
    totals->unjudged +=
        windows->unjudged + phantoms->unkept + phantoms->stays.lost;
}

void rvemu_explain_add_checks(const struct rvemu_explain *explain,
                              struct rvemu_check_totals totals[RVEMU_CHECKS])
{
    for (unsigned i = RVEMU_CHECK_TLB + 1; i < RVEMU_CHECKS; i++) {
        totals[i].certain += explain->story.telling->found[i].certain;
        totals[i].possible += explain->story.telling->found[i].possible;
    }
    totals[RVEMU_CHECK_ICACHE].windows += explain->old_code.windows;
}
