/* Lifetimes of frames; see lifetimes.h. */
#include "analysis/lifetimes.h"

#include <string.h>

#include "base/bits.h"

#define CALL_SIZE 2   /* at least: two bytes before it ends is in a call */
#define PAGES_LEVEL 1 /* of the largest leaf whose pages are followed */

const struct lifetime *lifetimes_find(const struct lifetimes *l, u64 ppn)
{
    return map_get(&l->by_ppn, ppn);
}

bool lifetimes_is_free(const struct lifetimes *l, u64 ppn)
{
    const struct lifetime *life = lifetimes_find(l, ppn);

    return life && life->is_free;
}

static struct lifetime *life_of(struct lifetimes *l, u64 ppn)
{
    struct lifetime *life = map_get(&l->by_ppn, ppn);

    if (life)
        return life;
    life = arena_take(l->by_ppn.arena, sizeof(*life));
    if (!life || !map_put(&l->by_ppn, ppn, life)) {
        arena_give(l->by_ppn.arena, life);
        l->failed = true;
        return NULL;
    }
    life->ppn = ppn;
    return life;
}

/* ---- sentences ---- */

void lifetimes_place(const struct lifetimes *l, u64 pc, char out[CODE_TEXT])
{
    naming_code(&l->story->naming, 0, pc, out);
}

void lifetimes_place_call(const struct lifetimes *l, u64 by,
                          char out[CODE_TEXT])
{
    lifetimes_place(l, by - CALL_SIZE, out);
}

static void say(struct lifetimes *l, u64 time, enum sentence sentence,
                const struct facts *facts)
{
    l->totals.mistakes++;
    story_say(l->story, 0, time, sentence, facts);
}

static void say_twice(struct lifetimes *l, const struct lifetime *life, u64 by,
                      u64 time)
{
    struct facts facts = {.frame = life->ppn};

    lifetimes_place_call(l, life->by, facts.freed_in);
    lifetimes_place_call(l, by, facts.done_in);
    say(l, time, SAY_FREED_TWICE, &facts);
}

/* ---- suspicions ---- */

static void drop(struct lifetimes *l, unsigned at)
{
    l->suspicions--;
    memmove(&l->suspicion[at], &l->suspicion[at + 1],
            (l->suspicions - at) * sizeof(l->suspicion[0]));
}

static void suspect(struct lifetimes *l, enum suspicion_kind kind, u64 ppn,
                    u64 pte_pa, u64 by)
{
    if (!l->suspicion)
        l->suspicion = arena_take(l->by_ppn.arena,
                                  LIFETIMES_SUSPICIONS * sizeof(*l->suspicion));
    if (!l->suspicion) {
        l->failed = true;
        return;
    }
    if (l->suspicions == LIFETIMES_SUSPICIONS)
        drop(l, 0);
    l->suspicion[l->suspicions++] = (struct suspicion){kind, ppn, pte_pa, by};
}

static u64 pa_of(struct entry at)
{
    return at.table->frame << 12 | (u64)at.index << 3;
}

/* The entries that map a frame which is being freed. */
static void suspect_mappings(struct lifetimes *l, u64 ppn, u64 by)
{
    const struct frames *frames = &l->story->spaces.frames;

    for (unsigned level = 0; level < LEVELS; level++) {
        const struct frame *frame =
            frames_find(frames, align_down(ppn, 1ull << (9 * level)), level);

        for (unsigned i = 0;
             frame && i < frame->mappings && i < LIFETIMES_ENTRIES; i++)
            suspect(l, SUSPECT_MAPPED, ppn, pa_of(frame->mapping[i]), by);
    }
}

/* The frame of a table is freed: what it holds maps nothing. */
static void acquit_table(struct lifetimes *l, u64 ppn)
{
    for (unsigned i = l->suspicions; i-- > 0;)
        if (l->suspicion[i].kind != SUSPECT_TABLE &&
            l->suspicion[i].pte_pa >> 12 == ppn)
            drop(l, i);
}

static void acquit_frame(struct lifetimes *l, u64 ppn)
{
    for (unsigned i = l->suspicions; i-- > 0;)
        if (l->suspicion[i].ppn == ppn)
            drop(l, i);
}

