/*
 * How spaces begin and end; see life.h.
 */
#include "analysis/life.h"

#include <string.h>

#include "analysis/kinship.h"

#define ECALL_SIZE 4

static struct arena *arena_of(const struct life *life)
{
    return life->story->spaces.tables.arena;
}

void life_call(struct life *life, const struct rvemu_event *event)
{
    struct story *story = life->story;
    struct life_hart *hart = &life->hart[event->hart];
    struct table *root = spaces_root(&story->spaces, story->root[event->hart]);
    u64 pc = event->trap.epc;

    hart->caller = root ? root->id : 0;
    hart->time = event->time;
    hart->ended = 0;
    story->call[event->hart] = hart->caller;
    naming_run(&story->naming, story->root[event->hart], pc);
    if (!root)
        return;
    calls_add(root, pc, event->time);
    cow_call(&story->cow, root);
    if (!callers_add(&life->callers, &story->spaces, root, pc))
        story->spaces.failed = true;
}

u64 life_call_time(const struct table *root)
{
    const struct call *last = root->last_call;

    return last && !last->back ? last->time : 0;
}

static void note_protecting(struct life *life, const struct table *root)
{
    unsigned room = life->protecting_room ? 2 * life->protecting_room : 16;
    unsigned *grown = life->protecting;

    if (life->protectings == life->protecting_room) {
        grown = arena_grow(arena_of(life), grown, room * sizeof(*grown));
        if (!grown) {
            life->story->spaces.failed = true;
            return;
        }
        life->protecting = grown;
        life->protecting_room = room;
    }
    life->protecting[life->protectings++] = root->id;
}

void life_protected(struct life *life, struct table *root,
                    const struct rvemu_event *event)
{
    struct call *call = root->last_call;

    if (!call)
        return;
    if (!call->protects)
        note_protecting(life, root);
    call->protects = true;
    call->lost_pc = event->pc;
    if (!call->ticket)
        call->ticket = lines_hold(&life->story->lines, event->time);
}

/* A root's latest call is over, or may be the one that forked. Whether it
 * takes W from pages. */
static bool look_at_call(struct life *life, struct table *root)
{
    struct call *call = root->last_call;

    if (!call || !call->protects || call->back)
        return false;
    call->took_all = !spaces_has_writable(&life->story->spaces, root);
    return true;
}

/* Some call may be the one that forked. */
static void look_at_calls(struct life *life)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < life->protectings; i++) {
        unsigned id = life->protecting[i];
        struct table *root = spaces_root_by_id(&life->story->spaces, id);

        if (root && look_at_call(life, root))
            life->protecting[kept++] = id;
    }
    life->protectings = kept;
}

/* The likeliest parent of a root that begins at pc; its `call` is NULL when
 * nobody made one there. */
static struct kinship find_parent(struct life *life, struct table *child,
                                  u64 pc)
{
    struct cow *cow = &life->story->cow;
    const struct caller_list *callers =
        callers_find(&life->callers, cow->spaces, pc - ECALL_SIZE);
    struct kinship best = {.call = NULL};

    look_at_calls(life);
    for (unsigned i = 0; i < callers->count; i++) {
        struct table *root = spaces_root_by_id(cow->spaces, callers->id[i]);
        struct kinship k;

        if (root == child || !calls_have(root->call, pc - ECALL_SIZE))
            continue;
        k = (struct kinship){.cow = cow,
                             .child = child,
                             .parent = root,
                             .parent_id = root->id,
                             .calls = root->call,
                             .pc = pc - ECALL_SIZE};
        kinship_consider(&best, &k);
    }
    for (unsigned i = 0; i < LIFE_GHOSTS; i++) {
        struct ghost *ghost = &life->ghost[i];
        struct kinship k = {.cow = cow,
                            .child = child,
                            .parent_id = ghost->id,
                            .calls = ghost->call,
                            .pc = pc - ECALL_SIZE};

        if (ghost->id && calls_have(k.calls, k.pc))
            kinship_consider(&best, &k);
    }
    return best;
}

struct loading {
    struct story *story;
    struct table *root;
    u64 time;
};

/* A frame that a fork protected, and that others map, is found writable in a
 * space that begins: it was given out again. */
