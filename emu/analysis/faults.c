/*
 * Faults from the moment they are raised to the sentence that ends them.
 *
 * An edit of the faulting page answers a fault: the change of the entry says
 * how. A return to the faulting instruction without an edit means that the
 * tables allowed the access all along (a stale TLB entry, or another hart was
 * quicker). A return of the same space to any other place, its end, or the
 * unmapping of the faulting instruction itself means that the kernel refused.
 * Clearing an entry answers nothing: some kernels unmap before they map.
 */
#include "analysis/faults.h"

#include <string.h>

#include "base/bits.h"

struct answer {
    const struct fault *fault; /* NULL for an edit without one */
    u64 root;
    u64 va;
    u64 old; /* the entry before and after */
    u64 pte;
    unsigned level;
    struct cow_result result;
};

/* "r-x" for an entry. */
static void pte_permissions(u64 pte, char out[4])
{
    out[0] = pte & PTE_R ? 'r' : '-';
    out[1] = pte & PTE_W ? 'w' : '-';
    out[2] = pte & PTE_X ? 'x' : '-';
    out[3] = '\0';
}

static u64 page_of(u64 va, unsigned level)
{
    return va & -level_size(level);
}

static void remove_fault(struct faults *faults, unsigned at)
{
    faults->open--;
    memmove(&faults->fault[at], &faults->fault[at + 1],
            (faults->open - at) * sizeof(faults->fault[0]));
}

/* Where it happened, for {where}. */
static void set_where(const struct faults *faults, struct facts *facts,
                      u64 root, u64 va)
{
    unsigned kind = marks_find_area(&faults->story->marks, root, va);

    facts->kind = SAY_AREA + kind;
    if (kind && facts->sharers > 1)
        facts->where = SAY_WHERE_BOTH;
    else if (kind)
        facts->where = SAY_WHERE_AREA;
    else if (facts->sharers > 1)
        facts->where = SAY_WHERE_SHARED;
}

/* A fault outside U-mode met the kernel on an errand for the program. */
static enum sentence did(const struct fault *fault)
{
    unsigned first = fault->priv == 0 ? SAY_FETCHED : SAY_KERNEL_FETCHED;

    return first + fault->access;
}

static enum sentence reason(const struct fault *fault)
{
    return fault->remembered ? SAY_REASON_REMEMBERED
                             : SAY_REASON + fault->reason;
}

static void end_fault(struct faults *faults, unsigned at,
                      enum sentence sentence)
{
    struct fault fault = faults->fault[at];
    struct facts facts = {.va = fault.va,
                          .did = did(&fault),
                          .reason = reason(&fault),
                          .tail = fault.from_tlb ? SAY_STALE_TLB : SAY_NOTHING};
    char who[NAME_TEXT];

    remove_fault(faults, at);
    if (sentence == SAY_REFUSED)
        faults->refused++;
    if (sentence == SAY_REFUSED && facts.reason == SAY_REASON_ABSENT)
        sentence = SAY_REFUSED_ABSENT;
    if (sentence == SAY_SPURIOUS)
        faults->spurious++;
    if (sentence == SAY_SPURIOUS && !faults->story->options.full)
        return;
    marks_name_space(&faults->story->marks, fault.root, who);
    facts.who = who;
    set_where(faults, &facts, fault.root, fault.va);
    story_say(faults->story, sentence, &facts);
}

/* A program that faults again has got past the faults that were open in its
 * space. */
static void end_older(struct faults *faults, const struct fault *next)
{
    for (unsigned i = 0; i < faults->open;) {
        const struct fault *fault = &faults->fault[i];

        if (next->priv == 0 && fault->root == next->root &&
            fault->hart == next->hart)
            end_fault(faults, i, SAY_REFUSED);
        else
            i++;
    }
    if (faults->open == FAULTS_OPEN)
        end_fault(faults, 0, SAY_OPEN);
}

static u16 asid_of(const struct rvemu_event *event)
{
    return (u16)bits(event->page_fault.satp, 59, 44);
}

/* The walk in which this hart met the entry in this space, or NULL. */
static struct ended_walk *find_walk(struct faults *faults,
                                    const struct rvemu_event *event)
{
    for (unsigned i = 0; i < WALKS_KEPT; i++) {
        struct ended_walk *walk = &faults->walk[i];

        if (walk->pte_pa == event->page_fault.pte_pa &&
            walk->hart == event->hart && walk->asid == asid_of(event))
            return walk;
    }
    return NULL;
}

static void note_walk(struct faults *faults, const struct rvemu_event *event)
{
    struct ended_walk *walk = find_walk(faults, event);

    if (!walk)
        walk = &faults->walk[faults->next_walk++ % WALKS_KEPT];
    *walk = (struct ended_walk){.pte_pa = event->page_fault.pte_pa,
                                .time = event->time,
                                .asid = asid_of(event),
                                .hart = event->hart};
}