/* An entry maps another frame from now on, or none. */
static void acquit_entry(struct lifetimes *l, u64 pte_pa)
{
    for (unsigned i = l->suspicions; i-- > 0;)
        if (l->suspicion[i].kind != SUSPECT_TABLE &&
            l->suspicion[i].pte_pa == pte_pa)
            drop(l, i);
}

/* ---- out and back ---- */

void lifetimes_give(struct lifetimes *l, u64 ppn, u64 count, u64 by, u64 time)
{
    for (; count-- && !l->failed; ppn++) {
        const struct lifetime *before = lifetimes_find(l, ppn);
        struct lifetime *life = life_of(l, ppn);

        if (!life)
            return;
        l->totals.unseen += before && before->by && !before->is_free;
        l->totals.taken++;
        *life = (struct lifetime){.ppn = ppn, .by = by, .time = time};
    }
}

static void take_back(struct lifetimes *l, u64 ppn, u64 by, u64 time)
{
    struct lifetime *life = life_of(l, ppn);

    if (!life)
        return;
    if (life->is_free) {
        say_twice(l, life, by, time);
        return;
    }
    l->totals.freed++;
    *life =
        (struct lifetime){.ppn = ppn, .is_free = true, .by = by, .time = time};
    acquit_table(l, ppn);
    acquit_frame(l, ppn);
    suspect_mappings(l, ppn, by);
    if (map_get(&l->story->spaces.tables, ppn))
        suspect(l, SUSPECT_TABLE, ppn, 0, by);
}

void lifetimes_take_back(struct lifetimes *l, u64 ppn, u64 count, u64 by,
                         u64 time)
{
    for (; count-- && !l->failed; ppn++)
        take_back(l, ppn, by, time);
}

/* ---- what spaces do with them ---- */

static u64 pages_of(unsigned level)
{
    return level <= PAGES_LEVEL ? level_size(level) >> 12 : 0;
}

/* An entry maps a frame for a user. */
static void note_mapped(struct lifetimes *l, u64 pte, unsigned level,
                        u64 pte_pa)
{
    u64 ppn = pte_frame(pte, level);

    for (u64 end = ppn + pages_of(level); ppn < end; ppn++) {
        struct lifetime *life = map_get(&l->by_ppn, ppn);

        if (!life)
            continue;
        life->gone_by = 0;
        life->was_private |= (pte & PTE_W) != 0;
        if (life->is_free)
            suspect(l, SUSPECT_GIVEN, ppn, pte_pa, life->by);
    }
}

static void note_gone(struct lifetimes *l, const struct rvemu_event *event,
                      u64 pte, unsigned level)
{
    u64 ppn = pte_frame(pte, level);

    for (u64 end = ppn + pages_of(level); ppn < end; ppn++) {
        struct lifetime *life = map_get(&l->by_ppn, ppn);

        if (!life)
            continue;
        life->gone_by = event->pc;
        life->gone_hart = event->hart;
        life->gone_turn = l->turn[event->hart];
    }
}

static void note_table(struct lifetimes *l, u64 ppn)
{
    struct lifetime *life = map_get(&l->by_ppn, ppn);

    if (life && !life->is_free) {
        life->was_table = true;
        life->gone_by = 0;
    }
}

void lifetimes_edit(struct lifetimes *l, const struct rvemu_event *event,
                    u64 pte_pa, unsigned level, u64 old, u64 pte)
{
    bool same;

    if (!l->config || l->failed)
        return;
    pte = pte_alone(pte, level, pte_pa);
    same = pte_is_user(old) && pte_is_user(pte) &&
           pte_frame(old, level) == pte_frame(pte, level);
    if (pte_is_user(old) && !same) {
        acquit_entry(l, pte_pa);
        note_gone(l, event, old, level);
    }
    if (level && pte_points(old) && old != pte) {
        l->cut_turn[event->hart] = l->turn[event->hart] + 1;
        note_gone(l, event, old, 0);
    }
    if (level && pte_points(pte))
        note_table(l, pte_frame(pte, 0));
    if (!pte_is_user(pte))
        return;
    if (same) {
        struct lifetime *life = map_get(&l->by_ppn, pte_frame(pte, level));

        if (life)
            life->was_private |= (pte & PTE_W) != 0;
        return;
    }
    note_mapped(l, pte, level, pte_pa);
}

