/* Copy-on-write from page-table events; see cow.h. */
#include "analysis/cow.h"

#define PTE_PPN (((1ull << 44) - 1) << 10)

static struct arena *arena_of(const struct cow *cow)
{
    return cow->spaces->tables.arena;
}

void cow_end_turn(struct cow *cow, unsigned hart)
{
    bool left = false;

    for (unsigned i = 0; cow->has_cleared && i < COW_CLEARED; i++) {
        if (cow->cleared[i].hart == hart)
            cow->cleared[i].pte_pa = 0;
        left |= cow->cleared[i].pte_pa != 0;
    }
    cow->has_cleared = left;
}

static u64 address_of(struct entry at)
{
    return at.table->frame << 12 | at.index << 3;
}

/* The leaf that was cleared there, or 0. */
static u64 cleared_leaf(const struct cow *cow, struct entry at)
{
    for (unsigned i = 0; i < COW_CLEARED; i++) {
        if (cow->cleared[i].pte_pa == address_of(at))
            return cow->cleared[i].pte;
    }
    return 0;
}

/* Whether frame_copied announced this edit, and the page was there until the
 * kernel set out to replace it. */
static bool was_copied(const struct cow *cow, const struct cow_edit *edit,
                       u64 new_frame)
{
    if (cow->copied.pte_pa != address_of(edit->at) ||
        cow->copied.new != new_frame)
        return false;
    if (leaf_maps(edit->old))
        return true;
    return edit->has_fault ? leaf_maps(edit->before)
                           : cleared_leaf(cow, edit->at) != 0;
}

/* What the leaf that a fault met maps at the page of the edit: a superpage that
 * was split since is seen by the page. */
static u64 leaf_within(const struct cow_edit *edit)
{
    unsigned level = edit->at.table->level;
    u64 offset = edit->va & (level_size(edit->before_level) - 1);
    u64 frame = pte_frame(edit->before, edit->before_level) +
                (offset >> (12 + 9 * level) << (9 * level));

    return (edit->before & ~PTE_PPN) | frame << 10;
}

/* The leaf that this edit replaces, however the kernel went about it: by one
 * store, or by clearing the entry first. 0 for none. */
static u64 replaced_leaf(const struct cow *cow, const struct cow_edit *edit)
{
    if (leaf_maps(edit->old))
        return edit->old;
    if (leaf_maps(edit->before) && edit->before_level >= edit->at.table->level)
        return leaf_within(edit);
    return cleared_leaf(cow, edit->at);
}

/* The fork by which root shares a frame: that which made it, or the latest. */
static unsigned fork_of(const struct frame *frame, const struct table *root)
{
    bool born = root->fork && root->fork >= frame->first_fork &&
                root->fork <= frame->fork;

    return born ? root->fork : frame->fork;
}

/* Whether the other side of a fork has the frame still, or has left it for
 * this copy: else it is shared by a fork that is not known yet. */
static bool is_of_fork(const struct cow *cow, unsigned number,
                       const struct frame *frame, const struct cow_edit *edit)
{
    const struct cow_fork *fork = &cow->fork[number - 1];
    const struct table *child = spaces_root_by_id(cow->spaces, fork->child_id);
    struct entry at;
    u64 pte;

    if (fork->parent_id != edit->root->id || !child)
        return true;
    pte = spaces_find(cow->spaces, child, edit->va, &at);
    return !pte || (at.table->level == frame->level &&
                    pte_frame(pte, frame->level) == frame->ppn);
}

static void count_copy(struct cow *cow, struct frame *old,
                       const struct cow_edit *edit)
{
    unsigned number = fork_of(old, edit->root);

    old->copied = true;
    cow->totals.copies++;
    if (!edit->has_fault)
        cow->totals.kernel_copies++;
    if (number && is_of_fork(cow, number, old, edit))
        cow->fork[number - 1].copies++;
    else
        old->left_copies++;
}

