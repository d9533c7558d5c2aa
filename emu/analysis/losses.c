/* Frames that were never taken back; see losses.h. */
#include "analysis/losses.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/* Frames lost that were taken, and left, at the same two places. */
struct loss {
    u64 taken_by;
    u64 gone_by; /* 0: not known */
    bool table;
    u64 count;
};

struct losses {
    struct lifetimes *l;
    struct map lost; /* struct lifetime, by frame */
    struct loss *loss;
    size_t count;
};

/* Whether a root that has not been freed leads to an entry. */
struct reach {
    const struct lifetimes *l;
    bool found;
};

static void reach_root(void *arg, struct table *root, u64 va)
{
    struct reach *reach = arg;

    reach->found |= !lifetimes_is_free(reach->l, root->frame);
}

static bool is_reached(const struct lifetimes *l, u64 ppn)
{
    struct spaces *spaces = &l->story->spaces;
    struct table *table = map_get(&spaces->tables, ppn);
    struct reach reach = {l, false};

    if (table)
        spaces_each_path(spaces, (struct entry){table, 0}, reach_root, &reach);
    for (unsigned level = 0; level < LEVELS && !reach.found; level++) {
        const struct frame *frame = frames_find(
            &spaces->frames, align_down(ppn, 1ull << (9 * level)), level);

        for (unsigned i = 0; frame && i < frame->mappings; i++)
            spaces_each_path(spaces, frame->mapping[i], reach_root, &reach);
    }
    return reach.found;
}

/* Whether each hart that took the mapping away, or might have, has gone back
 * to a program since. */
static bool is_over(const struct lifetimes *l, const struct lifetime *life)
{
    if (life->gone_by)
        return l->turn[life->gone_hart] > life->gone_turn;
    for (unsigned i = 0; i < HARTS; i++)
        if (l->cut_turn[i] > l->turn[i])
            return false;
    return true;
}

static bool is_lost(const struct lifetimes *l, const struct lifetime *life)
{
    return !life->is_free && life->by &&
           (life->was_private || life->was_table) && is_over(l, life) &&
           !is_reached(l, life->ppn);
}

/* Takes out what an entry in this frame, which may be a table, points to. */
static void spare_below(struct losses *losses, const struct lifetime *life)
{
    const struct rvemu_frames *config = losses->l->config;
    u64 pte[TABLE_ENTRIES];

    if (!config->read ||
        !config->read(config->arg, life->ppn << 12, pte, sizeof(pte)))
        return;
    for (unsigned i = 0; i < TABLE_ENTRIES; i++)
        if (pte_points(pte[i]) || pte_is_user(pte[i]))
            map_remove(&losses->lost, pte_frame(pte[i], 0));
}

static bool find_losses(struct losses *losses)
{
    const struct map *all = &losses->l->by_ppn;
    struct lifetime *life;
    size_t at = 0;

    while ((life = map_next(all, &at)))
        if (is_lost(losses->l, life) &&
            !map_put(&losses->lost, life->ppn, life))
            return false;
    at = 0;
    while (losses->lost.count && (life = map_next(all, &at)))
        if (!life->is_free && !life->was_private && !life->was_table)
            spare_below(losses, life);
    return true;
}

/* Puts a frame to others of its kind, or by itself. */
static void add_loss(struct losses *losses, const struct lifetime *life)
{
    for (size_t i = 0; i < losses->count; i++) {
        struct loss *loss = &losses->loss[i];

        if (loss->taken_by == life->by && loss->gone_by == life->gone_by &&
            loss->table == life->was_table) {
            loss->count++;
            return;
        }
    }
    losses->loss[losses->count++] =
        (struct loss){life->by, life->gone_by, life->was_table, 1};
}

/* Whether two kinds read the same: of several calls on a line, say. */
static bool reads_alike(const struct lifetimes *l, const struct loss *a,
                        const struct loss *b)
{
    char here[CODE_TEXT], there[CODE_TEXT];

    if (a->table != b->table || !a->gone_by != !b->gone_by)
        return false;
    lifetimes_place_call(l, a->taken_by, here);
    lifetimes_place_call(l, b->taken_by, there);
    if (strcmp(here, there) != 0)
        return false;
    lifetimes_place(l, a->gone_by, here);
    lifetimes_place(l, b->gone_by, there);
    return !strcmp(here, there);
}

/* Makes one of the kinds that read the same. */
static void merge(struct losses *losses)
{
    size_t kept = 0;

    for (size_t i = 0; i < losses->count; i++) {
        const struct loss *loss = &losses->loss[i];
        size_t at = 0;

        while (at < kept && !reads_alike(losses->l, &losses->loss[at], loss))
            at++;
        if (at < kept)
            losses->loss[at].count += loss->count;
        else
            losses->loss[kept++] = *loss;
    }
    losses->count = kept;
}

/* In the order of the code, which no hash decides. */
static int compare(const void *left, const void *right)
{
    const struct loss *a = left, *b = right;

    if (a->taken_by != b->taken_by)
        return a->taken_by < b->taken_by ? -1 : 1;
    if (a->gone_by != b->gone_by)
        return a->gone_by < b->gone_by ? -1 : 1;
    return a->table - b->table;
}

static void say_loss(struct lifetimes *l, const struct loss *loss)
{
    struct facts facts = {.pages = loss->count};

    lifetimes_place_call(l, loss->taken_by, facts.taken_in);
    if (loss->gone_by) {
        lifetimes_place(l, loss->gone_by, facts.done_in);
        facts.say_tail = SAY_LEFT_IN;
    }
    l->totals.mistakes++;
    story_say(l->story, 0, UINT64_MAX,
              loss->table ? SAY_LOST_TABLES : SAY_LOST_FRAMES, &facts);
}

static void say_totals(struct lifetimes *l)
{
    struct facts facts = {.taken = l->totals.taken,
                          .freed = l->totals.freed,
                          .unseen = l->totals.unseen,
                          .mistakes = l->totals.mistakes};

    if (!facts.mistakes && !facts.unseen)
        facts.say_hint = SAY_NONE_LOST;
    if (facts.unseen)
        facts.say_tail = SAY_UNSEEN;
    story_say(l->story, 0, UINT64_MAX,
              facts.taken ? SAY_TOTAL_FRAMES : SAY_TOTAL_NO_FRAMES, &facts);
}

void losses_say(struct lifetimes *l)
{
    struct losses losses = {.l = l};
    struct lifetime *life;
    size_t at = 0;

    if (!l->config || l->failed)
        return;
    if (find_losses(&losses) && losses.lost.count)
        losses.loss = calloc(losses.lost.count, sizeof(*losses.loss));
    while (losses.loss && (life = map_next(&losses.lost, &at)))
        add_loss(&losses, life);
    if (losses.loss)
        qsort(losses.loss, losses.count, sizeof(*losses.loss), compare);
    merge(&losses);
    for (size_t i = 0; i < losses.count; i++)
        say_loss(l, &losses.loss[i]);
    say_totals(l);
    free(losses.loss);
    map_free(&losses.lost);
}
