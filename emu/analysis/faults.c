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

#include "analysis/protected.h"
#include "base/bits.h"

#define FIRST_PAGE 4096 /* whatever points here was meant to point nowhere */

static void remove_fault(struct faults *faults, unsigned at)
{
    faults->open--;
    memmove(&faults->fault[at], &faults->fault[at + 1],
            (faults->open - at) * sizeof(faults->fault[0]));
}

static enum sentence does_of(const struct fault *fault)
{
    if (fault->access == RVEMU_ACCESS_STORE && fault->place.is_code)
        return SAY_STORES_INTO;
    if (fault->access == RVEMU_ACCESS_FETCH && fault->va == fault->pc)
        return SAY_JUMPS;
    return SAY_FETCHES + fault->access;
}

static enum sentence reason_of(const struct fault *fault)
{
    if (fault->remembered)
        return SAY_REASON_REMEMBERED;
    return fault->flaw ? fault->flaw
                       : SAY_REASON + (enum sentence)fault->reason;
}

/* What is said of a fault whatever its outcome. */
static struct facts fault_facts(const struct faults *faults,
                                const struct fault *fault)
{
    struct facts facts = {
        .va = fault->va,
        .hart = fault->hart + 1u,
        .fault_time = fault->time,
        .fault_pc = fault->pc,
        .size = level_size(fault->leaf ? fault->level : 0),
        .say_act =
            story_act(fault->priv, fault->call == fault->id, fault->leaf),
        .say_does = does_of(fault),
        .say_reason = reason_of(fault)};

    if (fault->flaw)
        stale_writer(faults->stale, fault->pte_pa, &facts);
    facts.place = fault->place;
    facts.who = fault->who;
    facts.of_fork = fault->of_fork;
    memcpy(facts.in_function, fault->in_function, sizeof(facts.in_function));
    story_permissions(fault->leaf, facts.old_permissions);
    story_place(faults->story, fault->root, &facts);
    return facts;
}

static enum sentence refusal_of(const struct faults *faults,
                                const struct fault *fault)
{
    if (fault->reason == RVEMU_REASON_INVALID && fault->va < FIRST_PAGE &&
        !fault->remembered)
        return SAY_REFUSED_NULL;
    if (fault->reason == RVEMU_REASON_NOT_WRITABLE &&
        pte_is_user(fault->leaf) && !protected_at(faults->story, fault))
        return SAY_REFUSED_NO_COW;
    return SAY_REFUSED;
}

/* How a refusal ends that lets the program go on at pc. */
static enum sentence go_on(const struct faults *faults,
                           const struct fault *fault, u64 pc,
                           struct facts *facts)
{
    facts->pc = pc;
    naming_function(&faults->story->naming, fault->root, pc, facts->target);
    return facts->target[0] ? SAY_GOES_ON_IN : SAY_GOES_ON;
}

/* A fault that the tables do not explain: the hart remembers an entry as
 * invalid that is valid by now. A kernel that fences then, and tries again, is
 * right. */
static void say_remembered(struct faults *faults, const struct fault *fault,
                           u64 ticket)
{
    struct facts facts = fault_facts(faults, fault);

    facts.since = fault->since;
    facts.say_tail = fault->since ? SAY_SINCE : SAY_NOTHING;
    story_say(faults->story, ticket, fault->time, SAY_REMEMBERED, &facts);
}

/* A hart that is refused again by an old entry, after the kernel came back
 * from the same fault. */
static void say_stale(struct faults *faults, const struct fault *fault)
{
    struct facts facts = fault_facts(faults, fault);

    stale_writer(faults->stale, fault->pte_pa, &facts);
    story_say(faults->story, 0, fault->time, SAY_STALE_REFUSAL, &facts);
}

/* The kernel has refused: the program goes on at pc, or (0) does not. */
static void refuse(struct faults *faults, unsigned at, bool ends, u64 pc)
{
    struct fault fault = faults->fault[at];
    struct facts facts = fault_facts(faults, &fault);

    remove_fault(faults, at);
    faults->refused++;
    if (fault.told) {
        lines_drop(&faults->story->lines, fault.ticket);
        return;
    }
    if (fault.remembered) {
        say_remembered(faults, &fault, fault.ticket);
        fault.ticket = 0;
    }
    facts.say_tail = ends ? SAY_ENDS
                     : pc ? go_on(faults, &fault, pc, &facts)
                          : SAY_FULL_STOP;
    story_say(faults->story, fault.ticket, fault.time,
              refusal_of(faults, &fault), &facts);
}

/* The program tries again, and no edit of the page was met that is one of
 * those with a sentence of its own. */
