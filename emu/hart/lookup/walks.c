/* Where the entries of a TLB came from; see walks.h. */
#include "hart/lookup/walks.h"

#include <stdlib.h>
#include <string.h>

#include "base/ring.h"
#include "isa/pte.h"

#define FRAMES 1024 /* counters, by a hash of a frame */

/* Numbers in the rings: WALK_LEVELS for each entry, then the buckets. */
struct tlb_walks {
    struct tlb_walk *of; /* by entry; count is 0 where none is known */
    struct tlb_doubt *doubt;
    struct ring_link *link;
    u32 by_frame[FRAMES]; /* how many steps of walks were in such a frame */
    u32 first_bucket;
    u32 bucket_mask;
};

static u32 bucket_of(const struct tlb_walks *walks, u64 pte_pa)
{
    u64 word = pte_pa >> 3;

    return walks->first_bucket +
           (u32)((word ^ word >> 9 ^ word >> 18) & walks->bucket_mask);
}

static u32 *steps_in(struct tlb_walks *walks, u64 pte_pa)
{
    u64 frame = pte_pa >> 12;

    return &walks->by_frame[(frame ^ frame >> 10) % FRAMES];
}

void tlb_free_walks(struct tlb_walks *walks)
{
    if (!walks)
        return;
    free(walks->of);
    free(walks->doubt);
    free(walks->link);
    free(walks);
}

static u32 count_numbers(const struct tlb_walks *walks)
{
    return walks->first_bucket + walks->bucket_mask + 1;
}

static struct tlb_walks *walks_new(u32 entries)
{
    struct tlb_walks *walks = calloc(1, sizeof(*walks));

    if (!walks)
        return NULL;
    walks->first_bucket = entries * WALK_LEVELS;
    while (walks->bucket_mask < 2 * entries)
        walks->bucket_mask = 2 * walks->bucket_mask + 1;
    walks->of = calloc(entries, sizeof(*walks->of));
    walks->doubt = calloc(entries, sizeof(*walks->doubt));
    walks->link = calloc(count_numbers(walks), sizeof(*walks->link));
    if (!walks->of || !walks->doubt || !walks->link) {
        tlb_free_walks(walks);
        return NULL;
    }
    return walks;
}

u64 tlb_walks_weight(const struct tlb *tlb)
{
    u64 each = sizeof(struct tlb_walk) + sizeof(struct tlb_doubt) +
               (WALK_LEVELS + 4) * sizeof(struct ring_link);

    return sizeof(struct tlb_walks) + tlb->entries * each;
}

struct tlb_walks *tlb_copy_walks(const struct tlb *tlb,
                                 const struct tlb_walks *walks)
{
    struct tlb_walks *copy = walks_new(tlb->entries);

    if (!copy)
        return NULL;
    memcpy(copy->of, walks->of, tlb->entries * sizeof(*copy->of));
    memcpy(copy->doubt, walks->doubt, tlb->entries * sizeof(*copy->doubt));
    memcpy(copy->link, walks->link, count_numbers(walks) * sizeof(*copy->link));
    memcpy(copy->by_frame, walks->by_frame, sizeof(copy->by_frame));
    return copy;
}

int tlb_keep_walks(struct tlb *tlb, bool on)
{
    if (on == tlb_keeps_walks(tlb))
        return 0;
    tlb_free_walks(tlb_take_walks(tlb));
    if (!on)
        return 0;
    tlb->walks = walks_new(tlb->entries);
    if (!tlb->walks)
        return -1;
    tlb_forget_walks(tlb);
    return 0;
}

struct tlb_walks *tlb_take_walks(struct tlb *tlb)
{
    struct tlb_walks *walks = tlb->walks;

    tlb->walks = NULL;
    return walks;
}

void tlb_give_walks(struct tlb *tlb, struct tlb_walks *walks)
{
    tlb->walks = walks;
}

void tlb_forget_walks(struct tlb *tlb)
{
    struct tlb_walks *walks = tlb->walks;

    for (u32 i = 0; i < tlb->entries; i++) {
        walks->of[i].count = 0;
        walks->doubt[i].suspect = 0;
    }
    memset(walks->by_frame, 0, sizeof(walks->by_frame));
    for (u32 i = 0; i < count_numbers(walks); i++)
        ring_init(walks->link, i);
}