static bool forked_before(const struct cow *cow, u64 pc)
{
    for (unsigned i = 0; i < COW_CALLERS; i++)
        if (cow->caller[i] == pc)
            return true;
    return false;
}

void cow_note_caller(struct cow *cow, u64 pc)
{
    if (!forked_before(cow, pc))
        cow->caller[cow->next_caller++ % COW_CALLERS] = pc;
}

void cow_call(const struct cow *cow, struct table *root)
{
    struct call *call = root->last_call;

    if (!call || !root->has_given || !forked_before(cow, call->pc))
        return;
    call->held_w = spaces_find(cow->spaces, root, root->given_va, NULL) & PTE_W;
    root->has_given = call->held_w;
}

/* Whether a call of root's program, not before the time, may have made a child
 * that has not run. */
static bool may_have_child(const struct cow *cow, const struct table *root,
                           u64 time)
{
    for (unsigned i = 0; i < SPACE_CALLS; i++) {
        const struct call *call = &root->call[i];

        if (call->pc && call->time >= time && !call->claimed &&
            (!call->held_w || call->protects) && forked_before(cow, call->pc))
            return true;
    }
    return false;
}

/* Whether W=1 would have done in place of a copy of this frame: nobody shared
 * it when the fault came. */
static bool is_needless(const struct cow *cow, const struct cow_edit *edit,
                        const struct frame *old)
{
    bool was_alone = !edit->has_fault || old->left_at < edit->fault_time;

    return old->protected && old->fork && !old->mappings && was_alone &&
           !may_have_child(cow, edit->root, old->lost);
}

/* An equal frame has taken the place of another. It is a copy for a store only
 * where W was lacking and is there now. */
static enum cow_change judge_copy(struct cow *cow, const struct cow_edit *edit,
                                  u64 old_pte, struct cow_result *result)
{
    unsigned level = edit->at.table->level;
    u64 pte = entry_pte(edit->at);
    struct frame *old =
        frames_find(&cow->spaces->frames, result->old_frame, level);

    bool shared = spaces_others(cow->spaces, result->new_frame, level,
                                edit->root, false, NULL) > 0;

    if (old_pte & PTE_W || !(pte & PTE_W) || (shared && !edit->has_fault))
        return shared ? COW_MERGED : COW_MOVED;
    if (old && (old->protected || old->fork)) {
        count_copy(cow, old, edit);
        result->fork = fork_of(old, edit->root);
        result->needless = is_needless(cow, edit, old);
        return COW_COPY;
    }
    if (!edit->has_fault)
        return COW_MOVED;
    cow->totals.private_copies++;
    return COW_PRIVATE_COPY;
}

/* W given back without a fault to a frame that no fork shared is mprotect's
 * work. */
static enum cow_change judge_same_frame(struct cow *cow,
                                        const struct cow_edit *edit,
                                        struct frame *frame, u64 old)
{
    u64 pte = entry_pte(edit->at);

    if ((old & PTE_W) && !(pte & PTE_W)) {
        frame->common |= spaces_others(cow->spaces, frame->ppn, frame->level,
                                       edit->root, true, NULL) > 0;
        frame->by_fork = false;
        frame->back = false;
        if (edit->call || !frame->protected)
            frame->lost = edit->call;
        frame->protected = !frame->common;
        return frame->protected ? COW_PROTECTED : COW_NONE;
    }
    if ((old & PTE_W) || !(pte & PTE_W) || frame->common)
        return COW_ALLOWED;
    if (!frame->protected || !(edit->has_fault || frame->fork))
        return COW_ALLOWED;
    if (spaces_others(cow->spaces, frame->ppn, frame->level, edit->root, false,
                      NULL)) {
        if (!frame->by_fork)
            return COW_ALLOWED;
        cow->totals.broken++;
        return COW_BROKEN;
    }
    if (!edit->has_fault && !edit->on_call)
        return COW_ALLOWED;
    if (frame->fork)
        cow->fork[fork_of(frame, edit->root) - 1].reuses++;
    cow->totals.reuses++;
    return COW_REUSE;
}

