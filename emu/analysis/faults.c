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
#include <string.h>

#include "analysis/explain_priv.h"
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

static u64 page_of(u64 va, unsigned level)
{
    return va & -level_size(level);
}

static void remove_fault(struct rvemu_explain *explain, unsigned at)
{
    explain->faults--;
    memmove(&explain->fault[at], &explain->fault[at + 1],
            (explain->faults - at) * sizeof(explain->fault[0]));
}

/* Where it happened, for {where}. */
static void set_where(const struct rvemu_explain *explain, struct facts *facts,
                      u64 root, u64 va)
{
    unsigned kind = names_area(&explain->names, root, va);

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

static void end_fault(struct rvemu_explain *explain, unsigned at,
                      enum sentence sentence)
{
    struct fault fault = explain->fault[at];
    struct facts facts = {.va = fault.va,
                          .did = did(&fault),
                          .reason = reason(&fault),
                          .tail = fault.from_tlb ? SAY_STALE_TLB : SAY_NOTHING};
    char who[NAME_TEXT];

    remove_fault(explain, at);
    if (sentence == SAY_REFUSED)
        explain->refused++;
    if (sentence == SAY_REFUSED && facts.reason == SAY_REASON_ABSENT)
        sentence = SAY_REFUSED_ABSENT;
    if (sentence == SAY_SPURIOUS)
        explain->spurious++;
    if (sentence == SAY_SPURIOUS && !explain->options.full)
        return;
    names_space(&explain->names, fault.root, who);
    facts.who = who;
    set_where(explain, &facts, fault.root, fault.va);
    explain_say(explain, sentence, &facts);
}

/* A program that faults again has got past what was open in its space. */
static void end_older(struct rvemu_explain *explain, const struct fault *next)
{
    for (unsigned i = 0; i < explain->faults;) {
        const struct fault *fault = &explain->fault[i];

        if (next->priv == 0 && fault->root == next->root &&
            fault->hart == next->hart)
            end_fault(explain, i, SAY_REFUSED);
        else
            i++;
    }
    if (explain->faults == FAULTS_OPEN)
        end_fault(explain, 0, SAY_OPEN);
}

static u16 asid_of(const struct rvemu_event *event)
{
    return (u16)bits(event->page_fault.satp, 59, 44);
}

/* The walk in which this hart met the entry in this space, or NULL. */
static struct ended_walk *find_walk(struct rvemu_explain *explain,
                                    const struct rvemu_event *event)
{
    for (unsigned i = 0; i < WALKS_KEPT; i++) {
        struct ended_walk *walk = &explain->walk[i];

        if (walk->pte_pa == event->page_fault.pte_pa &&
            walk->hart == event->hart && walk->asid == asid_of(event))
            return walk;
    }
    return NULL;
}

static void note_walk(struct rvemu_explain *explain,
                      const struct rvemu_event *event)
{
    struct ended_walk *walk = find_walk(explain, event);

    if (!walk)
        walk = &explain->walk[explain->next_walk++ % WALKS_KEPT];
    *walk = (struct ended_walk){.pte_pa = event->page_fault.pte_pa,
                                .time = event->time,
                                .asid = asid_of(event),
                                .hart = event->hart};
}

/* Whether the tables, as they are now, allow what the fault was for. */
static bool is_allowed(const struct rvemu_explain *explain,
                       const struct table *root, const struct fault *fault)
{
    static const u64 needs[] = {
        [RVEMU_ACCESS_FETCH] = PTE_X,
        [RVEMU_ACCESS_LOAD] = PTE_R,
        [RVEMU_ACCESS_STORE] = PTE_W,
        [RVEMU_ACCESS_CACHE] = PTE_R,
    };
    u64 leaf = spaces_find(&explain->spaces, root, fault->va, NULL);
    u64 need = needs[fault->access] | (fault->priv == 0 ? PTE_U : 0);

    return (leaf & need) == need;
}

/* The one fault that is no answer to the tables: said at once, since a kernel
 * that does not know what to make of it may never return. */
static void say_remembered(struct rvemu_explain *explain,
                           const struct fault *fault,
                           const struct rvemu_event *event)
{
    const struct ended_walk *walk = find_walk(explain, event);
    struct facts facts = {.va = fault->va,
                          .since = walk ? walk->time : 0,
                          .did = did(fault),
                          .tail = walk ? SAY_SINCE : SAY_NOTHING};
    char who[NAME_TEXT];

    names_space(&explain->names, fault->root, who);
    facts.who = who;
    set_where(explain, &facts, fault->root, fault->va);
    explain_say(explain, SAY_REMEMBERED, &facts);
}

void faults_open(struct rvemu_explain *explain, const struct rvemu_event *event)
{
    const struct rvemu_ev_page_fault *page_fault = &event->page_fault;
    u64 frame = satp_frame(page_fault->satp);
    const struct table *root = spaces_root(&explain->spaces, frame);
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
    fault.pc_mapped = spaces_find(&explain->spaces, root, fault.pc, NULL) != 0;
    if (pte_is_leaf(page_fault->pte)) {
        unsigned level = (unsigned)page_fault->level;

        fault.leaf = pte_alone(page_fault->pte, level, page_fault->pte_pa);
        if (pte_is_user(fault.leaf))
            fault.sharers = spaces_sharers(&explain->spaces,
                                           pte_frame(fault.leaf, level), level);
    }
    end_older(explain, &fault);
    if (fault.reason == RVEMU_REASON_INVALID && !fault.from_tlb)
        note_walk(explain, event);
    else if (fault.reason == RVEMU_REASON_INVALID)
        fault.remembered = is_allowed(explain, root, &fault);
    if (fault.remembered)
        say_remembered(explain, &fault, event);
    explain->fault[explain->faults++] = fault;
}

struct naming {
    struct rvemu_explain *explain;
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
static u64 find_other(struct rvemu_explain *explain,
                      const struct answer *answer)
{
    struct naming naming = {explain, answer->root,
                            page_of(answer->va, answer->level), 0};
    const struct frame *frame = frames_find(
        &explain->spaces.frames, answer->result.old_frame, answer->level);

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

static void say_answer(struct rvemu_explain *explain,
                       const struct answer *answer, enum sentence sentence)
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

    names_space(&explain->names, answer->root, who);
    if (facts.others == 1)
        names_space(&explain->names, find_other(explain, answer), other);
    explain_permissions(answer->pte, permissions);
    facts.who = who;
    facts.other = other;
    facts.permissions = permissions;
    if (fault) {
        facts.did = did(fault);
        facts.reason = reason(fault);
    }
    if (sentence != SAY_FIRST_TOUCH)
        facts.sharers = facts.others + 1;
    set_where(explain, &facts, answer->root, answer->va);
    if (sentence == SAY_FIRST_TOUCH)
        facts.sharers =
            spaces_sharers(&explain->spaces, facts.frame, answer->level);
    facts.tail = tail_of(sentence, &facts);
    explain_say(explain, sentence, &facts);
}

/* The open fault that this edit may answer, or FAULTS_OPEN. */
static unsigned fault_at(const struct rvemu_explain *explain, struct entry at)
{
    for (unsigned i = 0; i < explain->faults; i++) {
        const struct fault *fault = &explain->fault[i];
        const struct table *root = spaces_root(&explain->spaces, fault->root);
        struct entry there;

        if (root && spaces_find(&explain->spaces, root, fault->va, &there) &&
            there.table == at.table && there.index == at.index)
            return i;
    }
    return FAULTS_OPEN;
}

void faults_edit(struct rvemu_explain *explain, unsigned hart, struct entry at,
                 u64 old, u64 root, u64 va)
{
    unsigned open = fault_at(explain, at);
    struct fault fault = {.root = root, .va = va};
    struct cow_edit edit = {.at = at, .va = va, .hart = hart, .old = old};
    struct answer answer = {
        .old = old, .pte = at.table->pte[at.index], .level = at.table->level};
    enum sentence sentence;

    edit.root = spaces_root(&explain->spaces, root);
    if (!edit.root)
        return;
    if (open != FAULTS_OPEN) {
        fault = explain->fault[open];
        answer.fault = &fault;
        edit.before = fault.leaf;
        edit.has_fault = true;
    }
    answer.root = fault.root;
    answer.va = fault.va;
    answer.result = cow_judge_edit(&explain->cow, &edit);
    sentence = sentence_of(&answer);
    if (sentence == SAY_NOTHING)
        return;
    if (open != FAULTS_OPEN)
        remove_fault(explain, open);
    if (sentence == SAY_FIRST_TOUCH)
        explain->first_touches++;
    if (explain->options.full || !is_routine(sentence))
        say_answer(explain, &answer, sentence);
}

/* Whether a return of this hart may end the fault: it is the hart that met
 * it, or that one has gone on to another space, and its program may now be
 * anywhere. Of two harts in one space each ends its own. */
static bool may_end(const struct rvemu_explain *explain,
                    const struct fault *fault, unsigned hart)
{
    return fault->hart == hart || explain->root[fault->hart] != fault->root;
}

void faults_return(struct rvemu_explain *explain,
                   const struct rvemu_event *event)
{
    u64 root = explain->root[event->hart];
    u64 target = event->xret.target;

    for (unsigned i = 0; i < explain->faults;) {
        const struct fault *fault = &explain->fault[i];

        if (!may_end(explain, fault, event->hart))
            i++;
        else if (target == fault->priv && event->xret.to == fault->pc &&
                 (target != 0 || fault->root == root))
            end_fault(explain, i, SAY_SPURIOUS);
        else if (target == 0 && fault->root == root)
            end_fault(explain, i, SAY_REFUSED);
        else
            i++;
    }
}

void faults_check_spaces(struct rvemu_explain *explain)
{
    for (unsigned i = 0; i < explain->faults;) {
        const struct fault *fault = &explain->fault[i];
        const struct table *root = spaces_root(&explain->spaces, fault->root);

        if (!root || (fault->pc_mapped && fault->priv == 0 &&
                      !spaces_find(&explain->spaces, root, fault->pc, NULL)))
            end_fault(explain, i, SAY_REFUSED);
        else
            i++;
    }
}

void faults_finish(struct rvemu_explain *explain)
{
    while (explain->faults)
        end_fault(explain, 0, SAY_OPEN);
}