void lifetimes_load(struct lifetimes *l, u64 root)
{
    if (l->config && !l->failed)
        note_table(l, root);
}

void lifetimes_lose(struct lifetimes *l, unsigned hart)
{
    if (hart < HARTS)
        l->cut_turn[hart] = l->turn[hart] + 1;
}

/* ---- a program runs ---- */

struct search {
    const struct table *root;
    bool found;
    u64 va;
};

static void find_root(void *arg, struct table *root, u64 va)
{
    struct search *search = arg;

    if (root == search->root && !search->found) {
        search->found = true;
        search->va = va;
    }
}

static struct entry entry_at(const struct lifetimes *l, u64 pte_pa)
{
    return (struct entry){map_get(&l->story->spaces.tables, pte_pa >> 12),
                          (unsigned)(pte_pa >> 3) % TABLE_ENTRIES};
}

static bool still_maps(struct entry at, u64 ppn)
{
    unsigned level = at.table->level;
    u64 pte = entry_pte(at);

    return pte_is_user(pte) &&
           pte_frame(pte, level) == align_down(ppn, 1ull << (9 * level));
}

/* Whether there is nothing to suspicion any more, while it is not answered. */
static bool is_settled(const struct lifetimes *l, const struct suspicion *s)
{
    struct entry at = entry_at(l, s->pte_pa);

    if (s->kind == SUSPECT_TABLE)
        return !lifetimes_is_free(l, s->ppn) ||
               !map_get(&l->story->spaces.tables, s->ppn);
    return !at.table || lifetimes_is_free(l, at.table->frame) ||
           !still_maps(at, s->ppn) ||
           (s->kind == SUSPECT_GIVEN && !lifetimes_is_free(l, s->ppn));
}

static bool leads_to(const struct lifetimes *l, const struct table *root,
                     const struct suspicion *s, u64 *va)
{
    struct search search = {.root = root};
    struct entry at =
        s->kind == SUSPECT_TABLE
            ? (struct entry){map_get(&l->story->spaces.tables, s->ppn), 0}
            : entry_at(l, s->pte_pa);

    spaces_each_path(&l->story->spaces, at, find_root, &search);
    *va = search.va;
    if (s->kind != SUSPECT_TABLE)
        *va += (s->ppn - pte_frame(entry_pte(at), at.table->level)) << 12;
    return search.found;
}

static void say_suspicion(struct lifetimes *l, struct table *root,
                          const struct suspicion *s, u64 va, u64 time)
{
    static const enum sentence sentence[] = {
        [SUSPECT_MAPPED] = SAY_FREED_MAPPED,
        [SUSPECT_GIVEN] = SAY_MAPPED_FREE,
        [SUSPECT_TABLE] = SAY_FREED_TABLE,
    };
    const struct lifetime *life = lifetimes_find(l, s->ppn);
    struct facts facts = {.frame = s->ppn, .va = va};

    facts.who = story_name(l->story, root);
    story_place(l->story, root->frame, &facts);
    lifetimes_place_call(l, s->by, facts.freed_in);
    if (life && !life->is_free) {
        lifetimes_place_call(l, life->by, facts.taken_in);
        facts.say_tail = SAY_TAKEN_SINCE;
    }
    say(l, time, sentence[s->kind], &facts);
}

void lifetimes_run(struct lifetimes *l, struct table *root, unsigned hart,
                   u64 time)
{
    l->turn[hart]++;
    for (unsigned i = 0; i < l->suspicions && root && !l->failed;) {
        struct suspicion s = l->suspicion[i];
        u64 va;

        if (is_settled(l, &s)) {
            drop(l, i);
        } else if (leads_to(l, root, &s, &va)) {
            say_suspicion(l, root, &s, va, time);
            acquit_frame(l, s.ppn);
            i = 0;
        } else {
            i++;
        }
    }
}
