/*
 * The explainer: events in, sentences and totals out; see rvemu/explain.h.
 *
 * The order within one event matters: the spaces take it first, then copy-on-
 * write is judged on tables as they now are, then a fault is answered. What a
 * root held when it was first loaded is no edit of it.
 */
#include "analysis/explain.h"

#include <string.h>

#include "analysis/expect.h"
#include "analysis/json.h"
#include "analysis/kept.h"
#include "analysis/losses.h"

#define ECALL_FROM_U 8
#define INSN_SIZE 4     /* of a CSR write */
#define FORKS_LISTED 16 /* the short form lists no more one by one */

/* All that is known lies in one arena, with what leads to it. */
static void use_arena(struct rvemu_explain *explain, struct arena *arena)
{
    struct story *story = &explain->story;

    explain->arena = arena;
    story->spaces.tables.arena = arena;
    story->spaces.roots.arena = arena;
    story->spaces.frames.by_ppn.arena = arena;
    story->marks.process.arena = arena;
    story->marks.space.arena = arena;
    story->naming.program.arena = arena;
    story->lines.arena = arena;
    explain->lifetimes.by_ppn.arena = arena;
    explain->stale.writes.by_pte.arena = arena;
    explain->old_code.told.arena = arena;
    explain->phantoms.stays.arena = arena;
}

struct rvemu_explain *
rvemu_explain_new(const struct rvemu_explain_options *options)
{
    struct arena *arena = arena_new();
    struct rvemu_explain *explain =
        arena ? arena_take(arena, sizeof(*explain)) : NULL;

    if (explain)
        explain->story.options = *options;
    if (!explain || !story_begin(&explain->story)) {
        arena_free(arena);
        return NULL;
    }
    use_arena(explain, arena);
    explain->story.naming.names =
        options->line || options->expect ? options->names : NULL;
    if (options->expect)
        expect_begin(options->expect, options->lang);
    explain->story.cow.spaces = &explain->story.spaces;
    explain->life.story = &explain->story;
    explain->life.lifetimes = &explain->lifetimes;
    explain->faults.story = &explain->story;
    explain->faults.life = &explain->life;
    explain->faults.doubts = &explain->doubts;
    explain->faults.stale = &explain->stale;
    explain->doubts.story = &explain->story;
    explain->stale.story = &explain->story;
    explain->aliases.story = &explain->story;
    explain->aliases.lifetimes = &explain->lifetimes;
    explain->stale.windows = &explain->windows;
    explain->stale.stays = &explain->phantoms.stays;
    explain->windows.story = &explain->story;
    explain->windows.stays = &explain->phantoms.stays;
    explain->phantoms.story = &explain->story;
    explain->phantoms.stale = &explain->stale;
    explain->phantoms.windows = &explain->windows;
    explain->phantoms.on = options->check[RVEMU_CHECK_TLB];
    explain->old_code.story = &explain->story;
    explain->lifetimes.story = &explain->story;
    explain->allocator.lifetimes = &explain->lifetimes;
    if (options->frames) {
        explain->frames = *options->frames;
        explain->lifetimes.config = &explain->frames;
    }
    return explain;
}

void rvemu_explain_free(struct rvemu_explain *explain)
{
    if (!explain)
        return;
    story_free(&explain->story);
    arena_free(explain->arena);
}

void rvemu_explain_begin(struct rvemu_explain *explain, const char *title)
{
    const struct rvemu_explain_options *options = &explain->story.options;
    char line[JSON_LINE];

    if (!options->line)
        return;
    title = rvemu_title_find(title, options->lang);
    json_begin(line, options->lang, title);
    options->line(options->arg, options->json ? line : title);
}

const char *rvemu_explain_finding(const struct rvemu_explain *explain)
{
    const char *finding = explain->story.telling->finding;

    return finding ? finding : "";
}

void rvemu_explain_pause(struct rvemu_explain *explain, bool paused)
{
    explain->story.telling->paused = paused;
    if (!paused)
        return;
    lines_tell(&explain->story.lines);
    story_flush(&explain->story, true);
}

bool rvemu_explain_called(const struct rvemu_explain *explain,
                          uint64_t root_ppn,
                          struct rvemu_explain_called *called)
{
    const struct story *story = &explain->story;
    const struct table *root = spaces_root(&story->spaces, root_ppn);
    struct space_name name = {0};