static void say_given(void *arg, struct entry at, u64 va)
{
    struct loading *loading = arg;
    struct story *story = loading->story;
    u64 pte = entry_pte(at);
    u64 ppn = pte_frame(pte, at.table->level);
    const struct frame *frame =
        frames_find(&story->spaces.frames, ppn, at.table->level);
    struct facts facts = {
        .va = va, .size = level_size(at.table->level), .frame = ppn};
    struct table *one;

    if (!(pte & PTE_W) || !frame || !frame->protected)
        return;
    facts.users = spaces_others(&story->spaces, ppn, at.table->level,
                                loading->root, false, &one);
    if (!facts.users || spaces_frame(&story->spaces, one, va) == ppn)
        return;
    facts.who = story_name(story, loading->root);
    facts.user = story_name(story, one);
    facts.say_used_by = facts.users == 1 ? SAY_USED_ONE : SAY_USED_MANY;
    facts.say_tail = SAY_MAPPED_SHARED;
    story_permissions(pte, facts.permissions);
    story_place(story, loading->root->frame, &facts);
    story_say(story, 0, loading->time, SAY_GIVEN_SILENT, &facts);
}

static void count_page(void *arg, struct entry at, u64 va)
{
    *(u64 *)arg += level_size(at.table->level) >> 12;
}

static u64 count_pages(struct spaces *spaces, struct table *root)
{
    u64 pages = 0;

    spaces_each_leaf(spaces, root, count_page, &pages);
    return pages;
}

void life_loaded(struct life *life, struct table *child, u64 time)
{
    struct loading loading = {life->story, child, time};
    struct cow *cow = &life->story->cow;
    struct kinship best;

    if (child->ran)
        return;
    spaces_each_leaf(cow->spaces, child, say_given, &loading);
    best = kinship_find(cow, child);
    if (!best.call || best.alike || !best.data ||
        best.fork.shared != best.pages ||
        best.pages != count_pages(cow->spaces, best.parent))
        return;
    life->unborn[life->next_unborn++ % LIFE_UNBORN] =
        (struct unborn){.id = child->id,
                        .parent = best.parent_id,
                        .pc = best.call->pc,
                        .time = best.call->time,
                        .ticket = best.call->ticket,
                        .fork = best.fork};
}

static const struct ghost *find_ghost(const struct life *life, unsigned id)
{
    for (unsigned i = 0; i < LIFE_GHOSTS; i++)
        if (life->ghost[i].id == id)
            return &life->ghost[i];
    return NULL;
}

static struct space_name name_parent(const struct life *life, unsigned id)
{
    const struct ghost *ghost = find_ghost(life, id);

    return ghost ? ghost->name
                 : story_name(life->story,
                              spaces_root_by_id(&life->story->spaces, id));
}

static struct fork_names *names_of(struct life *life, unsigned number)
{
    struct fork_names *grown;

    if (number > life->names_room) {
        grown = arena_grow(arena_of(life), life->names,
                           life->story->cow.room * sizeof(*grown));
        if (!grown) {
            life->story->spaces.failed = true;
            return NULL;
        }
        life->names = grown;
        life->names_room = life->story->cow.room;
    }
    return &life->names[number - 1];
}

/* What is said of the pages of a fork. */
static struct facts fork_facts(const struct cow_fork *fork)
{
    struct facts facts = {.shared = fork->shared,
                          .protected = fork->protected,
                          .own = fork->own,
                          .open_parent = fork->open_parent,
                          .open_child = fork->open_child,
                          .lost = fork->lost,
                          .before = fork->protected - fork->lost,
                          .open_both = fork->open_both};

    if (fork->shared)
        facts.say_copied = fork->own ? SAY_COPIED_SOME : SAY_COPIED_NOTHING;
    else
        facts.say_copied = fork->own ? SAY_COPIED_ALL : SAY_COPIED_EMPTY;
    if (fork->lost)
        facts.say_protection = facts.before ? SAY_LOST_SOME : SAY_LOST_NOW;
    else if (fork->protected)
        facts.say_protection = SAY_LOST_BEFORE;
    if (fork->open_both)
        facts.say_open = SAY_OPEN_BOTH;
    else if (fork->open_parent)
        facts.say_open = SAY_OPEN_PARENT;
    else if (fork->open_child)
        facts.say_open = SAY_OPEN_CHILD;
    return facts;
}

/* Says where the kernel did the rest of a fork that left W to a side. */
static void set_maker(const struct life *life, const struct claim *claim,
                      struct facts *facts)
{
    const struct naming *naming = &life->story->naming;

