/* The architectural TLB; see tlb.h. */
#include "hart/lookup/tlb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hart/lookup/context.h"
#include "hart/lookup/walks.h"

static_assert(sizeof(struct tlb_entry) == 32, "two entries a host cache line");

#define WAYS_MAX 255
#define LEVEL_MAX 4
#define REGION_SHIFT 21
#define POINTERS_SHIFT 63 /* of a bank that is one set, and in no region */
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

const struct tlb_geometry tlb_vast = {
    .of =
        {
            [TLB_4K] = {4096, 16},
            [TLB_64K] = {128, 16},
            [TLB_2M] = {256, 16},
            [TLB_1G] = {16, 16},
            [TLB_512G] = {4, 16},
            [TLB_256T] = {1, 16},
        },
    .replacement = TLB_FIFO,
};

/* The enumerations of the API are ours. */
static_assert((int)RVEMU_TLB_FIFO == (int)TLB_FIFO &&
                  (int)RVEMU_TLB_LRU == (int)TLB_LRU &&
                  (int)RVEMU_TLB_RANDOM == (int)TLB_RANDOM &&
                  (int)RVEMU_TLB_NONE == (int)TLB_NONE &&
                  (int)RVEMU_TLB_REPLACES == (int)TLB_REPLACEMENTS,
              "the same");
static_assert((int)RVEMU_TLB_4K == (int)TLB_4K &&
                  (int)RVEMU_TLB_64K == (int)TLB_64K &&
                  (int)RVEMU_TLB_2M == (int)TLB_2M &&
                  (int)RVEMU_TLB_1G == (int)TLB_1G &&
                  (int)RVEMU_TLB_512G == (int)TLB_512G &&
                  (int)RVEMU_TLB_256T == (int)TLB_256T &&
                  (int)RVEMU_TLB_PAGES == (int)TLB_SIZES,
              "the same");
static_assert(RVEMU_TLB_WAYS_MAX == WAYS_MAX &&
                  RVEMU_TLB_WALK_CACHE_MAX == WAYS_MAX,
              "as many ways as a bank can have");

/* At level 0 the shift tells a page from a NAPOT range. */
enum tlb_size tlb_size_of(const struct tlb_entry *entry)
{
    if (entry->shift == size_shift[TLB_4K])
        return TLB_4K;
    return (enum tlb_size)(TLB_64K + entry->level);
}

bool tlb_geometry_is_valid(const struct tlb_geometry *geometry)
{
    for (unsigned size = 0; size < TLB_SIZES; size++) {
        unsigned sets = geometry->of[size].sets;
        unsigned ways = geometry->of[size].ways;

        if (!sets || sets & (sets - 1) || !ways || ways > WAYS_MAX)
            return false;
    }
    return geometry->replacement < TLB_REPLACEMENTS &&
           geometry->pointers <= WAYS_MAX &&
           (geometry->exact || geometry->replacement == TLB_FIFO ||
            geometry->replacement == TLB_RANDOM);
}

/* How many entries and sets there are. */
static void count_places(struct tlb *tlb, u32 *sets)
{
    *sets = 1; /* of pointers */
    tlb->entries = tlb->geometry.pointers;
    for (unsigned size = 0; size < TLB_SIZES; size++) {
        *sets += tlb->geometry.of[size].sets;
        tlb->entries +=
            (u32)tlb->geometry.of[size].sets * tlb->geometry.of[size].ways;
    }
}

static void lay_out(struct tlb *tlb)
{
    struct tlb_entry *entry = tlb->entry;
    u8 *next;

    tlb->random = (u64 *)(entry + tlb->entries);
    tlb->counts = (struct rvemu_tlb_counts *)(tlb->random + 1);
    next = (u8 *)(tlb->counts + 1);
    for (unsigned size = 0; size < TLB_SIZES; size++) {
        u32 sets = tlb->geometry.of[size].sets;
        u32 ways = tlb->geometry.of[size].ways;

        tlb->bank[size] =
            (struct tlb_bank){.entry = entry,
                              .next = next,
                              .page_mask = -(1ull << size_shift[size]),
                              .set_mask = sets - 1,
                              .ways = ways,
                              .shift = size_shift[size],
                              .bit = 1u << size};
        entry += sets * ways;
        next += sets;
    }
    tlb->bank[TLB_POINTERS] = (struct tlb_bank){.entry = entry,
                                                .next = next,
                                                .ways = tlb->geometry.pointers,
                                                .shift = POINTERS_SHIFT};
}

static u32 live_words(const struct tlb *tlb)
{
    return (tlb->entries + 63) / 64;
}