    *called = (struct rvemu_explain_called){0};
    if (!root || !root->number)
        return false;
    if (!marks_name_space(&story->marks, root_ppn, &name))
        strncpy(name.program, naming_program(&story->naming, root_ppn),
                PROGRAM_TEXT - 1);
    called->number = root->number;
    called->has_pid = name.has_pid;
    called->pid = name.pid;
    memcpy(called->name, name.program, PROGRAM_TEXT);
    return true;
}

rvemu_event_set rvemu_explain_kinds(const struct rvemu_explain_options *options)
{
    return (options->check[RVEMU_CHECK_TLB] ? RVEMU_EVENT_BIT(tlb_fill) : 0) |
           (options->check[RVEMU_CHECK_ICACHE]
                ? RVEMU_EVENT_BIT(stale_fetch) | RVEMU_EVENT_BIT(fence_i)
                : 0) |
           RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(xret) |
           RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(satp) |
           RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) |
           RVEMU_EVENT_BIT(root_lost) | RVEMU_EVENT_BIT(frame_copied) |
           RVEMU_EVENT_BIT(tlb_flush) | RVEMU_EVENT_BIT(svinval) |
           RVEMU_EVENT_BIT(stale_use) | RVEMU_EVENT_BIT(alias_store) |
           RVEMU_EVENT_BIT(mark) | RVEMU_EVENT_BIT(probe);
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

    spaces_event(&explain->story.spaces, event);
    lifetimes_load(&explain->lifetimes, frame);
    note_fresh(explain, frame, known);
    explain->story.root[event->hart] = frame;
    if (frame && explain->story.options.expect && !explain->story.telling->past)
        expect_paged(explain->story.options.expect);
    explain->faults.satp_pc[event->hart] = event->pc + INSN_SIZE;
}

/* A frame that user pages lie in has become a page table. */
static void say_table_in_use(struct rvemu_explain *explain, u64 time)
{
    struct story *story = &explain->story;
    struct facts facts;
    struct table *one;

    if (!story->spaces.in_use)
        return;
    facts = (struct facts){.frame = story->spaces.in_use};
    story->spaces.in_use = 0;
    facts.users =
        spaces_others(&story->spaces, facts.frame, 0, NULL, false, &one);
    if (!facts.users)
        return;
    facts.user = story_name(story, one);
    facts.say_used_by = facts.users == 1 ? SAY_USED_ONE : SAY_USED_MANY;
    story_say(story, 0, time, SAY_TABLE_IN_USE, &facts);
}

/* pte_write and pte_found. */
static void take_entry(struct rvemu_explain *explain,
                       const struct rvemu_event *event, u64 frame, u64 va,
                       u64 pte_pa)
{
    struct table *root = spaces_root(&explain->story.spaces, frame);
    struct table *table = map_get(&explain->story.spaces.tables, pte_pa >> 12);
    unsigned index = (unsigned)(pte_pa >> 3) % TABLE_ENTRIES;
    u64 old = table ? table_pte(table, index) : 0;

    spaces_event(&explain->story.spaces, event);
    say_table_in_use(explain, event->time);
    note_fresh(explain, frame, root != NULL);
    table = map_get(&explain->story.spaces.tables, pte_pa >> 12);
    if (table)
        lifetimes_edit(&explain->lifetimes, event, pte_pa, table->level, old,
                       table_pte(table, index));
    if (table && !explain->fresh)
        faults_edit(&explain->faults, event, (struct entry){table, index}, old,
                    frame, va);
}

static void take_root_lost(struct rvemu_explain *explain,
                           const struct rvemu_event *event)
{
    u64 frame = event->root_lost.root;
    struct table *root = spaces_root(&explain->story.spaces, frame);

    if (root)
        life_lost(&explain->life, root, event->hart, event->time);
    spaces_event(&explain->story.spaces, event);
    lifetimes_lose(&explain->lifetimes, event->hart);
    faults_check_spaces(&explain->faults);
    marks_forget(&explain->story.marks, frame);
    naming_forget(&explain->story.naming, frame);
}

/* Tells rules how many frames the kernel has for itself. */
static void tell_frames(struct rvemu_explain *explain, bool at_start)
{
    struct rvemu_expect *expect = explain->story.options.expect;

    if (expect && explain->lifetimes.config && !explain->story.telling->past)
        expect_frames(expect, at_start, kept_count(&explain->lifetimes),
                      explain->lifetimes.totals.taken);
}

