/*
 * The explainer: events in, sentences and totals out; see rvemu/explain.h.
 *
 * The order within one event matters: the spaces take it first, then copy-on-
 * write is judged on tables as they now are, then a fault is answered. A root
 * is judged once all that it held has arrived, at the first event that is
 * neither pte_found nor part of loading it.
 */
#include "analysis/explain.h"

#include <stdlib.h>

#define ECALL_FROM_U 8
#define FORKS_LISTED 16 /* the short form lists no more one by one */

struct rvemu_explain *
rvemu_explain_new(const struct rvemu_explain_options *options)
{
    struct rvemu_explain *explain = calloc(1, sizeof(*explain));

    if (!explain)
        return NULL;
    explain->story.options = *options;
    explain->story.cow.spaces = &explain->story.spaces;
    explain->faults.story = &explain->story;
    return explain;
}

void rvemu_explain_free(struct rvemu_explain *explain)
{
    if (!explain)
        return;
    free(explain->fork_names);
    cow_free(&explain->story.cow);
    spaces_free(&explain->story.spaces);
    marks_free(&explain->story.marks);
    free(explain);
}

rvemu_event_set rvemu_explain_kinds(void)
{
    return RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(xret) |
           RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(satp) |
           RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) |
           RVEMU_EVENT_BIT(root_lost) | RVEMU_EVENT_BIT(frame_copied) |
           RVEMU_EVENT_BIT(mark);
}

/* Keeps the names of the fork just judged. */
static const struct fork_names *name_fork(struct rvemu_explain *explain,
                                          const struct cow_fork *fork)
{
    unsigned at = explain->story.cow.forks - 1;
    struct fork_names *names = explain->fork_names;

    if (at >= explain->fork_names_room) {
        explain->fork_names_room = explain->story.cow.room;
        names = realloc(names, explain->story.cow.room * sizeof(*names));
        if (!names) {
            explain->story.spaces.failed = true;
            return NULL;
        }
        explain->fork_names = names;
    }
    if (fork->alike > 1)
        sentence_write(names[at].parent, NAME_TEXT, SAY_ALIKE,
                       &(struct facts){.alike = fork->alike}, false);
    else
        marks_name_space(&explain->story.marks, fork->parent, names[at].parent);
    marks_name_space(&explain->story.marks, fork->child, names[at].child);
    return &names[at];
}

static void say_fork(struct rvemu_explain *explain, const struct cow_fork *fork)
{
    struct facts facts = {.root = fork->child,
                          .shared = fork->shared,
                          .protected = fork->protected,
                          .own = fork->own,
                          .copies = fork->copies,
                          .tail =
                              fork->copies ? SAY_COPIED_EARLY : SAY_NOTHING};
    const struct fork_names *names = name_fork(explain, fork);

    if (!names)
        return;
    facts.who = names->child;
    facts.other = names->parent;
    if (fork->eager)
        story_say(&explain->story, SAY_FORK_EAGER, &facts);
    else
        story_say(&explain->story, fork->parent ? SAY_FORK : SAY_FORK_ORPHAN,
                  &facts);
}

static void judge_fresh(struct rvemu_explain *explain)
{
    const struct cow_fork *fork;
    struct table *root = explain->fresh;

    explain->fresh = NULL;
    if (!root)
        return;
    fork = cow_judge_root(&explain->story.cow, root, 0);
    root->fresh = !fork; /* it may yet prove one when it runs */
    if (fork)
        say_fork(explain, fork);
}

/* Keeps an eye on a root that this event created. */
static void note_fresh(struct rvemu_explain *explain, u64 frame, bool known)
{
    struct table *root = spaces_root(&explain->story.spaces, frame);

    if (root && !known)
        explain->fresh = root;
}

static void take_satp(struct rvemu_explain *explain,
                      const struct rvemu_event *event)
{
    u64 frame = satp_frame(event->satp.new);
    bool known = spaces_root(&explain->story.spaces, frame) != NULL;

    if (explain->fresh && explain->fresh->frame != frame)
        judge_fresh(explain);
    spaces_event(&explain->story.spaces, event);
    note_fresh(explain, frame, known);
    explain->story.root[event->hart] = frame;
}