int tlb_init(struct tlb *tlb, const struct tlb_geometry *geometry)
{
    u32 sets;

    *tlb = (struct tlb){.geometry = *geometry};
    count_places(tlb, &sets);
    tlb->state_size = tlb->entries * sizeof(struct tlb_entry) +
                      sizeof(*tlb->random) + sizeof(*tlb->counts) +
                      (sets + 7) / 8 * 8;
    tlb->entry = malloc(tlb->state_size);
    tlb->live = calloc(live_words(tlb), sizeof(u64));
    if (!tlb->entry || !tlb->live) {
        tlb_fini(tlb);
        return -1;
    }
    lay_out(tlb);
    tlb_reset(tlb);
    return 0;
}

void tlb_fini(struct tlb *tlb)
{
    tlb_keep_walks(tlb, false);
    free(tlb->entry);
    free(tlb->live);
    tlb->entry = NULL;
    tlb->live = NULL;
}

static void forget_derived(struct tlb *tlb)
{
    tlb->used = 0;
    for (unsigned bank = 0; bank < TLB_BANKS; bank++)
        tlb->bank[bank].live = 0;
    memset(tlb->live, 0, live_words(tlb) * sizeof(u64));
    memset(tlb->region, 0, sizeof(tlb->region));
    if (tlb_keeps_walks(tlb))
        tlb_forget_walks(tlb);
}

static u32 set_of(const struct tlb_bank *bank, u64 va)
{
    return va >> bank->shift & bank->set_mask;
}

/* The first way of the set that va belongs to. */
static struct tlb_entry *ways_of(const struct tlb_bank *bank, u64 va)
{
    return &bank->entry[set_of(bank, va) * bank->ways];
}

/* Takes a bank with valid entries out of *used, smallest pages first. */
static struct tlb_bank *take_used(struct tlb *tlb, u32 *used)
{
    u32 size = (u32)__builtin_ctz(*used);

    *used &= *used - 1;
    return &tlb->bank[size];
}