/* A child begins: what its parent did may have to do with it. */
static void meet_child(struct rvemu_explain *explain, unsigned parent,
                       struct table *child)
{
    u64 doubted = doubts_meet(&explain->doubts, parent, child,
                              life_called(&explain->life));
    u64 used = windows_meet(&explain->windows, parent, child);

    life_place(&explain->life, doubted < used ? doubted : used);
}

/* Whether a return to a program of root can tell nothing: nothing waits for
 * it. */
static bool is_plain_return(const struct rvemu_explain *explain,
                            const struct rvemu_event *event,
                            const struct table *root)
{
    return event->xret.target == 0 && root && root->ran &&
           (!explain->story.naming.names ||
            root->frame == explain->story.naming.settled) &&
           !explain->faults.open &&
           !explain->faults.loops.hart[event->hart].count &&
           !explain->story.cow.has_cleared && !explain->doubts.count &&
           !explain->windows.count && !explain->aliases.count &&
           !explain->lifetimes.config &&
           life_is_plain(&explain->life, event->hart, root);
}

static void take_xret(struct rvemu_explain *explain,
                      const struct rvemu_event *event)
{
    struct table *root =
        spaces_root(&explain->story.spaces, explain->story.root[event->hart]);
    unsigned parent;
    bool starts; /* the first program of the run */

    if (is_plain_return(explain, event, root)) {
        life_go_on(&explain->life, event, root);
        return;
    }
    if (event->xret.target == 0)
        naming_run(&explain->story.naming, explain->story.root[event->hart],
                   event->xret.to);
    faults_return(&explain->faults, event);
    if (event->xret.target != 0)
        return;
    cow_end_turn(&explain->story.cow, event->hart);
    starts = root && !explain->story.spaces.ran;
    parent = life_return(&explain->life, event);
    if (starts)
        tell_frames(explain, true);
    if (root)
        doubts_run(&explain->doubts, root);
    if (parent)
        aliases_meet(&explain->aliases, parent, root,
                     life_made(&explain->life));
    if (root)
        aliases_run(&explain->aliases, root, event->hart);
    if (parent)
        meet_child(explain, parent, root);
    lifetimes_run(&explain->lifetimes, root, event->hart, event->time);
}

/* Whether a store takes a program's code from its place. There may be some
 * behind any pointer. */
static bool takes_code(const struct rvemu_ev_pte_write *write)
{
    bool code = pte_points(write->old) ||
                (pte_is_user(write->old) && write->old & PTE_X);

    return code && (!(write->new &PTE_V) ||
                    pte_target(write->new) != pte_target(write->old));
}

static void take_entries(struct rvemu_explain *explain,
                         const struct rvemu_event *event)
{
    if (event->kind == RVEMU_EVENT_pte_found) {
        take_entry(explain, event, event->pte_found.root, event->pte_found.va,
                   event->pte_found.pte_pa);
        return;
    }
    if (takes_code(&event->pte_write))
        naming_doubt(&explain->story.naming, event->pte_write.root);
    take_entry(explain, event, event->pte_write.root, event->pte_write.va,
               event->pte_write.pte_pa);
    faults_check_spaces(&explain->faults);
}

static void take_event(struct rvemu_explain *explain,
                       const struct rvemu_event *event)
{
    switch (event->kind) {
    case RVEMU_EVENT_satp: take_satp(explain, event); break;
    case RVEMU_EVENT_pte_found:
    case RVEMU_EVENT_pte_write: take_entries(explain, event); break;
    case RVEMU_EVENT_frame_copied:
        explain->story.cow.copied = event->frame_copied;
        break;
    case RVEMU_EVENT_root_lost: take_root_lost(explain, event); break;
    case RVEMU_EVENT_page_fault: faults_open(&explain->faults, event); break;
    case RVEMU_EVENT_trap:
        if (event->trap.cause == ECALL_FROM_U)
            life_call(&explain->life, event);
        faults_trap(&explain->faults, event);
        break;
    case RVEMU_EVENT_stale_use: stale_use(&explain->stale, event); break;
    case RVEMU_EVENT_stale_fetch:
    case RVEMU_EVENT_fence_i: old_code_event(&explain->old_code, event); break;
    case RVEMU_EVENT_alias_store:
        aliases_store(&explain->aliases, event);
        break;
    case RVEMU_EVENT_xret: take_xret(explain, event); break;
    case RVEMU_EVENT_probe: allocator_probe(&explain->allocator, event); break;
    case RVEMU_EVENT_mark:
        if (!explain->story.options.ignore_marks)
            marks_take(&explain->story.marks, event);
        break;
    default: break;
    }
}