/* Whether the tables, as they are now, allow what the fault was for. */
static bool is_allowed(const struct faults *faults, const struct table *root,
                       const struct fault *fault)
{
    static const u64 needs[] = {
        [RVEMU_ACCESS_FETCH] = PTE_X,
        [RVEMU_ACCESS_LOAD] = PTE_R,
        [RVEMU_ACCESS_STORE] = PTE_W,
        [RVEMU_ACCESS_CACHE] = PTE_R,
    };
    u64 leaf = spaces_find(&faults->story->spaces, root, fault->va, NULL);
    u64 need = needs[fault->access] | (fault->priv == 0 ? PTE_U : 0);

    return (leaf & need) == need;
}

/* A fault that the tables do not explain: the hart remembers an entry as
 * invalid that is valid by now. It is told at once, since a kernel that does
 * not know such faults may never return from it. */
static void say_remembered(struct faults *faults, const struct fault *fault,
                           const struct rvemu_event *event)
{
    const struct ended_walk *walk = find_walk(faults, event);
    struct facts facts = {.va = fault->va,
                          .since = walk ? walk->time : 0,
                          .did = did(fault),
                          .tail = walk ? SAY_SINCE : SAY_NOTHING};
    char who[NAME_TEXT];

    marks_name_space(&faults->story->marks, fault->root, who);
    facts.who = who;
    set_where(faults, &facts, fault->root, fault->va);
    story_say(faults->story, SAY_REMEMBERED, &facts);
}

void faults_open(struct faults *faults, const struct rvemu_event *event)
{
    const struct rvemu_ev_page_fault *page_fault = &event->page_fault;
    u64 frame = satp_frame(page_fault->satp);
    const struct table *root = spaces_root(&faults->story->spaces, frame);
    struct fault fault = {.root = frame,
                          .va = page_fault->va,
                          .pc = event->pc,
                          .hart = event->hart,
                          .priv = event->priv,
                          .access = (u8)page_fault->access,
                          .reason = (u8)page_fault->reason,
                          .from_tlb = page_fault->from_tlb != 0};

    if (!root || fault.reason >= RVEMU_REASONS ||
        fault.access >= RVEMU_ACCESSES)
        return;
    fault.pc_mapped =
        spaces_find(&faults->story->spaces, root, fault.pc, NULL) != 0;
    if (pte_maps(page_fault->pte)) {
        unsigned level = (unsigned)page_fault->level;

        fault.leaf = pte_alone(page_fault->pte, level, page_fault->pte_pa);
        if (pte_is_user(fault.leaf))
            fault.sharers = spaces_sharers(&faults->story->spaces,
                                           pte_frame(fault.leaf, level), level);
    }
    end_older(faults, &fault);
    if (fault.reason == RVEMU_REASON_INVALID && !fault.from_tlb)
        note_walk(faults, event);
    else if (fault.reason == RVEMU_REASON_INVALID)
        fault.remembered = is_allowed(faults, root, &fault);
    if (fault.remembered)
        say_remembered(faults, &fault, event);
    faults->fault[faults->open++] = fault;
}

struct naming {
    struct faults *faults;
    u64 root;
    u64 va;
    u64 found;
};

static void pick_other(void *arg, struct table *root, u64 va)
{
    struct naming *naming = arg;

    if (root->frame != naming->root || va != naming->va)
        naming->found = root->frame;
}

/* The space of the one mapping of the old frame that remains. */
static u64 find_other(struct faults *faults, const struct answer *answer)
{
    struct naming naming = {faults, answer->root,
                            page_of(answer->va, answer->level), 0};
    const struct frame *frame = frames_find(
        &faults->story->spaces.frames, answer->result.old_frame, answer->level);

    for (unsigned i = 0; frame && i < frame->mappings; i++)
        spaces_each_path(frame->mapping[i], pick_other, &naming);
    return naming.found;
}

/* Whether an edit that kept frame and W can be why the access now works: the
 * hart's own A and D updates, for one, answer nothing. */
static bool allows(const struct answer *answer)
{
    const u64 permissions = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U;

    return answer->fault && (answer->fault->reason >= RVEMU_REASON_A_CLEAR ||
                             ((answer->old ^ answer->pte) & permissions));
}

static enum sentence sentence_of(const struct answer *answer)
{
    bool has_fault = answer->fault != NULL;

    switch (answer->result.change) {
    case COW_COPY: return has_fault ? SAY_COPY : SAY_COPY_KERNEL;
    case COW_REUSE: return has_fault ? SAY_REUSE : SAY_REUSE_KERNEL;
    case COW_BROKEN: return SAY_BROKEN;
    case COW_PRIVATE_COPY: return has_fault ? SAY_PRIVATE_COPY : SAY_NOTHING;
    case COW_REPLACED: return has_fault ? SAY_REPLACED : SAY_NOTHING;
    case COW_MAPPED: return has_fault ? SAY_FIRST_TOUCH : SAY_NOTHING;
    case COW_ALLOWED: return allows(answer) ? SAY_ALLOWED : SAY_NOTHING;
    case COW_NONE: break;
    }
    return SAY_NOTHING;
}

/* Whether the short form leaves it out. */
static bool is_routine(enum sentence sentence)
{
    return sentence == SAY_FIRST_TOUCH || sentence == SAY_ALLOWED ||
           sentence == SAY_PRIVATE_COPY;
}

