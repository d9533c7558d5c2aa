/* The architectural TLB; see tlb.h. */
#include "hart/lookup/tlb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hart/lookup/context.h"

static_assert(sizeof(struct tlb_entry) == 32, "two entries a host cache line");

#define WAYS_MAX 255
#define REGION_SHIFT 21
#define RANDOM_SEED 0x9e3779b97f4a7c15

static const u8 size_shift[TLB_SIZES] = {
    [TLB_4K] = 12, [TLB_64K] = 16,  [TLB_2M] = 21,
    [TLB_1G] = 30, [TLB_512G] = 39, [TLB_256T] = 48,
};

const struct tlb_geometry tlb_default = {
    .of =
        {
            [TLB_4K] = {128, 4},
            [TLB_64K] = {16, 4},
            [TLB_2M] = {128, 4},
            [TLB_1G] = {4, 4},
            [TLB_512G] = {1, 4},
            [TLB_256T] = {1, 4},
        },
    .replacement = TLB_FIFO,
};

static enum tlb_size size_of(const struct tlb_entry *entry)
{
    if (entry->level)
        return (enum tlb_size)(TLB_2M + entry->level - 1);
    return entry->shift > size_shift[TLB_4K] ? TLB_64K : TLB_4K;
}

bool tlb_geometry_is_valid(const struct tlb_geometry *geometry)
{
    for (unsigned size = 0; size < TLB_SIZES; size++) {
        unsigned sets = geometry->of[size].sets;
        unsigned ways = geometry->of[size].ways;

        if (!sets || sets & (sets - 1) || !ways || ways > WAYS_MAX)
            return false;
    }
    return geometry->replacement <= TLB_RANDOM;
}

/* Lays out the parts; returns how many sets they have together. */
static u32 lay_out(struct tlb *tlb)
{
    u32 sets = 0;

    for (unsigned size = 0; size < TLB_SIZES; size++) {
        u32 own_sets = tlb->geometry.of[size].sets;
        u32 ways = tlb->geometry.of[size].ways;

        tlb->part[size] = (struct tlb_part){.first = tlb->entries,
                                            .first_set = sets,
                                            .set_mask = own_sets - 1,
                                            .ways = ways};
        tlb->entries += own_sets * ways;
        sets += own_sets;
    }
    return sets;
}

static u32 live_words(const struct tlb *tlb)
{
    return (tlb->entries + 63) / 64;
}

int tlb_init(struct tlb *tlb, const struct tlb_geometry *geometry)
{
    u32 sets;

    *tlb = (struct tlb){.geometry = *geometry};
    sets = lay_out(tlb);
    tlb->state_size = tlb->entries * sizeof(struct tlb_entry) + sizeof(u64) +
                      (sets + 7) / 8 * 8;
    tlb->entry = malloc(tlb->state_size);
    tlb->live = calloc(live_words(tlb), sizeof(u64));
    tlb->present = calloc(tlb->entries, sizeof(u16));
    if (!tlb->entry || !tlb->live || !tlb->present) {
        tlb_fini(tlb);
        return -1;
    }
    tlb->random = (u64 *)(tlb->entry + tlb->entries);
    tlb->next = (u8 *)(tlb->random + 1);
    tlb_reset(tlb);
    return 0;
}

void tlb_fini(struct tlb *tlb)
{
    free(tlb->entry);
    free(tlb->live);
    free(tlb->present);
    tlb->entry = NULL;
    tlb->live = NULL;
    tlb->present = NULL;
}

static void forget_derived(struct tlb *tlb)
{
    for (unsigned size = 0; size < TLB_SIZES; size++)
        tlb->part[size].live = 0;
    memset(tlb->live, 0, live_words(tlb) * sizeof(u64));
    memset(tlb->region, 0, sizeof(tlb->region));
    memset(tlb->present, 0, tlb->entries * sizeof(u16));
}

static struct tlb_entry *first_way(struct tlb *tlb, enum tlb_size size, u64 va)
{
    const struct tlb_part *part = &tlb->part[size];
    u32 set = va >> size_shift[size] & part->set_mask;

    return &tlb->entry[part->first + set * part->ways];
}