/* A frame mapped by nobody else begins a new life. */
static void start_over(struct frame *frame)
{
    if (frame->mappings == 1) {
        frames_forget(frame);
        frame->copy_of = 0;
    }
}

/* What is known of a page goes with it to another frame. */
static void follow(struct cow *cow, unsigned level, u64 from, struct frame *to)
{
    const struct frame *old = frames_find(&cow->spaces->frames, from, level);

    if (!old || !old->protected)
        return;
    to->by_fork = old->by_fork && (to->by_fork || !to->protected);
    to->protected = true;
    to->lost = old->lost;
    to->fork = old->fork;
    to->first_fork = old->first_fork;
}

/* W is back, in a call made at this time, or in none. */
static void give_back(struct frame *frame, u64 call)
{
    if (frame->mappings == 1)
        frames_forget(frame);
    frame->back = frame->lost && frame->lost != call;
}

/* The frame took the place of another, which goes on for now. */
static void note_copy(const struct cow *cow, struct frame *frame,
                      struct cow_result *result)
{
    const struct frame *old =
        frames_find(&cow->spaces->frames, cow->copied.old, frame->level);

    frame->copy_of = cow->copied.old;
    frame->copy_life = old ? old->life : 0;
    result->was_shared = old && old->fork;
}

/* Sets result->change for a leaf that maps `frame` now; old is what it
 * replaced. */
static void judge_leaf(struct cow *cow, const struct cow_edit *edit,
                       struct frame *frame, u64 old, struct cow_result *result)
{
    u64 pte = entry_pte(edit->at);

    if (!frame->protected)
        spaces_inherit(cow->spaces, frame);
    if (was_copied(cow, edit, frame->ppn)) {
        result->old_frame = cow->copied.old;
        result->change = judge_copy(cow, edit, old, result);
        start_over(frame);
        if (result->change == COW_COPY)
            note_copy(cow, frame, result);
        if (result->change == COW_MOVED || result->change == COW_MERGED)
            follow(cow, edit->at.table->level, cow->copied.old, frame);
    } else if (old && result->old_frame == frame->ppn) {
        result->by_fork = frame->by_fork;
        result->lost = frame->by_fork ? 0 : frame->lost;
        result->fork = frame->fork ? fork_of(frame, edit->root) : 0;
        result->change = judge_same_frame(cow, edit, frame, old);
        if (pte & PTE_W && !(old & PTE_W))
            give_back(frame, edit->call);
    } else {
        result->change = old ? COW_REPLACED : COW_MAPPED;
        result->taken = frame->protected &&
                        spaces_others(cow->spaces, frame->ppn, frame->level,
                                      edit->root, false, NULL);
        start_over(frame);
    }
}

/* A leaf that is the kernel's alone. */
static enum cow_change judge_kernel_leaf(const struct cow *cow,
                                         const struct cow_edit *edit,
                                         const struct cow_result *result)
{
    u64 pte = entry_pte(edit->at);

    if (!edit->has_fault || !leaf_maps(pte))
        return COW_NONE;
    if (was_copied(cow, edit, result->new_frame) && pte & PTE_W &&
        !(result->old & PTE_W))
        return COW_PRIVATE_COPY;
    if (!result->old)
        return COW_MAPPED;
    return result->old_frame == result->new_frame ? COW_ALLOWED : COW_REPLACED;
}

/* A store to copy-on-write memory goes through from now on. */
static void note_given(const struct cow_edit *edit, enum cow_change change)
{
    if (change != COW_COPY && change != COW_REUSE)
        return;
    edit->root->has_given = true;
    edit->root->given_va = edit->va;
}