static enum sentence tail_of(enum sentence sentence, const struct facts *facts)
{
    if (sentence == SAY_FIRST_TOUCH)
        return facts->sharers > 1 ? SAY_MAPPED_SHARED : SAY_NOTHING;
    if (facts->others > 1)
        return SAY_OTHER_MANY;
    return facts->others == 1 ? SAY_OTHER_ONE : SAY_OTHER_UNSEEN;
}

static void say_answer(struct faults *faults, const struct answer *answer,
                       enum sentence sentence)
{
    const struct fault *fault = answer->fault;
    const struct cow_result *result = &answer->result;
    struct facts facts = {.va = answer->va,
                          .frame = result->new_frame,
                          .old = result->old_frame,
                          .bytes = level_size(answer->level),
                          .others = result->others,
                          .did = SAY_STORED};
    char who[NAME_TEXT], other[NAME_TEXT] = "", permissions[4];

    marks_name_space(&faults->story->marks, answer->root, who);
    if (facts.others == 1)
        marks_name_space(&faults->story->marks, find_other(faults, answer),
                         other);
    pte_permissions(answer->pte, permissions);
    facts.who = who;
    facts.other = other;
    facts.permissions = permissions;
    if (fault) {
        facts.did = did(fault);
        facts.reason = reason(fault);
    }
    if (sentence != SAY_FIRST_TOUCH)
        facts.sharers = facts.others + 1;
    set_where(faults, &facts, answer->root, answer->va);
    if (sentence == SAY_FIRST_TOUCH)
        facts.sharers =
            spaces_sharers(&faults->story->spaces, facts.frame, answer->level);
    facts.tail = tail_of(sentence, &facts);
    story_say(faults->story, sentence, &facts);
}

/* The open fault that this edit may answer, or FAULTS_OPEN. */
static unsigned fault_at(const struct faults *faults, struct entry at)
{
    for (unsigned i = 0; i < faults->open; i++) {
        const struct fault *fault = &faults->fault[i];
        const struct table *root =
            spaces_root(&faults->story->spaces, fault->root);
        struct entry there;

        if (root &&
            spaces_find(&faults->story->spaces, root, fault->va, &there) &&
            there.table == at.table && there.index == at.index)
            return i;
    }
    return FAULTS_OPEN;
}

void faults_edit(struct faults *faults, unsigned hart, struct entry at, u64 old,
                 u64 root, u64 va)
{
    unsigned open = fault_at(faults, at);
    struct fault fault = {.root = root, .va = va};
    struct cow_edit edit = {.at = at, .va = va, .hart = hart, .old = old};
    struct answer answer = {
        .old = old, .pte = at.table->pte[at.index], .level = at.table->level};
    enum sentence sentence;

    edit.root = spaces_root(&faults->story->spaces, root);
    if (!edit.root)
        return;
    if (open != FAULTS_OPEN) {
        fault = faults->fault[open];
        answer.fault = &fault;
        edit.before = fault.leaf;
        edit.has_fault = true;
    }
    answer.root = fault.root;
    answer.va = fault.va;
    answer.result = cow_judge_edit(&faults->story->cow, &edit);
    sentence = sentence_of(&answer);
    if (sentence == SAY_NOTHING)
        return;
    if (open != FAULTS_OPEN)
        remove_fault(faults, open);
    if (sentence == SAY_FIRST_TOUCH)
        faults->first_touches++;
    if (faults->story->options.full || !is_routine(sentence))
        say_answer(faults, &answer, sentence);
}

/* Whether a return of this hart may end the fault: it is the hart that met
 * it, or that one has gone on to another space, and its program may now be
 * anywhere. Of two harts in one space each ends its own. */
static bool may_end(const struct faults *faults, const struct fault *fault,
                    unsigned hart)
{
    return fault->hart == hart ||
           faults->story->root[fault->hart] != fault->root;
}

void faults_return(struct faults *faults, const struct rvemu_event *event)
{
    u64 root = faults->story->root[event->hart];
    u64 target = event->xret.target;

    for (unsigned i = 0; i < faults->open;) {
        const struct fault *fault = &faults->fault[i];

        if (!may_end(faults, fault, event->hart))
            i++;
        else if (target == fault->priv && event->xret.to == fault->pc &&
                 (target != 0 || fault->root == root))
            end_fault(faults, i, SAY_SPURIOUS);
        else if (target == 0 && fault->root == root)
            end_fault(faults, i, SAY_REFUSED);
        else
            i++;
    }
}

void faults_check_spaces(struct faults *faults)
{
    for (unsigned i = 0; i < faults->open;) {
        const struct fault *fault = &faults->fault[i];
        const struct table *root =
            spaces_root(&faults->story->spaces, fault->root);

        if (!root ||
            (fault->pc_mapped && fault->priv == 0 &&
             !spaces_find(&faults->story->spaces, root, fault->pc, NULL)))
            end_fault(faults, i, SAY_REFUSED);
        else
            i++;
    }
}

void faults_finish(struct faults *faults)
{
    while (faults->open)
        end_fault(faults, 0, SAY_OPEN);
}