/* The ages of a set are a permutation: way 0 is the oldest. */
static void reset_ages(struct tlb *tlb)
{
    for (unsigned size = 0; size < TLB_SIZES; size++) {
        const struct tlb_part *part = &tlb->part[size];
        u32 count = (part->set_mask + 1) * part->ways;

        for (u32 i = 0; i < count; i++)
            tlb->entry[part->first + i].age =
                (u8)(part->ways - 1 - i % part->ways);
    }
}

void tlb_reset(struct tlb *tlb)
{
    memset(tlb->entry, 0, tlb->state_size);
    *tlb->random = RANDOM_SEED;
    reset_ages(tlb);
    forget_derived(tlb);
}

void *tlb_state(const struct tlb *tlb, size_t *size)
{
    *size = tlb->state_size;
    return tlb->entry;
}

static u16 *region_of(struct tlb *tlb, u64 va)
{
    u64 region = va >> REGION_SHIFT;

    return &tlb->region[(region ^ region >> 10) % TLB_REGIONS];
}

/* Counts an entry that has become valid. */
static void count_in(struct tlb *tlb, const struct tlb_entry *entry)
{
    u32 i = tlb_index(tlb, entry);

    tlb->live[i / 64] |= 1ull << i % 64;
    tlb->part[size_of(entry)].live++;
    if (entry->shift < REGION_SHIFT)
        ++*region_of(tlb, entry->va);
}

static void count_out(struct tlb *tlb, const struct tlb_entry *entry)
{
    u32 i = tlb_index(tlb, entry);

    tlb->live[i / 64] &= ~(1ull << i % 64);
    tlb->part[size_of(entry)].live--;
    if (entry->shift < REGION_SHIFT)
        --*region_of(tlb, entry->va);
}

void tlb_restored(struct tlb *tlb)
{
    forget_derived(tlb);
    for (u32 i = 0; i < tlb->entries; i++)
        if (tlb->entry[i].valid)
            count_in(tlb, &tlb->entry[i]);
}

static bool covers(const struct tlb_entry *entry, u64 va)
{
    return entry->valid && va - entry->va < tlb_entry_size(entry);
}

/* Of two matches the ASID's own goes before a global one. */
static struct tlb_entry *better(struct tlb_entry *found,
                                struct tlb_entry *entry, u64 va, u16 asid)
{
    if (!covers(entry, va))
        return found;
    if (!entry->global)
        return entry->asid == asid ? entry : found;
    return found ? found : entry;
}

struct tlb_entry *tlb_find(struct tlb *tlb, u64 va, u16 asid)
{
    struct tlb_entry *found = NULL;

    for (unsigned size = 0; size < TLB_SIZES; size++) {
        struct tlb_entry *set;

        if (!tlb->part[size].live)
            continue;
        set = first_way(tlb, (enum tlb_size)size, va);
        for (u32 way = 0; way < tlb->part[size].ways; way++)
            found = better(found, &set[way], va, asid);
    }
    return found;
}

bool tlb_alike(const struct tlb_entry *a, const struct tlb_entry *b)
{
    return a->va == b->va && a->shift == b->shift && a->global == b->global &&
           (a->global || a->asid == b->asid);
}

/* Takes what the small arrays have of an entry out of them. */
static void unmirror(struct tlb *tlb, struct contexts *contexts,
                     const struct tlb_entry *entry)
{
    u16 *present = &tlb->present[tlb_index(tlb, entry)];

    contexts_drop(contexts, *present, entry->va, tlb_entry_size(entry));
    *present = 0;
}

void tlb_drop(struct tlb *tlb, struct contexts *contexts,
              struct tlb_entry *entry)
{
    unmirror(tlb, contexts, entry);
    count_out(tlb, entry);
    *entry = (struct tlb_entry){.age = entry->age};
}

void tlb_touch(struct tlb *tlb, struct tlb_entry *entry)
{
    enum tlb_size size = size_of(entry);
    struct tlb_entry *set = first_way(tlb, size, entry->va);

    for (u32 way = 0; way < tlb->part[size].ways; way++)
        set[way].age += set[way].age < entry->age;
    entry->age = 0;
}

