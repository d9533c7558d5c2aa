/* Edits of leaves as answers; see answers.h. */
#include "analysis/answers.h"

/* Whether an edit that kept frame and W can be why the access now works: the
 * hart's own A and D updates, for one, answer nothing. */
static bool allows(const struct answer *answer)
{
    const u64 permissions = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U;
    u64 old = answer->result.old ? answer->result.old : answer->old;

    return answer->fault && (answer->fault->reason >= RVEMU_REASON_A_CLEAR ||
                             ((old ^ answer->pte) & permissions));
}

static enum sentence copy_of(const struct answer *answer)
{
    if (!answer->fault)
        return SAY_COPY_SILENT;
    return answer->fault->priv == 0 ? SAY_COPY : SAY_COPY_CALL;
}

static enum sentence reuse_of(const struct answer *answer)
{
    if (!answer->fault)
        return SAY_REUSE_SILENT;
    return answer->result.by_fork ? SAY_REUSE : SAY_REUSE_UNSHARED;
}

/* Program text that becomes writable, though it was never shared by a fork. */
static bool opens_text(const struct answer *answer)
{
    return answer->fault && answer->old & PTE_X && !(answer->old & PTE_W) &&
           answer->pte & PTE_W && pte_is_user(answer->pte);
}

static enum sentence mapped_of(const struct answer *answer)
{
    if (answer->result.taken && answer->pte & PTE_W)
        return answer->fault ? SAY_GIVEN_AGAIN : SAY_GIVEN_SILENT;
    if (!answer->fault)
        return SAY_NOTHING;
    return answer->result.change == COW_MAPPED ? SAY_FIRST_TOUCH : SAY_REPLACED;
}

enum sentence answer_sentence(const struct answer *answer)
{
    switch (answer->result.change) {
    case COW_COPY: return copy_of(answer);
    case COW_REUSE: return reuse_of(answer);
    case COW_BROKEN: return answer->fault ? SAY_BROKEN : SAY_BROKEN_SILENT;
    case COW_PRIVATE_COPY:
        return pte_is_user(answer->pte) ? SAY_PRIVATE_COPY : SAY_KERNEL_COPY;
    case COW_MOVED: return SAY_MOVED_PAGE;
    case COW_MERGED: return SAY_MERGED;
    case COW_REPLACED:
    case COW_MAPPED: return mapped_of(answer);
    case COW_ALLOWED:
        if (opens_text(answer))
            return SAY_TEXT_OPENED;
        return allows(answer) ? SAY_ALLOWED : SAY_NOTHING;
    case COW_PROTECTED:
    case COW_NONE: break;
    }
    return SAY_NOTHING;
}

/* Whether the short form leaves it out as a rule. */
static bool is_routine(enum sentence sentence)
{
    return sentence == SAY_FIRST_TOUCH || sentence == SAY_ALLOWED ||
           sentence == SAY_PRIVATE_COPY || sentence == SAY_MOVED_PAGE ||
           sentence == SAY_MERGED;
}

bool answer_is_told(const struct answer *answer, enum sentence sentence)
{
    return !is_routine(sentence) || opens_text(answer);
}

/* Sets what may be said of the spaces that map the frame which a page gets. */
static void set_used_by(struct story *story, struct facts *facts, u64 others,
                        struct table *one)
{
    facts->users = others;
    if (others == 1)
        facts->user = story_name(story, one);
    facts->say_used_by = others == 1 ? SAY_USED_ONE : SAY_USED_MANY;
}