    if (claim->lost_pc) {
        facts->say_tail = SAY_LOST_IN;
        naming_code(naming, 0, claim->lost_pc, facts->done_in);
    } else if (claim->table_by) {
        facts->say_tail = SAY_TABLE_IN;
        lifetimes_place_call(life->lifetimes, claim->table_by, facts->taken_in);
    }
}

/* A claim that was told of in other words before is unsaid. */
static void say_claim(struct life *life, const struct claim *claim,
                      enum sentence sentence)
{
    const struct fork_names *names = names_of(life, claim->number);
    struct facts facts = fork_facts(&life->story->cow.fork[claim->number - 1]);

    if (!names)
        return;
    if (claim->alike && sentence == SAY_FORK) {
        facts.others = claim->alike + 1;
        facts.say_open = SAY_NOTHING;
        sentence = SAY_FORK_ALIKE;
    }
    facts.unsaid = claim->told;
    facts.fork = claim->number;
    if (facts.say_open)
        set_maker(life, claim, &facts);
    facts.who = names->child;
    facts.other = names->parent;
    story_say(life->story, claim->ticket, claim->time, sentence, &facts);
}

static void count_fork(struct life *life, const struct cow_fork *fork)
{
    struct rvemu_cow_totals *totals = &life->story->cow.totals;

    if (!fork->lost && fork->own &&
        !(fork->open_parent || fork->open_child || fork->open_both)) {
        totals->eager_forks++;
        totals->eager_pages += fork->own;
        return;
    }
    totals->forks++;
    totals->shared += fork->shared;
    totals->protected += fork->protected;
}

/* The parent, too, has gone on: two returns. */
static void confirm(struct life *life, unsigned at)
{
    struct claim claim = life->claim[at];

    life->claims--;
    memmove(&life->claim[at], &life->claim[at + 1],
            (life->claims - at) * sizeof(claim));
    count_fork(life, &life->story->cow.fork[claim.number - 1]);
    if (!claim.told || life->story->options.expect)
        say_claim(life, &claim,
                  find_ghost(life, claim.parent) ? SAY_FORK_ORPHAN : SAY_FORK);
}

/* A program runs in this root again. */
static void confirm_children(struct life *life, unsigned parent)
{
    for (unsigned i = 0; i < life->claims;) {
        if (life->claim[i].parent == parent)
            confirm(life, i);
        else
            i++;
    }
}

/* The parent has not gone on, and may never. */
static void say_unsure(struct life *life, struct claim *claim)
{
    if (!claim->told)
        say_claim(life, claim, SAY_MOVED);
    claim->told = true;
}

/* The oldest claim gives way. */
static void drop_claim(struct life *life)
{
    say_unsure(life, &life->claim[0]);
    life->claims--;
    memmove(&life->claim[0], &life->claim[1],
            life->claims * sizeof(life->claim[0]));
}

/* Whether the parent has gone on behind the call already. Several calls may be
 * made at one place: then it is that one if it took W away, or all are. */
static bool has_returned(const struct kinship *k)
{
    const struct call *last = calls_last(k->calls);

    return k->sure ? k->call->back : last && last->back;
}

u64 life_made(const struct life *life)
{
    return life->claims ? life->claim[life->claims - 1].time : 0;
}

u64 life_called(const struct life *life)
{
    return life->claims ? life->claim[life->claims - 1].called : 0;
}

void life_place(struct life *life, u64 time)
{
    struct claim *claim = &life->claim[life->claims - 1];

    if (!life->claims)
        return;
    if (time < claim->time) {
        lines_drop(&life->story->lines, claim->ticket);
        claim->time = time;
        claim->ticket = lines_hold_before(&life->story->lines, time);
    }
    if (claim->returned)
        confirm(life, life->claims - 1);
}

/* Behind the call that took the frame for a page table; 0: not known. */
static u64 taken_by(const struct life *life, u64 table)
{
    const struct lifetime *taken = lifetimes_find(life->lifetimes, table);

    return taken && !taken->is_free ? taken->by : 0;
}