static void retry(struct faults *faults, unsigned at)
{
    struct fault fault = faults->fault[at];
    struct facts facts = fault_facts(faults, &fault);
    const struct table *root = spaces_root(&faults->story->spaces, fault.root);
    struct entry there = {.table = NULL};
    u64 now =
        root ? spaces_find(&faults->story->spaces, root, fault.va, &there) : 0;

    remove_fault(faults, at);
    faults->spurious++;
    if (!faults->story->options.full || fault.told) {
        lines_drop(&faults->story->lines, fault.ticket);
        return;
    }
    facts.say_tail = fault.from_tlb ? SAY_STALE_TLB : SAY_NOTHING;
    if (now && fault.leaf && (now ^ fault.leaf) & ~(PTE_A | PTE_D)) {
        facts.old = pte_frame(fault.leaf, there.table->level);
        facts.frame = pte_frame(now, there.table->level);
        story_permissions(now, facts.permissions);
        story_say(faults->story, fault.ticket, fault.time, SAY_CHANGED, &facts);
        return;
    }
    story_say(faults->story, fault.ticket, fault.time, SAY_SPURIOUS, &facts);
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

static struct met met_of(const struct fault *fault)
{
    return (struct met){.time = fault->time,
                        .pc = fault->pc,
                        .va = fault->va,
                        .root = fault->root,
                        .access = fault->access,
                        .priv = fault->priv};
}

/* Takes out this hart's faults that are of its cycle. */
static void drop_cycle(struct faults *faults, unsigned hart)
{
    for (unsigned i = 0; i < faults->open;) {
        const struct fault *fault = &faults->fault[i];
        struct met met = met_of(fault);

        if (fault->hart == hart &&
            loops_next(&faults->loops.hart[hart], &met)) {
            lines_drop(&faults->story->lines, fault->ticket);
            remove_fault(faults, i);
        } else {
            i++;
        }
    }
}

/* Says how a fault is one of a cycle. */
static void set_cycle(const struct faults *faults, const struct fault *fault,
                      struct facts *facts)
{
    const struct loop *loop = &faults->loops.hart[fault->hart];
    struct met met = met_of(fault);
    const struct met *next = loops_next(loop, &met);

    if (loop->length == 1) {
        facts->say_tail = SAY_LOOP_SAME;
        return;
    }
    facts->say_tail = loop->length == 2 ? SAY_LOOP_PAIR : SAY_LOOP_ROUND;
    facts->faults = loop->length - 1;
    facts->next = next->va;
    naming_code(&faults->story->naming, next->priv ? 0 : next->root, next->pc,
                facts->done_in);
}

/* What is known of a fault at the end or, !finished, when it has no room. */
static void end_open(struct faults *faults, unsigned at, bool finished)
{
    struct fault fault = faults->fault[at];
    struct facts facts = fault_facts(faults, &fault);
    const struct table *root = spaces_root(&faults->story->spaces, fault.root);
    bool stale = fault.from_tlb && root && is_allowed(faults, root, &fault);
    struct met met = met_of(&fault);
    bool loops = loops_next(&faults->loops.hart[fault.hart], &met) != NULL;

    facts.say_tail = story_open(fault.priv, finished);
    if (loops)
        set_cycle(faults, &fault, &facts);
    if (loops)
        drop_cycle(faults, fault.hart);
    else
        remove_fault(faults, at);
    if (stale)
        stale_writer(faults->stale, fault.pte_pa, &facts);
    if (fault.told)
        lines_drop(&faults->story->lines, fault.ticket);
    else if (fault.remembered)
        say_remembered(faults, &fault, fault.ticket);
    else
        story_say(faults->story, fault.ticket, fault.time,
                  stale   ? SAY_STALE_REFUSAL
                  : loops ? SAY_LOOP
                          : SAY_OPEN,
                  &facts);
}

/* A program that faults again has got past the faults that were open in its
 * space. */
static void end_older(struct faults *faults, const struct fault *next)
{
    for (unsigned i = 0; i < faults->open;) {
        const struct fault *fault = &faults->fault[i];

        if (next->priv != 0 || fault->root != next->root ||
            fault->hart != next->hart)
            i++;
        else if (fault->pc == next->pc && fault->va == next->va)
            retry(faults, i);
        else
            refuse(faults, i, false, 0);
    }
    if (faults->open == FAULTS_OPEN)
        end_open(faults, 0, false);
}

/* Whether a fault is one of an endless loop, which is told as such, once. */
static bool is_looping(struct faults *faults, struct fault *fault, bool stale)
{
    struct loop *loop = &faults->loops.hart[fault->hart];
    struct met met = met_of(fault);
    bool same = loops_is_latest(loop, &met);
    enum loop_state state;
    struct facts facts;

    loop->stale &= same;
    if (same && stale && !loop->stale && !fault->remembered) {
        say_stale(faults, fault);
        loop->stale = true;
    }
    fault->told = loop->stale;
    state = loops_meet(loop, &faults->loops, &met);
    if (state != LOOP_FOUND)
        return state == LOOP_KNOWN;
    facts = fault_facts(faults, fault);
    set_cycle(faults, fault, &facts);
    drop_cycle(faults, fault->hart);
    if (fault->remembered)
        say_remembered(faults, fault, 0);
    else if (!loop->stale)
        story_say(faults->story, 0, loop->time, SAY_LOOP, &facts);
    return true;
}

/* Linux turns its MMU on from a page that the new tables do not map, and goes
 * on in the handler of that fault: no mistake, and no answer is due. */
static bool is_jump_by_satp(const struct faults *faults,
                            const struct fault *fault)
{
    return fault->priv != 0 && fault->access == RVEMU_ACCESS_FETCH &&
           fault->va == fault->pc && fault->pc &&
           fault->pc == faults->satp_pc[fault->hart];
}

/* What is wrong with an entry of a reserved form. */
static enum sentence flaw_of(u64 pte)
{
    if (pte & PTE_RESERVED)
        return SAY_REASON_BITS;
    if ((pte & (PTE_R | PTE_W)) == PTE_W)
        return SAY_REASON_W_ALONE;
    if (!pte_is_leaf(pte) && pte & (PTE_U | PTE_A | PTE_D))
        return SAY_REASON_POINTER;
    return SAY_REASON_UPPER;
}

static struct fault new_fault(struct faults *faults,
                              const struct rvemu_event *event)
{
    const struct rvemu_ev_page_fault *page_fault = &event->page_fault;
    u64 frame = satp_frame(page_fault->satp);
    unsigned level = (unsigned)page_fault->level;
    struct fault fault = {.time = event->time,
                          .root = frame,
                          .call = faults->story->call[event->hart],
                          .va = page_fault->va,
                          .pc = event->pc,
                          .pte_pa = page_fault->pte_pa,
                          .hart = event->hart,
                          .priv = event->priv,
                          .access = (u8)page_fault->access,
                          .reason = (u8)page_fault->reason,
                          .from_tlb = page_fault->from_tlb != 0};

    if (level < LEVELS && leaf_maps(page_fault->pte))
        fault.leaf = pte_alone(page_fault->pte, level, page_fault->pte_pa);
    fault.level = (u8)level;
    if (fault.reason == RVEMU_REASON_RESERVED)
        fault.flaw = flaw_of(page_fault->pte);
    return fault;
}

static void name_access(struct story *story, struct fault *fault)
{
    const struct access access = {.root = fault->root,
                                  .va = fault->va,
                                  .pc = fault->pc,
                                  .leaf = fault->leaf,
                                  .priv = fault->priv,
                                  .hart = fault->hart,
                                  .is_fetch =
                                      fault->access == RVEMU_ACCESS_FETCH};

    naming_access(&story->naming, &access, &fault->place);
}

/* The hart refuses by an entry with V=0 that it keeps, and, if it is stale,
 * the tables would not. */
static void remember(struct faults *faults, struct fault *fault,
                     const struct rvemu_event *event, bool stale)
{
    const struct ended_walk *walk = ended_walks_find(&faults->walks, event);

    fault->remembered = stale;
    fault->since = walk ? walk->time : 0;
}

/* Tells rules of a fault as it begins, with what they ask of one. */
static void tell_rules(struct faults *faults, struct fault *fault,
                       struct table *root)
{
    struct story *story = faults->story;
    struct facts facts;

    if (!story->options.expect)
        return;
    protected_note(story, fault, root);
    facts = fault_facts(faults, fault);
    facts.unsaid = true;
    story_say(story, 0, fault->time, SAY_FAULT, &facts);
}

void faults_open(struct faults *faults, const struct rvemu_event *event)
{
    struct story *story = faults->story;
    struct fault fault = new_fault(faults, event);
    struct table *root = spaces_root(&story->spaces, fault.root);
    bool stale;

    if (!root || fault.reason >= RVEMU_REASONS ||
        fault.access >= RVEMU_ACCESSES || is_jump_by_satp(faults, &fault))
        return;
    fault.id = root->id;
    if (fault.priv == 0)
        naming_run(&story->naming, fault.root, fault.pc);
    name_access(story, &fault);
    fault.who = story_name(story, root);
    fault.pc_mapped = spaces_find(&story->spaces, root, fault.pc, NULL) != 0;
    stale = fault.from_tlb && is_allowed(faults, root, &fault);
    end_older(faults, &fault);
    tell_rules(faults, &fault, root);
    if (fault.reason == RVEMU_REASON_INVALID && !fault.from_tlb)
        ended_walks_note(&faults->walks, event);
    else if (fault.reason == RVEMU_REASON_INVALID)
        remember(faults, &fault, event, stale);
    if (is_looping(faults, &fault, stale))
        return;
    fault.ticket = lines_hold(&story->lines, fault.time);
    faults->fault[faults->open++] = fault;
}

/* Whether the entry at `at` decides the fault. */
static bool is_at(const struct faults *faults, const struct fault *fault,
                  struct entry at)
{
    const struct spaces *spaces = &faults->story->spaces;
    const struct table *root = spaces_root(spaces, fault->root);
    struct entry there;

    return root && spaces_find(spaces, root, fault->va, &there) &&
           there.table == at.table && there.index == at.index;
}

/* The open fault that this edit may answer, rather one of the hart that stores,
 * or FAULTS_OPEN. */
static unsigned fault_at(const struct faults *faults, struct entry at,
                         unsigned hart)
{
    unsigned found = FAULTS_OPEN;

    for (unsigned i = 0; i < faults->open; i++) {
        if (!is_at(faults, &faults->fault[i], at))
            continue;
        if (faults->fault[i].hart == hart)
            return i;
        if (found == FAULTS_OPEN)
            found = i;
    }
    return found;
}

void faults_edit(struct faults *faults, const struct rvemu_event *event,
                 struct entry at, u64 old, u64 root, u64 va)
{
    struct story *story = faults->story;
    unsigned open = fault_at(faults, at, event->hart);
    struct fault fault;    /* where answer.fault is not NULL … */
    struct facts of_fault; /* … and what is said of it */
    struct cow_edit edit = {.at = at,
                            .root = spaces_root(&story->spaces, root),
                            .va = va,
                            .hart = event->hart,
                            .old = old};
    struct answer answer = {.root = spaces_root(&story->spaces, root),
                            .hart = event->hart,
                            .va = va,
                            .pc = event->pc,
                            .time = event->time,
                            .pte_pa = at.table->frame << 12 | at.index << 3,
                            .old = old,
                            .pte = entry_pte(at),
                            .level = at.table->level};
    enum sentence sentence;
    bool told;

    if (!answer.root)
        return;
    if (open != FAULTS_OPEN) {
        fault = faults->fault[open];
        answer.fault = &fault;
        answer.root = spaces_root(&story->spaces, fault.root);
        answer.va = fault.va;
        edit.before = fault.leaf;
        edit.before_level = fault.level;
        edit.has_fault = true;
        edit.fault_time = fault.time;
    }
    if ((old ^ answer.pte) & PTE_W)
        edit.call = life_call_time(answer.root);
    edit.on_call = story->call[event->hart] == answer.root->id;
    answer.result = cow_judge_edit(&story->cow, &edit);
    if (answer.result.change == COW_PROTECTED && edit.call)
        life_protected(faults->life, answer.root, event);
    sentence = answer_sentence(&answer);
    if (sentence == SAY_NOTHING ||
        (!answer.fault && !spaces_counts(&story->spaces, answer.root)))
        return;
    if (open != FAULTS_OPEN)
        remove_fault(faults, open);
    if (sentence == SAY_FIRST_TOUCH)
        faults->first_touches++;
    lines_drop(&story->lines, answer.fault ? fault.ticket : 0);
    told = answer_is_told(&answer, sentence);
    if (!story->options.full && !story->options.expect && !told)
        return;
    answer.unsaid = !story->options.full && !told;
    answer.result.was_shared &= !protected_awaits(faults->life);
    if (answer.fault)
        of_fault = fault_facts(faults, &fault);
    answer_say(story, faults->doubts, &answer, sentence,
               answer.fault ? &of_fault : NULL);
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

void faults_trap(struct faults *faults, const struct rvemu_event *event)
{
    loops_trap(&faults->loops, event);
}

void faults_return(struct faults *faults, const struct rvemu_event *event)
{
    u64 root = faults->story->root[event->hart];
    u64 target = event->xret.target;

    loops_return(&faults->loops, event);
    for (unsigned i = 0; i < faults->open;) {
        const struct fault *fault = &faults->fault[i];

        if (!may_end(faults, fault, event->hart))
            i++;
        else if (target == fault->priv && event->xret.to == fault->pc &&
                 (target != 0 || fault->root == root))
            retry(faults, i);
        else if (target == 0 && fault->root == root)
            refuse(faults, i, false, event->xret.to);
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

        if (!root || root->id != fault->id ||
            (fault->pc_mapped && fault->priv == 0 &&
             !spaces_find(&faults->story->spaces, root, fault->pc, NULL)))
            refuse(faults, i, true, 0);
        else
            i++;
    }
}

void faults_finish(struct faults *faults)
{
    while (faults->open)
        end_open(faults, 0, true);
}
