/* Uses of stale TLB entries; see stale.h. */
#include "analysis/stale.h"

#include <string.h>

#include "base/bits.h"

void stale_write(struct stale *stale, const struct rvemu_event *event)
{
    stale->write[stale->next_write++ % STALE_WRITES] = (struct stale_write){
        event->pte_write.pte_pa, event->time, event->pc, event->hart};
}

void stale_writer(const struct stale *stale, u64 pte_pa, struct facts *facts)
{
    for (unsigned back = 1; back <= STALE_WRITES; back++) {
        const struct stale_write *write =
            &stale->write[(stale->next_write - back) % STALE_WRITES];

        if (pte_pa && write->pte_pa == pte_pa) {
            story_written(stale->story, write->pc, facts);
            return;
        }
    }
}

/* The store that a hart does not know of, or NULL. */
static const struct stale_write *find_write(const struct stale *stale,
                                            const struct rvemu_event *event)
{
    for (unsigned i = 0; i < STALE_WRITES; i++) {
        const struct stale_write *write = &stale->write[i];

        if (write->pte_pa == event->stale_use.pte_pa &&
            write->time == event->stale_use.since)
            return write;
    }
    return NULL;
}

/* Names the access, and who changed the entry. */
static void name_use(struct stale *stale, const struct rvemu_event *event,
                     struct table *root, struct facts *facts)
{
    struct story *story = stale->story;
    const struct access access = {.root = root->frame,
                                  .va = event->stale_use.va,
                                  .pc = event->pc,
                                  .leaf = event->stale_use.cached,
                                  .priv = event->priv,
                                  .hart = event->hart,
                                  .is_fetch = event->stale_use.access ==
                                              RVEMU_ACCESS_FETCH};
    const struct stale_write *write = find_write(stale, event);

    if (event->priv == 0)
        naming_run(&story->naming, root->frame, event->pc);
    naming_access(&story->naming, &access, &facts->place);
    if (write)
        story_written(story, write->pc, facts);
    facts->who = story_name(story, root);
    story_place(story, root->frame, facts);
}

/* What the entry still allows, or reaches, and the table does not. */
static enum sentence sentence_of(const struct doubt *doubt, u64 now)
{
    if (!pte_maps(now))
        return doubt->facts.say_does == SAY_FETCHES ? SAY_STALE_TEXT
                                                    : SAY_STALE_ABSENT;
    if (pte_frame(now, doubt->level) != doubt->old)
        return SAY_STALE_FRAME;
    return doubt->facts.others ? SAY_STALE_SHARED : SAY_STALE_RIGHTS;
}

/* Whether a fork, and nothing else, took W from the frame. */
static bool was_forked(const struct story *story, const struct doubt *doubt)
{
    const struct frame *frame =
        frames_find(&story->spaces.frames, doubt->old, doubt->level);

    return frame && frame->by_fork;
}

void stale_use(struct stale *stale, const struct rvemu_event *event)
{
    const struct rvemu_ev_stale_use *use = &event->stale_use;
    struct story *story = stale->story;
    struct table *root = spaces_root(&story->spaces, satp_frame(use->satp));
    struct table *one = NULL;
    struct doubt doubt = {.kind = DOUBT_STALE,
                          .time = event->time,
                          .va = use->va,
                          .level = (unsigned)use->level,
                          .hart = event->hart,
                          .asid = (u16)bits(use->satp, 59, 44)};
    struct facts *facts = &doubt.facts;
    const struct stale_write *write;
    u64 others;

    if (!root || use->level >= LEVELS || use->access >= RVEMU_ACCESSES)
        return;
    doubt.id = root->id;
    doubt.old = pte_frame(use->cached, doubt.level);
    facts->va = use->va;
    facts->size = level_size(doubt.level);
    facts->old = doubt.old;
    facts->frame = pte_frame(use->now, doubt.level);
    facts->say_act = story_act(
        event->priv, story->call[event->hart] == root->id, use->cached);
    facts->say_does = SAY_FETCHES + (enum sentence)use->access;
    facts->hart = event->hart + 1u;
    name_use(stale, event, root, facts);
    story_permissions(use->now, facts->permissions);
    others = spaces_others(&story->spaces, doubt.old, doubt.level, root, false,
                           &one);
    story_others(story, facts, others, one);
    facts->say_since_when =
        was_forked(story, &doubt) ? SAY_SINCE_FORK : SAY_NOW;
    doubt.unseen = sentence_of(&doubt, use->now);
    doubt.sentence =
        doubt.unseen == SAY_STALE_RIGHTS ? SAY_STALE_SHARED : doubt.unseen;
    write = find_write(stale, event);
    if (event->priv == 0 && write && write->hart == event->hart &&
        doubt.unseen == doubt.sentence)
        story_say(story, 0, doubt.time, doubt.sentence, facts);
    else
        doubts_add(stale->doubts, &doubt);
}
