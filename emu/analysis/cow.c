/* Copy-on-write from page-table events: edits of leaves; see cow.h. */
#include "analysis/cow.h"

#include <stdlib.h>

void cow_free(struct cow *cow)
{
    for (unsigned i = 0; i < cow->forks; i++)
        free(cow->fork[i].range);
    free(cow->fork);
}

void cow_end_turn(struct cow *cow, unsigned hart)
{
    for (unsigned i = 0; i < COW_CLEARED; i++)
        if (cow->cleared[i].hart == hart)
            cow->cleared[i].pte_pa = 0;
}

static u64 address_of(struct entry at)
{
    return at.table->frame << 12 | at.index << 3;
}

static bool was_cleared(const struct cow *cow, struct entry at)
{
    for (unsigned i = 0; i < COW_CLEARED; i++) {
        if (cow->cleared[i].pte_pa == address_of(at))
            return true;
    }
    return false;
}

/* Whether frame_copied announced this edit, and the page was there until the
 * kernel set out to replace it. */
static bool was_copied(const struct cow *cow, const struct cow_edit *edit,
                       u64 new_frame)
{
    if (cow->copied.pte_pa != address_of(edit->at) ||
        cow->copied.new != new_frame)
        return false;
    if (pte_maps(edit->old))
        return true;
    return edit->has_fault ? pte_maps(edit->before)
                           : was_cleared(cow, edit->at);
}

/* The leaf that this edit replaces, however the kernel went about it: by one
 * store, or by clearing the entry first. 0 for none. */
static u64 replaced_leaf(const struct cow *cow, const struct cow_edit *edit)
{
    unsigned level = edit->at.table->level;
    u64 pte = edit->at.table->pte[edit->at.index];
    const struct frame *frame;

    if (pte_maps(edit->old))
        return edit->old;
    if (pte_maps(edit->before))
        return edit->before;
    frame = frames_find(&cow->spaces->frames, pte_frame(pte, level), level);
    if (frame && frame->protected && was_cleared(cow, edit->at) &&
        frame->left_root == edit->root->id && frame->left_va == edit->va)
        return pte & ~PTE_W;
    return 0;
}

static void forget_past(struct frame *frame)
{
    frame->protected = false;
    frame->left_root = 0;
    frame->left_copies = 0;
    frame->fork = 0;
}

static void count_copy(struct cow *cow, struct frame *old, bool has_fault)
{
    cow->totals.copies++;
    if (!has_fault)
        cow->totals.kernel_copies++;
    if (old->fork)
        cow->fork[old->fork - 1].copies++;
    else
        old->left_copies++;
}

static enum cow_change judge_copy(struct cow *cow, const struct cow_edit *edit)
{
    struct frame *old = frames_find(&cow->spaces->frames, cow->copied.old,
                                    edit->at.table->level);

    if (old && old->protected) {
        count_copy(cow, old, edit->has_fault);
        return COW_COPY;
    }
    cow->totals.private_copies++;
    return COW_PRIVATE_COPY;
}

/* W given back without a fault to a frame that no fork shared is mprotect's
 * work. */
static enum cow_change judge_same_frame(struct cow *cow, struct frame *frame,
                                        u64 old, u64 pte, bool has_fault)
{
    if ((old & PTE_W) && !(pte & PTE_W)) {
        frame->protected = true;
        return COW_NONE;
    }
    if ((old & PTE_W) || !(pte & PTE_W))
        return COW_ALLOWED;
    if (!frame->protected || !(has_fault || frame->fork))
        return COW_ALLOWED;
    if (spaces_sharers(cow->spaces, frame->ppn, frame->level) > 1) {
        cow->totals.broken++;
        return COW_BROKEN;
    }
    if (frame->fork)
        cow->fork[frame->fork - 1].reuses++;
    cow->totals.reuses++;
    forget_past(frame);
    return COW_REUSE;
}

/* A frame mapped by nobody else begins a new life. */
static void start_over(struct frame *frame)
{
    if (frame->mappings == 1)
        forget_past(frame);
}

/* Sets result->change for a leaf that maps `frame` now; old is what it
 * replaced. */
static void judge_leaf(struct cow *cow, const struct cow_edit *edit,
                       struct frame *frame, u64 old, struct cow_result *result)
{
    u64 pte = edit->at.table->pte[edit->at.index];

    if (was_copied(cow, edit, frame->ppn)) {
        result->old_frame = cow->copied.old;
        result->change = judge_copy(cow, edit);
        start_over(frame);
    } else if (old && result->old_frame == frame->ppn) {
        result->change =
            judge_same_frame(cow, frame, old, pte, edit->has_fault);
    } else {
        result->change = old ? COW_REPLACED : COW_MAPPED;
        start_over(frame);
    }
}

struct cow_result cow_judge_edit(struct cow *cow, const struct cow_edit *edit)
{
    unsigned level = edit->at.table->level;
    u64 pte = edit->at.table->pte[edit->at.index];
    u64 old = replaced_leaf(cow, edit);
    struct cow_result result = {.old_frame = old ? pte_frame(old, level) : 0,
                                .new_frame = pte_frame(pte, level)};
    struct frame *frame =
        frames_find(&cow->spaces->frames, result.new_frame, level);

    if (pte_maps(edit->old) && !pte_maps(pte))
        cow->cleared[cow->next_cleared++ % COW_CLEARED] =
            (struct cow_cleared){address_of(edit->at), edit->hart};
    if (frame && pte_is_user(pte))
        judge_leaf(cow, edit, frame, old, &result);
    if (result.old_frame)
        result.others = spaces_sharers(cow->spaces, result.old_frame, level) -
                        (result.old_frame == result.new_frame);
    cow->copied.pte_pa = 0; /* the event announced this edit, or no edit */
    return result;
}