/* Whether the event is one of those by which a root's entries arrive. */
static bool is_arrival(const struct rvemu_event *event)
{
    return event->kind == RVEMU_EVENT_pte_found ||
           event->kind == RVEMU_EVENT_satp;
}

/* Whether something changes that a fault may depend on. */
static bool is_change(const struct rvemu_event *event)
{
    return event->kind == RVEMU_EVENT_pte_write || is_arrival(event) ||
           event->kind == RVEMU_EVENT_tlb_flush;
}

/* Says that nothing more can be told, and why. */
static void fall_silent(struct rvemu_explain *explain, u64 time)
{
    struct facts facts = {0};

    explain->silent = true;
    story_say(&explain->story, 0, time,
              explain->story.spaces.woven ? SAY_WOVEN : SAY_FAILED, &facts);
    lines_finish(&explain->story.lines);
    story_flush(&explain->story, true);
}

/* Whether anything is known that time decides. */
static bool is_waiting(const struct rvemu_explain *explain)
{
    return explain->life.claims || explain->doubts.count ||
           explain->windows.count || explain->aliases.count ||
           explain->old_code.count || story_is_waiting(&explain->story);
}

static void advance(struct rvemu_explain *explain, u64 now)
{
    life_advance(&explain->life, now);
    doubts_advance(&explain->doubts, now);
    windows_advance(&explain->windows, now);
    aliases_advance(&explain->aliases, now);
    old_code_advance(&explain->old_code, now);
    story_advance(&explain->story, now);
}

/* What is judged by tables as they have been. */
static void before_event(struct rvemu_explain *explain,
                         const struct rvemu_event *event)
{
    phantoms_before(&explain->phantoms, event);
    windows_event(&explain->windows, event, explain->story.spaces.seq);
    if (event->kind == RVEMU_EVENT_pte_write)
        writes_take(&explain->stale.writes, event, explain->story.spaces.seq);
}

void rvemu_explain_feed(void *arg, const struct rvemu_event *event)
{
    struct rvemu_explain *explain = arg;

    if (explain->silent)
        return;
    if (explain->fresh && !is_arrival(event)) {
        life_loaded(&explain->life, explain->fresh, event->time);
        explain->fresh = NULL;
    }
    explain->faults.loops.changes += is_change(event);
    explain->story.spaces.seq++;
    story_event(&explain->story);
    before_event(explain, event);
    take_event(explain, event);
    phantoms_after(&explain->phantoms, event);
    if (event->kind != RVEMU_EVENT_satp)
        explain->faults.satp_pc[event->hart] *=
            event->kind == RVEMU_EVENT_pte_found;
    if (is_waiting(explain))
        advance(explain, event->time);
    if (explain->story.spaces.failed || explain->story.lines.failed ||
        explain->phantoms.stays.failed || explain->story.spaces.woven)
        fall_silent(explain, event->time);
    story_event_over(&explain->story);
}

void rvemu_explain_flush(struct rvemu_explain *explain)
{
    story_flush(&explain->story, false);
}

static void say_last(struct rvemu_explain *explain, enum sentence sentence,
                     const struct facts *facts)
{
    story_say(&explain->story, 0, UINT64_MAX, sentence, facts);
}

/* Whether the total is of one fork, and tells all that is to tell of it. */
static bool is_only_fork(const struct cow *cow)
{
    return cow->forks == 1 && cow->totals.forks == 1 &&
           cow->fork[0].copies == cow->totals.copies;
}

static void say_total(struct rvemu_explain *explain, struct facts facts)
{
    const struct cow *cow = &explain->story.cow;

    facts.say_stored = facts.copies ? SAY_KIB : SAY_NOTHING;
    facts.needless = cow->totals.needless;
    facts.say_of_these = facts.needless ? SAY_SUM_NEEDLESS : SAY_NOTHING;
    if (is_only_fork(cow) &&
        cow_walk_fork(cow, &cow->fork[0], &facts.together, &facts.apart))
        facts.say_tail = SAY_WALKED;
    say_last(explain, facts.forks ? SAY_TOTAL : SAY_TOTAL_STORES, &facts);
}