/* A child begins behind the call of a parent. */
static void begin_child(struct life *life, struct kinship *k, u64 pc, u64 now)
{
    struct cow *cow = &life->story->cow;
    struct cow_fork *fork = cow_add_fork(cow);
    struct fork_names *names = fork ? names_of(life, cow->forks) : NULL;
    struct claim claim = {.parent = k->parent_id,
                          .alike = k->alike,
                          .number = cow->forks,
                          .pc = pc,
                          .time = k->sure ? k->call->time : now,
                          .begun = now,
                          .called = k->call->time,
                          .ticket = k->sure ? k->call->ticket : 0,
                          .lost_pc = k->call->lost_pc,
                          .returned = has_returned(k)};

    if (!names)
        return;
    names->parent = k->alike ? (struct space_name){.alike = k->alike + 1}
                             : name_parent(life, k->parent_id);
    names->child = story_name(life->story, k->child);
    k->number = cow->forks;
    kinship_compare(k);
    fork = &cow->fork[cow->forks - 1];
    k->fork.range = fork->range;
    k->fork.ranges = fork->ranges;
    k->fork.copies = fork->copies;
    *fork = k->fork;
    fork->parent_id = k->parent_id;
    fork->child_id = k->child->id;
    k->child->fork = cow->forks;
    claim.table_by = taken_by(life, fork->open_table);
    if (!claim.ticket)
        claim.ticket = lines_hold(&life->story->lines, claim.time);
    k->call->claimed = true;
    cow_note_caller(cow, k->call->pc);
    if (life->claims == LIFE_CLAIMS)
        drop_claim(life);
    life->claim[life->claims++] = claim;
}

/* What is called as its next is goes without a program: the name is that of the
 * new one, and came too early. That both are of one process is known by marks
 * alone: else the next may be any that has its first turn here. */
static void name_next(struct story *story, struct table *next,
                      struct facts *facts)
{
    facts->other = story_name(story, next);
    facts->say_ending = facts->who.has_pid && facts->other.has_pid &&
                                facts->who.pid == facts->other.pid
                            ? SAY_EXECS
                            : SAY_ENDS_FOR;
    if (facts->who.has_pid && sentence_same_space(&facts->who, &facts->other))
        facts->who.program[0] = '\0';
}

static void say_end(struct life *life, struct life_hart *hart, u64 pc,
                    struct table *next)
{
    struct facts facts = {
        .pages = hart->end.pages, .alone = hart->end.given_up, .pc = pc};

    facts.who = hart->end.name;
    if (facts.alone)
        facts.say_given_up = SAY_GIVEN_UP;
    if (next)
        name_next(life->story, next, &facts);
    story_say(life->story, hart->ticket, hart->ended_time,
              next ? SAY_EXEC : SAY_END, &facts);
    hart->ended = 0;
    hart->ticket = 0;
}

static struct unborn *find_unborn(struct life *life, const struct table *root)
{
    for (unsigned i = 0; i < LIFE_UNBORN; i++)
        if (life->unborn[i].id == root->id)
            return &life->unborn[i];
    return NULL;
}

/* A child that begins elsewhere than behind the ecall: in a handler of a
 * signal, perhaps. */
static bool begin_elsewhere(struct life *life, struct table *root, u64 now)
{
    struct unborn *unborn = find_unborn(life, root);
    struct kinship k = {.cow = &life->story->cow, .child = root};

    if (!unborn)
        return false;
    k.parent_id = unborn->parent;
    k.parent = spaces_root_by_id(&life->story->spaces, unborn->parent);
    if (!k.parent)
        return false;
    k.calls = k.parent->call;
    kinship_compare(&k);
    k.call = calls_fork(k.calls, unborn->pc, k.last_lost, &k.sure);
    if (!k.call)
        return false;
    begin_child(life, &k, unborn->pc + ECALL_SIZE, now);
    return true;
}

static unsigned begin(struct life *life, const struct rvemu_event *event,
                      struct table *root)
{
    struct life_hart *hart = &life->hart[event->hart];
    u64 pc = event->xret.to;
    struct kinship parent = find_parent(life, root, pc);
    unsigned parent_id = parent.call ? parent.parent_id : 0;

    if (parent.call)
        begin_child(life, &parent, pc, event->time);
    else if (begin_elsewhere(life, root, event->time))
        parent_id = find_unborn(life, root)->parent;
    else if (hart->ended && hart->ended == hart->caller)
        say_end(life, hart, pc, root);
    return parent_id;
}