/* pte_write and pte_found. */
static void take_entry(struct rvemu_explain *explain,
                       const struct rvemu_event *event, u64 frame, u64 va,
                       u64 pte_pa)
{
    struct table *root = spaces_root(&explain->story.spaces, frame);
    struct table *table = map_get(&explain->story.spaces.tables, pte_pa >> 12);
    unsigned index = (unsigned)(pte_pa >> 3) % TABLE_ENTRIES;
    u64 old = table ? table->pte[index] : 0;

    spaces_event(&explain->story.spaces, event);
    note_fresh(explain, frame, root != NULL);
    table = map_get(&explain->story.spaces.tables, pte_pa >> 12);
    if (table && !explain->fresh)
        faults_edit(&explain->faults, event->hart, (struct entry){table, index},
                    old, frame, va);
}

static void take_root_lost(struct rvemu_explain *explain,
                           const struct rvemu_event *event)
{
    spaces_event(&explain->story.spaces, event);
    faults_check_spaces(&explain->faults);
    marks_forget(&explain->story.marks, event->root_lost.root);
}

static void take_trap(struct rvemu_explain *explain,
                      const struct rvemu_event *event)
{
    struct table *root =
        spaces_root(&explain->story.spaces, explain->story.root[event->hart]);

    if (!root || event->trap.cause != ECALL_FROM_U)
        return;
    for (unsigned i = 0; i < SPACE_ECALLS; i++) {
        if (root->ecall[i] == event->trap.epc)
            return;
    }
    root->ecall[root->next_ecall++ % SPACE_ECALLS] = event->trap.epc;
}

static void take_xret(struct rvemu_explain *explain,
                      const struct rvemu_event *event)
{
    struct table *root =
        spaces_root(&explain->story.spaces, explain->story.root[event->hart]);
    const struct cow_fork *fork;

    faults_return(&explain->faults, event);
    if (event->xret.target == 0)
        cow_end_turn(&explain->story.cow, event->hart);
    if (!root || !root->fresh || event->xret.target != 0)
        return;
    root->fresh = false;
    fork = cow_judge_root(&explain->story.cow, root, event->xret.to);
    if (!fork)
        fork = cow_judge_start(&explain->story.cow, root, event->xret.to);
    if (fork)
        say_fork(explain, fork);
}

static void take_event(struct rvemu_explain *explain,
                       const struct rvemu_event *event)
{
    switch (event->kind) {
    case RVEMU_EVENT_satp: take_satp(explain, event); break;
    case RVEMU_EVENT_pte_found:
        take_entry(explain, event, event->pte_found.root, event->pte_found.va,
                   event->pte_found.pte_pa);
        break;
    case RVEMU_EVENT_pte_write:
        judge_fresh(explain);
        take_entry(explain, event, event->pte_write.root, event->pte_write.va,
                   event->pte_write.pte_pa);
        faults_check_spaces(&explain->faults);
        break;
    case RVEMU_EVENT_frame_copied:
        judge_fresh(explain);
        explain->story.cow.copied = event->frame_copied;
        break;
    case RVEMU_EVENT_root_lost:
        judge_fresh(explain);
        take_root_lost(explain, event);
        break;
    case RVEMU_EVENT_page_fault:
        judge_fresh(explain);
        faults_open(&explain->faults, event);
        break;
    case RVEMU_EVENT_trap:
        judge_fresh(explain);
        take_trap(explain, event);
        break;
    case RVEMU_EVENT_xret:
        judge_fresh(explain);
        take_xret(explain, event);
        break;
    case RVEMU_EVENT_mark:
        if (!explain->story.options.ignore_marks)
            marks_take(&explain->story.marks, event);
        break;
    default: break;
    }
}