static struct facts facts_of(struct story *story, const struct answer *answer,
                             const struct facts *of_fault)
{
    const struct cow_result *result = &answer->result;
    u64 before = result->old     ? result->old
                 : answer->fault ? answer->fault->leaf
                                 : 0;
    struct facts facts = {.va = answer->va, .hart = answer->hart + 1};

    if (of_fault) {
        facts = *of_fault;
        if (answer->fault->flaw) /* of another store than the answer */
            facts.say_reason = SAY_REASON_RESERVED;
    } else {
        facts.who = story_name(story, answer->root);
        naming_source(&story->naming, 0, answer->pc, &facts.place);
    }
    facts.say_gives = story->call[answer->hart] == answer->root->id
                          ? SAY_GIVES_CALL
                          : SAY_GIVES;
    facts.fork = result->fork;
    facts.pte_pa = answer->pte_pa;
    facts.old_pte = answer->old;
    facts.pte = answer->pte;
    facts.stored_pc = answer->pc;
    facts.size = level_size(answer->level);
    facts.frame = result->new_frame;
    facts.old = result->old_frame;
    facts.was_shared = result->was_shared;
    facts.unsaid = answer->unsaid;
    story_permissions(before, facts.old_permissions);
    story_permissions(answer->pte, facts.permissions);
    story_place(story, answer->root->frame, &facts);
    story_others(story, &facts, result->others, result->other);
    return facts;
}

static void doubt(struct doubts *doubts, const struct answer *answer,
                  enum sentence sentence, enum sentence unseen,
                  const struct facts *facts)
{
    bool broken = answer->result.change == COW_BROKEN;

    doubts_add(doubts,
               &(struct doubt){.kind = broken ? DOUBT_RUN : DOUBT_SHARER,
                               .time = answer->time,
                               .id = answer->root->id,
                               .other = broken ? answer->result.other->id : 0,
                               .va = answer->va,
                               .old = answer->result.old_frame,
                               .level = answer->level,
                               .lost = answer->result.lost,
                               .sentence = sentence,
                               .unseen = unseen,
                               .facts = *facts});
}

/* A store to a page that a fork took W from is answered by another page. */
static bool is_wrong_copy(const struct story *story,
                          const struct answer *answer)
{
    const struct fault *fault = answer->fault;
    const struct frame *met;

    if (answer->result.change != COW_REPLACED || !fault || !fault->leaf ||
        fault->access != RVEMU_ACCESS_STORE || !(answer->pte & PTE_W))
        return false;
    met = frames_find(&story->spaces.frames,
                      pte_frame(fault->leaf, fault->level), fault->level);
    return met && met->protected && met->by_fork;
}

void answer_say(struct story *story, struct doubts *doubts,
                const struct answer *answer, enum sentence sentence,
                const struct facts *of_fault)
{
    struct facts facts = facts_of(story, answer, of_fault);
    struct table *one = NULL;
    u64 others = spaces_others(&story->spaces, facts.frame, answer->level,
                               answer->root, false, &one);

    if (answer->result.change != COW_COPY || others)
        story_written(story, answer->pc, &facts);
    if (answer->result.change == COW_COPY && others) {
        set_used_by(story, &facts, others, one);
        facts.say_tail = SAY_USED_INSIDE;
    }
    if (sentence == SAY_REUSE_UNSHARED && answer->result.lost) {
        doubt(doubts, answer, SAY_BROKEN, sentence, &facts);
        return;
    }
    if ((answer->result.change == COW_COPY && !facts.others) ||
        answer->result.change == COW_BROKEN) {
        if (answer->result.needless && facts.say_tail != SAY_USED_INSIDE)
            facts.say_hint = SAY_NEEDLESS;
        doubt(doubts, answer, sentence, doubts_unseen(sentence), &facts);
        return;
    }
    if (is_wrong_copy(story, answer))
        sentence = SAY_WRONG_COPY;
    if (answer->result.change == COW_MAPPED ||
        answer->result.change == COW_REPLACED || sentence == SAY_MERGED) {
        story_others(story, &facts, others, one);
        set_used_by(story, &facts, others, one);
        if (others)
            facts.say_tail = SAY_MAPPED_SHARED;
    }
    story_say(story, 0, answer->time, sentence, &facts);
}