/* A root ends that was to be somebody's child. */
static void end_unborn(struct life *life, struct table *root)
{
    struct unborn *unborn = find_unborn(life, root);
    struct fork_names *names = NULL;
    struct cow_fork *fork;
    struct facts facts;

    fork = unborn ? cow_add_fork(&life->story->cow) : NULL;
    if (fork)
        names = names_of(life, life->story->cow.forks);
    if (!names)
        return;
    *fork = unborn->fork;
    facts = fork_facts(fork);
    facts.fork = life->story->cow.forks;
    count_fork(life, fork);
    facts.who = names->child = story_name(life->story, root);
    facts.other = names->parent = name_parent(life, unborn->parent);
    story_say(life->story, unborn->ticket, unborn->time, SAY_FORK_UNBORN,
              &facts);
    unborn->id = 0;
}

static void remember(struct life *life, const struct table *root,
                     const struct space_name *name)
{
    struct ghost *ghost = &life->ghost[life->next_ghost++ % LIFE_GHOSTS];

    ghost->id = root->id;
    memcpy(ghost->call, root->call, sizeof(ghost->call));
    ghost->name = *name;
}

static void end(struct life *life, struct table *root, unsigned hart_number,
                u64 time)
{
    struct life_hart *hart = &life->hart[hart_number];

    if (hart->ended)
        say_end(life, hart, 0, NULL);
    hart->ended = root->id;
    hart->ended_time = time;
    hart->end.pages = root->unmapped;
    hart->end.given_up = root->given_up;
    hart->end.name = story_name(life->story, root);
    remember(life, root, &hart->end.name);
    hart->ticket = lines_hold(&life->story->lines, time);
    if (hart->ended != hart->caller)
        say_end(life, hart, 0, NULL);
}

void life_lost(struct life *life, struct table *root, unsigned hart, u64 time)
{
    if (root->ran)
        end(life, root, hart, time);
    else
        end_unborn(life, root);
}

/* Ends the spaces that have lost all their pages, but for the one that a
 * program is about to run in. */
static void check(struct life *life, const struct table *running, unsigned hart)
{
    struct spaces *spaces = &life->story->spaces;

    for (unsigned i = 0; i < spaces->thin_count; i++) {
        struct table *root = spaces_root_by_id(spaces, spaces->thin[i]);

        if (!root || !root->thinned)
            continue;
        root->thinned = false;
        if (root == running || spaces_has_pages(root))
            continue;
        if (root->ran)
            end(life, root, hart, root->thinned_at);
        else
            end_unborn(life, root);
        spaces_renew(spaces, root);
        naming_forget(&life->story->naming, root->frame);
    }
    spaces->thin_count = 0;
}

bool life_is_plain(const struct life *life, unsigned hart,
                   const struct table *root)
{
    return !life->claims && !life->hart[hart].ended &&
           !life->story->spaces.thin_count &&
           !(root->last_call && root->last_call->protects);
}

void life_go_on(struct life *life, const struct rvemu_event *event,
                struct table *root)
{
    struct life_hart *hart = &life->hart[event->hart];
    struct call *call = root->last_call;

    if (call && call->pc == event->xret.to - ECALL_SIZE)
        call->back = true;
    root->unmapped = root->given_up = 0;
    hart->caller = 0;
    hart->time = 0;
    life->story->call[event->hart] = 0;
}

unsigned life_return(struct life *life, const struct rvemu_event *event)
{
    struct story *story = life->story;
    struct life_hart *hart = &life->hart[event->hart];
    struct table *root = spaces_root(&story->spaces, story->root[event->hart]);
    struct call *call;
    unsigned parent = 0;

    check(life, root, event->hart);
    if (root && !root->ran) {
        root->ran = story->spaces.ran = true;
        spaces_number(&story->spaces, root);
        parent = begin(life, event, root);
    } else if (root) {
        look_at_call(life, root);
        call = root->last_call;
        if (call && call->pc == event->xret.to - ECALL_SIZE)
            call->back = true;
        confirm_children(life, root->id);
    }
    if (hart->ended)
        say_end(life, hart, 0, NULL);
    if (root)
        root->unmapped = root->given_up = 0;
    hart->caller = 0;
    hart->time = 0;
    story->call[event->hart] = 0;
    return parent;
}

void life_advance(struct life *life, u64 now)
{
    for (unsigned i = 0; i < life->claims; i++)
        if (now - life->claim[i].begun >= LINES_HOLD)
            say_unsure(life, &life->claim[i]);
}

void life_finish(struct life *life)
{
    for (unsigned i = 0; i < life->claims; i++)
        say_unsure(life, &life->claim[i]);
}