void tlb_forget_walk(struct tlb *tlb, u32 entry)
{
    struct tlb_walks *walks = tlb->walks;

    for (unsigned i = 0; i < walks->of[entry].count; i++) {
        ring_leave(walks->link, entry * WALK_LEVELS + i);
        --*steps_in(walks, walks->of[entry].pte_pa[i]);
    }
    walks->of[entry].count = 0;
    walks->doubt[entry] = (struct tlb_doubt){0};
}

void tlb_note_walk(struct tlb *tlb, const struct tlb_entry *entry,
                   const struct tlb_walk *walk)
{
    struct tlb_walks *walks = tlb->walks;
    u32 number = tlb_index(tlb, entry) * WALK_LEVELS;

    tlb_forget_walk(tlb, tlb_index(tlb, entry));
    walks->of[tlb_index(tlb, entry)] = *walk;
    walks->doubt[tlb_index(tlb, entry)] =
        (struct tlb_doubt){.at = WALK_WHOLE, .reach = (u8)walk->count};
    for (unsigned i = 0; i < walk->count; i++) {
        ring_join(walks->link, bucket_of(walks, walk->pte_pa[i]), number + i);
        ++*steps_in(walks, walk->pte_pa[i]);
    }
}

const struct tlb_walk *tlb_walk(const struct tlb *tlb,
                                const struct tlb_entry *entry)
{
    const struct tlb_walk *walk;

    if (!tlb->walks)
        return NULL;
    walk = &tlb->walks->of[tlb_index(tlb, entry)];
    return walk->count ? walk : NULL;
}

/* An entry may have several numbers in a ring: a walk comes by a place twice
 * where a table points to itself. They were put there together and stand
 * together: once the entry has been given, the others are passed over. */
struct tlb_entry *tlb_next_from(struct tlb *tlb, struct walk_cursor *cursor)
{
    const struct tlb_walks *walks = tlb->walks;

    while (cursor->number < walks->first_bucket) {
        u32 number = cursor->number, entry = number / WALK_LEVELS;

        cursor->number = walks->link[number].next;
        if (walks->of[entry].pte_pa[number % WALK_LEVELS] != cursor->pte_pa)
            continue;
        while (cursor->number / WALK_LEVELS == entry)
            cursor->number = walks->link[cursor->number].next;
        return &tlb->entry[entry];
    }
    return NULL;
}

struct tlb_entry *tlb_first_from(struct tlb *tlb, u64 pte_pa,
                                 struct walk_cursor *cursor)
{
    const struct tlb_walks *walks = tlb->walks;

    if (!walks)
        return NULL;
    cursor->pte_pa = pte_pa;
    cursor->number = walks->link[bucket_of(walks, pte_pa)].next;
    return tlb_next_from(tlb, cursor);
}

static bool is_in_frame(u64 pte_pa, u64 pa)
{
    return (pte_pa ^ pa) < 4096;
}

static bool needs(const struct tlb_walk *walk, const struct tlb_doubt *doubt,
                  u64 pa)
{
    for (unsigned i = 0; i < doubt->reach; i++)
        if (is_in_frame(walk->pte_pa[i], pa) &&
            !(doubt->suspect && i == doubt->at))
            return true;
    return false;
}

bool tlb_walks_reach(const struct tlb *tlb, u64 pa)
{
    return *steps_in(tlb->walks, pa) != 0;
}

bool tlb_walks_need(const struct tlb *tlb, u64 pa)
{
    const struct tlb_walks *walks = tlb->walks;

    for (u32 i = 0; (i = tlb_next_live(tlb, i, tlb->entries)) < tlb->entries;
         i++)
        if (walks->of[i].count && needs(&walks->of[i], &walks->doubt[i], pa))
            return true;
    return false;
}

void tlb_walks_leave(struct tlb *tlb, u64 pa)
{
    const struct tlb_walks *walks = tlb->walks;

    for (u32 i = 0; (i = tlb_next_live(tlb, i, tlb->entries)) < tlb->entries;
         i++) {
        struct tlb_doubt *doubt = &walks->doubt[i];

        if (walks->of[i].count && doubt->at != WALK_WHOLE &&
            is_in_frame(walks->of[i].pte_pa[doubt->at], pa))
            doubt->reach = doubt->at;
    }
}

struct tlb_doubt *tlb_doubt(const struct tlb *tlb,
                            const struct tlb_entry *entry)
{
    return &tlb->walks->doubt[tlb_index(tlb, entry)];
}