void rvemu_explain_feed(void *arg, const struct rvemu_event *event)
{
    struct rvemu_explain *explain = arg;
    struct facts facts = {0};

    if (explain->silent)
        return;
    take_event(explain, event);
    if (explain->story.spaces.failed) {
        explain->silent = true;
        story_say(&explain->story, SAY_FAILED, &facts);
    }
}

static void say_each_fork(struct rvemu_explain *explain)
{
    bool listed =
        explain->story.options.full || explain->story.cow.forks <= FORKS_LISTED;
    struct facts rest = {.copies = explain->story.cow.totals.copies};

    for (unsigned i = 0; i < explain->story.cow.forks; i++) {
        const struct cow_fork *fork = &explain->story.cow.fork[i];
        struct facts facts = {.who = explain->fork_names[i].child,
                              .other = explain->fork_names[i].parent,
                              .shared = fork->shared,
                              .protected = fork->protected,
                              .copies = fork->copies,
                              .reuses = fork->reuses};

        rest.copies -= fork->copies;
        if (cow_walk_fork(&explain->story.cow, fork, &facts.together,
                          &facts.apart))
            facts.tail = SAY_WALKED;
        if (!fork->eager && listed)
            story_say(&explain->story, SAY_TOTAL_FORK, &facts);
    }
    if (rest.copies)
        story_say(&explain->story, SAY_TOTAL_COPIES, &rest);
}

static void say_live(struct rvemu_explain *explain)
{
    struct rvemu_spaces_totals live;
    struct facts facts = {0};

    rvemu_explain_spaces_totals(explain, &live);
    facts.roots = live.roots;
    facts.mappings = live.mappings;
    facts.frames = live.frames;
    facts.shared = live.shared;
    story_say(&explain->story, SAY_TOTAL_LIVE, &facts);
}

void rvemu_explain_finish(struct rvemu_explain *explain)
{
    const struct rvemu_cow_totals *totals = &explain->story.cow.totals;
    struct facts facts = {.forks = totals->forks,
                          .protected = totals->protected,
                          .copies = totals->copies,
                          .reuses = totals->reuses};

    if (explain->silent)
        return;
    judge_fresh(explain);
    faults_finish(&explain->faults);
    if (totals->forks || totals->copies || totals->reuses) {
        story_say(&explain->story, SAY_TOTAL, &facts);
        say_each_fork(explain);
    } else {
        story_say(&explain->story, SAY_TOTAL_NONE, &facts);
    }
    facts.forks = totals->eager_forks;
    facts.own = totals->eager_pages;
    if (totals->eager_forks)
        story_say(&explain->story, SAY_TOTAL_EAGER, &facts);
    say_live(explain);
}

void rvemu_explain_cow_totals(const struct rvemu_explain *explain,
                              struct rvemu_cow_totals *totals)
{
    *totals = explain->story.cow.totals;
    totals->first_touches = explain->faults.first_touches;
    totals->refused = explain->faults.refused;
    totals->spurious = explain->faults.spurious;
}

struct count {
    const struct spaces *spaces;
    struct rvemu_spaces_totals *totals;
};

static void count_leaf(void *arg, struct entry at, u64 va)
{
    struct count *count = arg;
    u64 pages = level_size(at.table->level) >> 12;

    count->totals->mappings += pages;
}

void rvemu_explain_spaces_totals(const struct rvemu_explain *explain,
                                 struct rvemu_spaces_totals *totals)
{
    struct count count = {&explain->story.spaces, totals};
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
    while ((table = map_next(&explain->story.spaces.roots, &at))) {
        u64 before = totals->mappings;

        spaces_each_leaf(&explain->story.spaces, table, count_leaf, &count);
        totals->roots += totals->mappings > before;
    }
    at = 0;
    while ((frame = map_next(&explain->story.spaces.frames.by_ppn, &at))) {
        u64 sharers =
            spaces_sharers(&explain->story.spaces, frame->ppn, frame->level);
        u64 pages = level_size(frame->level) >> 12;

        totals->frames += spaces_mappings(frame) ? pages : 0;
        totals->shared += sharers > 1 ? pages : 0;
    }
}