/* The ages of a set are a permutation: way 0 is the oldest. */
static void reset_ages(struct tlb *tlb)
{
    for (unsigned i = 0; i < TLB_BANKS; i++) {
        const struct tlb_bank *bank = &tlb->bank[i];
        u32 count = (bank->set_mask + 1) * bank->ways;

        for (u32 at = 0; at < count; at++)
            bank->entry[at].age = (u8)(bank->ways - 1 - at % bank->ways);
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
    return &tlb->region[(va >> REGION_SHIFT) % TLB_REGIONS];
}

static struct tlb_bank *bank_of(struct tlb *tlb, const struct tlb_entry *entry)
{
    return &tlb->bank[entry->pointer ? TLB_POINTERS : tlb_size_of(entry)];
}

/* Counts an entry of a bank that has become valid. */
static void count_in(struct tlb *tlb, struct tlb_bank *bank,
                     const struct tlb_entry *entry)
{
    u32 i = tlb_index(tlb, entry);

    tlb->live[i / 64] |= 1ull << i % 64;
    if (!bank->live++)
        tlb->used |= bank->bit;
    if (bank->shift < REGION_SHIFT)
        ++*region_of(tlb, entry->va);
}

static void count_out(struct tlb *tlb, struct tlb_bank *bank,
                      const struct tlb_entry *entry)
{
    u32 i = tlb_index(tlb, entry);

    tlb->live[i / 64] &= ~(1ull << i % 64);
    if (!--bank->live)
        tlb->used &= ~bank->bit;
    if (bank->shift < REGION_SHIFT)
        --*region_of(tlb, entry->va);
}

void tlb_restored(struct tlb *tlb)
{
    forget_derived(tlb);
    for (u32 i = 0; i < tlb->entries; i++)
        if (tlb->entry[i].valid)
            count_in(tlb, bank_of(tlb, &tlb->entry[i]), &tlb->entry[i]);
}

/* Whether an entry is one of this bank, and in the set of its address. */
static bool is_in_place(const struct tlb_bank *bank, enum tlb_size size,
                        const struct tlb_entry *set,
                        const struct tlb_entry *entry)
{
    bool is_pointer = size == TLB_POINTERS;

    if (!entry->valid)
        return !(entry->va | entry->pte | entry->pte_pa | entry->asid |
                 entry->level | entry->shift | entry->global | entry->pointer);
    if (entry->valid > 1 || entry->global > 1 || entry->pointer != is_pointer ||
        entry->level > LEVEL_MAX)
        return false;
    if (is_pointer)
        return entry->level && entry->shift == 12 + 9 * entry->level &&
               !(entry->va & ((1ull << entry->shift) - 1));
    return entry->shift == bank->shift && tlb_size_of(entry) == size &&
           !(entry->va & ~bank->page_mask) && ways_of(bank, entry->va) == set;
}

/* Of TLB_LRU, ages are a permutation. */
static bool is_set_sound(const struct tlb *tlb, enum tlb_size size,
                         const struct tlb_entry *set)
{
    const struct tlb_bank *bank = &tlb->bank[size];
    u64 seen[(WAYS_MAX + 64) / 64] = {0};

    for (u32 way = 0; way < bank->ways; way++) {
        u8 age = set[way].age;

        if (age >= bank->ways || !is_in_place(bank, size, set, &set[way]))
            return false;
        if (tlb->geometry.replacement == TLB_LRU &&
            seen[age / 64] >> age % 64 & 1)
            return false;
        seen[age / 64] |= 1ull << age % 64;
    }
    return true;
}

bool tlb_is_sound(const struct tlb *tlb)
{
    if (!*tlb->random)
        return false;
    for (unsigned size = 0; size < TLB_BANKS; size++) {
        const struct tlb_bank *bank = &tlb->bank[size];

        for (u32 set = 0; bank->ways && set <= bank->set_mask; set++)
            if (bank->next[set] >= bank->ways ||
                !is_set_sound(tlb, (enum tlb_size)size,
                              bank->entry + set * bank->ways))
                return false;
    }
    return true;
}

/* Of two matches the ASID's own goes before a global one. */
static struct tlb_entry *better(struct tlb_entry *found,
                                struct tlb_entry *entry, u16 asid)
{
    if (!entry->global)
        return entry->asid == asid ? entry : found;
    return found ? found : entry;
}

struct tlb_entry *tlb_find(struct tlb *tlb, u64 va, u16 asid)
{
    struct tlb_entry *found = NULL;
    u32 used = tlb->used;

    while (used) {
        const struct tlb_bank *bank = take_used(tlb, &used);
        struct tlb_entry *entry = ways_of(bank, va);
        struct tlb_entry *end = entry + bank->ways;
        u64 first = va & bank->page_mask;

        for (; entry < end; entry++)
            if (entry->va == first && entry->valid)
                found = better(found, entry, asid);
    }
    return found;
}

struct tlb_entry *tlb_find_pointer(struct tlb *tlb, u64 va, u16 asid,
                                   unsigned levels)
{
    const struct tlb_bank *bank = &tlb->bank[TLB_POINTERS];
    struct tlb_entry *found = NULL;

    if (!bank->live)
        return NULL;
    for (struct tlb_entry *entry = bank->entry;
         entry < bank->entry + bank->ways; entry++) {
        if (!entry->valid || entry->level >= levels ||
            !tlb_covers(entry, va, asid))
            continue;
        if (!found || entry->level < found->level)
            found = entry;
        else if (entry->level == found->level)
            found = better(found, entry, asid);
    }
    return found;
}

bool tlb_alike(const struct tlb_entry *a, const struct tlb_entry *b)
{
    return a->va == b->va && a->shift == b->shift && a->global == b->global &&
           (a->global || a->asid == b->asid);
}

static void take_out(struct tlb *tlb, struct tlb_bank *bank,
                     struct contexts *contexts, struct tlb_entry *entry)
{
    contexts_drop(contexts, tlb_index(tlb, entry));
    count_out(tlb, bank, entry);
    if (tlb_keeps_walks(tlb))
        tlb_forget_walk(tlb, tlb_index(tlb, entry));
    *entry = (struct tlb_entry){.age = entry->age};
}

void tlb_drop(struct tlb *tlb, struct contexts *contexts,
              struct tlb_entry *entry)
{
    take_out(tlb, bank_of(tlb, entry), contexts, entry);
}

void tlb_touch(struct tlb *tlb, struct tlb_entry *entry)
{
    const struct tlb_bank *bank = bank_of(tlb, entry);
    struct tlb_entry *set = ways_of(bank, entry->va);

    for (u32 way = 0; way < bank->ways; way++)
        set[way].age += set[way].age < entry->age;
    entry->age = 0;
}

/* Of what is not exact, hits are not seen, and nothing is counted. */
static struct rvemu_tlb_row *row_of(struct tlb *tlb, unsigned access,
                                    const struct tlb_entry *entry)
{
    return &tlb->counts->page[access][tlb_size_of(entry)];
}

void tlb_count_hit(struct tlb *tlb, unsigned access, struct tlb_entry *entry)
{
    if (!tlb->geometry.exact)
        return;
    row_of(tlb, access, entry)->hits++;
    if (tlb->geometry.replacement == TLB_LRU)
        tlb_touch(tlb, entry);
}

void tlb_count_miss(struct tlb *tlb, unsigned access,
                    const struct tlb_entry *entry)
{
    if (!tlb->geometry.exact)
        return;
    if (entry)
        row_of(tlb, access, entry)->misses++;
    else
        tlb->counts->faults[access]++;
}

void tlb_count_evicted(struct tlb *tlb, unsigned access,
                       const struct tlb_entry *evicted)
{
    if (tlb->geometry.exact)
        row_of(tlb, access, evicted)->evictions++;
}

void tlb_count_walk(struct tlb *tlb, struct tlb_entry *pointer)
{
    if (!tlb->geometry.exact)
        return;
    tlb->counts->walks.hits += pointer != NULL;
    tlb->counts->walks.misses += pointer == NULL;
    if (pointer && tlb->geometry.replacement == TLB_LRU)
        tlb_touch(tlb, pointer);
}

void tlb_count_walk_evicted(struct tlb *tlb)
{
    tlb->counts->walks.evictions += tlb->geometry.exact;
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

static u32 fifo_way(const struct tlb_bank *bank, u64 va)
{
    u8 *next = &bank->next[set_of(bank, va)];
    u32 way = *next;

    *next = (u8)(way + 1 < bank->ways ? way + 1 : 0);
    return way;
}

/* TLB_NONE: the first that is free, or NULL. */
static struct tlb_entry *free_way(struct tlb_entry *set, u32 ways)
{
    for (struct tlb_entry *entry = set; entry < set + ways; entry++)
        if (!entry->valid)
            return entry;
    return NULL;
}

/* Where replacement puts a translation of va; or NULL. */
static struct tlb_entry *next_place(struct tlb *tlb,
                                    const struct tlb_bank *bank, u64 va)
{
    struct tlb_entry *set = ways_of(bank, va);

    if (tlb->geometry.replacement == TLB_FIFO)
        return &set[fifo_way(bank, va)];
    if (tlb->geometry.replacement == TLB_LRU)
        return &set[oldest_way(set, bank->ways)];
    if (tlb->geometry.replacement == TLB_NONE)
        return free_way(set, bank->ways);
    return &set[next_random(tlb) % bank->ways];
}

/* Where a large entry overlaps smaller ones it may be the one that is found
 * from now on: what the small arrays have of those leaves them. */
static void drop_overlapped(struct tlb *tlb, const struct tlb_bank *bank,
                            struct contexts *contexts,
                            const struct tlb_entry *entry)
{
    u32 end = tlb_index(tlb, bank->entry);

    if (bank->shift <= REGION_SHIFT && !*region_of(tlb, entry->va))
        return;
    for (u32 i = 0; (i = tlb_next_live(tlb, i, end)) < end; i++)
        if (tlb->entry[i].va - entry->va < tlb_entry_size(entry))
            contexts_drop(contexts, i);
}

struct tlb_entry *tlb_fill(struct tlb *tlb, struct contexts *contexts,
                           const struct tlb_entry *entry,
                           struct tlb_entry *instead, struct tlb_entry *evicted)
{
    struct tlb_bank *bank = bank_of(tlb, entry);
    struct tlb_entry *place =
        instead ? instead : next_place(tlb, bank, entry->va);
    u8 age;

    evicted->valid = 0;
    if (!place) {
        tlb->unkept = *entry;
        return &tlb->unkept;
    }
    age = place->age;
    if (place->valid) {
        if (!instead)
            *evicted = *place;
        take_out(tlb, bank, contexts, place);
    }
    *place = *entry;
    place->valid = 1;
    place->age = age;
    count_in(tlb, bank, place);
    if (tlb->geometry.replacement == TLB_LRU)
        tlb_touch(tlb, place);
    if (bank->bit & ~(1u << TLB_4K)) /* pointers overlap nothing */
        drop_overlapped(tlb, bank, contexts, place);
    return place;
}

static bool is_named(const struct tlb_entry *entry, const u16 *asid)
{
    return !asid || (!entry->global && entry->asid == *asid);
}

static u64 flush_all(struct tlb *tlb, struct contexts *contexts,
                     const u16 *asid)
{
    u64 removed = 0;

    for (u32 i = 0; (i = tlb_next_live(tlb, i, tlb->entries)) < tlb->entries;
         i++)
        if (is_named(&tlb->entry[i], asid)) {
            tlb_drop(tlb, contexts, &tlb->entry[i]);
            removed++;
        }
    return removed;
}

static u64 flush_page(struct tlb *tlb, struct contexts *contexts, u64 va,
                      const u16 *asid)
{
    u32 used = tlb->used;
    u64 removed = 0;

    while (used) {
        struct tlb_bank *bank = take_used(tlb, &used);
        struct tlb_entry *entry = ways_of(bank, va);
        struct tlb_entry *end = entry + bank->ways;
        u64 first = va & bank->page_mask;

        for (; entry < end; entry++)
            if (entry->va == first && entry->valid && is_named(entry, asid)) {
                take_out(tlb, bank, contexts, entry);
                removed++;
            }
    }
    return removed;
}

u64 tlb_flush(struct tlb *tlb, struct contexts *contexts, const u64 *va,
              const u16 *asid)
{
    return va ? flush_page(tlb, contexts, *va, asid)
              : flush_all(tlb, contexts, asid);
}