struct cow_result cow_judge_edit(struct cow *cow, const struct cow_edit *edit)
{
    unsigned level = edit->at.table->level;
    u64 pte = entry_pte(edit->at);
    u64 old = replaced_leaf(cow, edit);
    struct cow_result result = {.old = old,
                                .old_frame = old ? pte_frame(old, level) : 0,
                                .new_frame = pte_frame(pte, level)};
    struct frame *frame =
        frames_find(&cow->spaces->frames, result.new_frame, level);

    if (leaf_maps(edit->old) && !leaf_maps(pte)) {
        cow->cleared[cow->next_cleared++ % COW_CLEARED] =
            (struct cow_cleared){address_of(edit->at), edit->old, edit->hart};
        cow->has_cleared = true;
    }
    if (frame && pte_is_user(pte))
        judge_leaf(cow, edit, frame, old, &result);
    else
        result.change = judge_kernel_leaf(cow, edit, &result);
    if (result.old_frame)
        result.others = spaces_others(cow->spaces, result.old_frame, level,
                                      edit->root, false, &result.other);
    note_given(edit, result.change);
    cow->copied.pte_pa = 0; /* the event announced this edit, or no edit */
    return result;
}

struct cow_fork *cow_add_fork(struct cow *cow)
{
    struct cow_fork *grown;
    unsigned room = cow->room ? 2 * cow->room : 16;

    if (cow->forks == cow->room) {
        grown = arena_grow(arena_of(cow), cow->fork, room * sizeof(*grown));
        if (!grown) {
            cow->spaces->failed = true;
            return NULL;
        }
        cow->fork = grown;
        cow->room = room;
    }
    cow->fork[cow->forks] = (struct cow_fork){0};
    return &cow->fork[cow->forks++];
}

static void add_range(struct cow *cow, struct cow_fork *fork, u64 va, u64 pages)
{
    struct cow_range *last =
        fork->ranges ? &fork->range[fork->ranges - 1] : NULL;

    if (last && last->va + (last->pages << 12) == va) {
        last->pages += pages;
        return;
    }
    /* Room doubles: a count that is a power of two is full. */
    if (!(fork->ranges & (fork->ranges - 1))) {
        unsigned room = fork->ranges ? 2 * fork->ranges : 1;
        struct cow_range *grown =
            arena_grow(arena_of(cow), fork->range, room * sizeof(*fork->range));

        if (!grown) {
            cow->spaces->failed = true;
            return;
        }
        fork->range = grown;
    }
    fork->range[fork->ranges++] = (struct cow_range){va, pages};
}

void cow_share(unsigned number, struct frame *frame)
{
    frame->fork = number;
    if (!frame->first_fork)
        frame->first_fork = number;
}

void cow_protect(struct cow *cow, unsigned number, struct frame *frame, u64 va,
                 bool by_fork)
{
    struct cow_fork *fork = &cow->fork[number - 1];

    cow_share(number, frame);
    frame->by_fork |= by_fork;
    fork->copies += frame->left_copies;
    frame->left_copies = 0;
    add_range(cow, fork, va, level_size(frame->level) >> 12);
}

bool cow_walk_fork(const struct cow *cow, const struct cow_fork *fork,
                   u64 *together, u64 *apart)
{
    const struct table *parent =
        spaces_root_by_id(cow->spaces, fork->parent_id);
    const struct table *child = spaces_root_by_id(cow->spaces, fork->child_id);

    *together = *apart = 0;
    if (!parent || !child)
        return false;
    for (unsigned i = 0; i < fork->ranges; i++) {
        for (u64 n = 0; n < fork->range[i].pages; n++) {
            u64 va = fork->range[i].va + (n << 12);
            u64 ours = spaces_frame(cow->spaces, parent, va);
            u64 theirs = spaces_frame(cow->spaces, child, va);

            if (ours && theirs)
                ++*(ours == theirs ? together : apart);
        }
    }
    return *together || *apart;
}