static void say_each_fork(struct rvemu_explain *explain)
{
    struct cow *cow = &explain->story.cow;
    struct facts rest = {.copies = cow->totals.copies};
    bool listed = explain->story.options.full || cow->forks <= FORKS_LISTED;
    bool only = is_only_fork(cow);

    for (unsigned i = 0; i < cow->forks; i++) {
        const struct cow_fork *fork = &cow->fork[i];
        struct facts facts = {.shared = fork->shared,
                              .protected = fork->protected,
                              .copies = fork->copies,
                              .reuses = fork->reuses};

        rest.copies -= fork->copies;
        if (!fork->protected || !listed || only)
            continue;
        facts.who = explain->life.names[i].child;
        facts.other = explain->life.names[i].parent;
        if (cow_walk_fork(cow, fork, &facts.together, &facts.apart))
            facts.say_tail = SAY_WALKED;
        say_last(explain, SAY_TOTAL_FORK, &facts);
    }
    if (rest.copies)
        say_last(explain, SAY_TOTAL_COPIES, &rest);
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
    say_last(explain, SAY_TOTAL_LIVE, &facts);
}

static void say_stale(struct rvemu_explain *explain)
{
    struct rvemu_stale_totals totals = {0};
    struct facts facts = {0};

    rvemu_explain_add_stale(explain, &totals);
    facts.certain = totals.certain;
    facts.may = totals.may;
    facts.windows = totals.windows;
    facts.harmless = totals.harmless;
    facts.possible = totals.possible;
    facts.unjudged = totals.unjudged;
    facts.say_tail = totals.unjudged ? SAY_UNJUDGED : SAY_NOTHING;
    say_last(explain, SAY_TOTAL_STALE, &facts);
}

/* Those that have no total of their own. */
static void say_checks(struct rvemu_explain *explain)
{
    const struct rvemu_explain_options *options = &explain->story.options;
    struct rvemu_check_totals totals[RVEMU_CHECKS] = {0};

    rvemu_explain_add_checks(explain, totals);
    for (unsigned i = RVEMU_CHECK_TLB + 1; i < RVEMU_CHECKS; i++) {
        struct facts facts = {.certain = totals[i].certain,
                              .possible = totals[i].possible,
                              .windows = totals[i].windows,
                              .say_check = SAY_CHECK_TLB + i};

        if (facts.windows)
            facts.say_tail = SAY_IN_WINDOWS;
        else if (i == RVEMU_CHECK_UAF && !options->frames)
            facts.say_tail = SAY_FRAMES_UNKNOWN;
        if (options->check[i] && (i != RVEMU_CHECK_REFS || options->frames))
            say_last(explain, SAY_TOTAL_CHECK, &facts);
    }
}

/* Folds know what they left out once they have had all lines. */
static void say_left_out(struct rvemu_explain *explain)
{
    struct facts facts = {0};

    lines_finish(&explain->story.lines);
    story_flush(&explain->story, true);
    facts.lines = explain->story.telling->folds.left_out;
    if (facts.lines)
        say_last(explain, SAY_TOTAL_LEFT_OUT, &facts);
}

/* What waits for its place was told of the first time. */
static void leave_past(struct story *story)
{
    if (story->telling->past)
        lines_tell(&story->lines);
    story->telling->past = false;
}

void rvemu_explain_finish(struct rvemu_explain *explain)
{
    const struct rvemu_cow_totals *totals = &explain->story.cow.totals;
    struct facts facts = {.forks = totals->forks,
                          .shared = totals->shared,
                          .protected = totals->protected,
                          .copies = totals->copies,
                          .bytes = totals->copies * 4,
                          .reuses = totals->reuses};

    if (explain->silent)
        return;
    leave_past(&explain->story);
    life_finish(&explain->life);
    doubts_finish(&explain->doubts);
    windows_finish(&explain->windows);
    aliases_finish(&explain->aliases);
    old_code_finish(&explain->old_code);
    faults_finish(&explain->faults);
    say_left_out(explain);
    if (totals->forks || totals->copies || totals->reuses) {
        say_total(explain, facts);
        say_each_fork(explain);
    } else {
        say_last(explain, SAY_TOTAL_NONE, &facts);
    }
    facts.forks = totals->eager_forks;
    facts.own = totals->eager_pages;
    if (totals->eager_forks)
        say_last(explain, SAY_TOTAL_EAGER, &facts);
    say_live(explain);
    losses_say(&explain->lifetimes);
    tell_frames(explain, false);
    if (explain->phantoms.on)
        say_stale(explain);
    say_checks(explain);
    facts.untold = explain->story.telling->untold;
    if (facts.untold)
        say_last(explain, SAY_TOTAL_UNTOLD, &facts);
    lines_finish(&explain->story.lines);
}