static u32 next_random(struct tlb *tlb)
{
    u64 state = *tlb->random;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    *tlb->random = state;
    return (u32)(state >> 32);
}

static u32 oldest_way(const struct tlb_entry *set, u32 ways)
{
    u32 way = 0;

    while (set[way].age != ways - 1)
        way++;
    return way;
}

/* Where replacement puts an entry. */
static struct tlb_entry *next_place(struct tlb *tlb,
                                    const struct tlb_entry *entry)
{
    enum tlb_size size = size_of(entry);
    const struct tlb_part *part = &tlb->part[size];
    struct tlb_entry *set = first_way(tlb, size, entry->va);
    u8 *next;
    u32 way;

    switch (tlb->geometry.replacement) {
    case TLB_LRU: return &set[oldest_way(set, part->ways)];
    case TLB_RANDOM: return &set[next_random(tlb) % part->ways];
    default:
        next = &tlb->next[part->first_set +
                          (tlb_index(tlb, set) - part->first) / part->ways];
        way = *next;
        *next = (u8)((way + 1) % part->ways);
        return &set[way];
    }
}

/* The first valid entry from `at` on, before `end`; or end. */
static u32 next_live(const struct tlb *tlb, u32 at, u32 end)
{
    while (at < end) {
        u64 left = tlb->live[at / 64] >> at % 64;

        if (left) {
            at += (u32)__builtin_ctzll(left);
            return at < end ? at : end;
        }
        at = (at | 63) + 1;
    }
    return end;
}

/* Where a large entry overlaps smaller ones it may be the one that is found
 * from now on: what the small arrays have of those leaves them. */
static void unmirror_overlapped(struct tlb *tlb, struct contexts *contexts,
                                const struct tlb_entry *entry)
{
    enum tlb_size size = size_of(entry);
    u32 end = tlb->part[size].first;

    if (size == TLB_4K)
        return;
    if (entry->shift <= REGION_SHIFT && !*region_of(tlb, entry->va))
        return;
    for (u32 i = 0; (i = next_live(tlb, i, end)) < end; i++)
        if (covers(entry, tlb->entry[i].va))
            unmirror(tlb, contexts, &tlb->entry[i]);
}

struct tlb_entry *tlb_fill(struct tlb *tlb, struct contexts *contexts,
                           const struct tlb_entry *entry,
                           struct tlb_entry *instead, struct tlb_entry *evicted)
{
    struct tlb_entry *place = instead;
    u8 age;

    evicted->valid = 0;
    if (!place) {
        place = next_place(tlb, entry);
        *evicted = *place;
    }
    if (place->valid)
        tlb_drop(tlb, contexts, place);
    age = place->age;
    *place = *entry;
    place->valid = 1;
    place->age = age;
    count_in(tlb, place);
    if (tlb->geometry.replacement == TLB_LRU)
        tlb_touch(tlb, place);
    unmirror_overlapped(tlb, contexts, place);
    return place;
}

static u64 flush_if(struct tlb *tlb, struct contexts *contexts,
                    struct tlb_entry *entry, const u16 *asid)
{
    if (asid && (entry->global || entry->asid != *asid))
        return 0;
    tlb_drop(tlb, contexts, entry);
    return 1;
}

static u64 flush_all(struct tlb *tlb, struct contexts *contexts,
                     const u16 *asid)
{
    u64 removed = 0;

    for (u32 i = 0; (i = next_live(tlb, i, tlb->entries)) < tlb->entries; i++)
        removed += flush_if(tlb, contexts, &tlb->entry[i], asid);
    return removed;
}

u64 tlb_flush(struct tlb *tlb, struct contexts *contexts, const u64 *va,
              const u16 *asid)
{
    u64 removed = 0;

    if (!va)
        return flush_all(tlb, contexts, asid);
    for (unsigned size = 0; size < TLB_SIZES; size++) {
        struct tlb_entry *set = first_way(tlb, (enum tlb_size)size, *va);

        if (!tlb->part[size].live)
            continue;
        for (u32 way = 0; way < tlb->part[size].ways; way++)
            if (covers(&set[way], *va))
                removed += flush_if(tlb, contexts, &set[way], asid);
    }
    return removed;
}
