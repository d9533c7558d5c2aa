/* The architectural TLB; see tlb.h. */
#include "hart/lookup/tlb.h"

#include <string.h>

#include "hart/lookup/context.h"

void tlb_init(struct tlb *tlb)
{
    memset(tlb, 0, sizeof(*tlb));
}

static unsigned set_index(u64 va)
{
    return va >> 12 & (TLB_SETS - 1);
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
    struct tlb_entry *set = tlb->set[set_index(va)];
    struct tlb_entry *found = NULL;

    for (unsigned way = 0; way < TLB_WAYS; way++)
        found = better(found, &set[way], va, asid);
    for (unsigned i = 0; i < tlb->large_used; i++)
        found = better(found, &tlb->large[i], va, asid);
    return found;
}

bool tlb_alike(const struct tlb_entry *a, const struct tlb_entry *b)
{
    return a->va == b->va && a->shift == b->shift && a->global == b->global &&
           (a->global || a->asid == b->asid);
}

void tlb_drop(struct tlb_entry *entry, struct contexts *contexts)
{
    contexts_drop(contexts, entry->present, entry->va, tlb_entry_size(entry));
    entry->valid = false;
    entry->present = 0;
}

static bool is_large(const struct tlb_entry *entry)
{
    return entry->shift > 12;
}

static struct tlb_entry *next_place(struct tlb *tlb,
                                    const struct tlb_entry *entry)
{
    unsigned set = set_index(entry->va);
    unsigned way;

    if (is_large(entry)) {
        way = tlb->next_large;
        tlb->next_large = (u8)((way + 1) % TLB_LARGE);
        if (tlb->large_used <= way)
            tlb->large_used = way + 1;
        return &tlb->large[way];
    }
    way = tlb->next[set];
    tlb->next[set] = (u8)((way + 1) % TLB_WAYS);
    return &tlb->set[set][way];
}

struct tlb_entry *tlb_fill(struct tlb *tlb, struct contexts *contexts,
                           const struct tlb_entry *entry,
                           struct tlb_entry *instead, struct tlb_entry *evicted)
{
    struct tlb_entry *place = instead;

    evicted->valid = false;
    if (!place) {
        place = next_place(tlb, entry);
        *evicted = *place;
    }
    if (place->valid)
        tlb_drop(place, contexts);
    /* Where it overlaps smaller entries it may be the one that is found from
     * now on. */
    if (is_large(entry))
        contexts_drop(contexts, contexts_all(contexts), entry->va,
                      tlb_entry_size(entry));
    *place = *entry;
    place->valid = true;
    place->present = 0;
    return place;
}

static u64 flush_if(struct tlb_entry *entry, struct contexts *contexts,
                    const u64 *va, const u16 *asid)
{
    if (!entry->valid)
        return 0;
    if (va && !covers(entry, *va))
        return 0;
    if (asid && (entry->global || entry->asid != *asid))
        return 0;
    tlb_drop(entry, contexts);
    return 1;
}

u64 tlb_flush(struct tlb *tlb, struct contexts *contexts, const u64 *va,
              const u16 *asid)
{
    unsigned first = va ? set_index(*va) : 0;
    unsigned last = va ? first : TLB_SETS - 1;
    u64 removed = 0;

    for (unsigned set = first; set <= last; set++)
        for (unsigned way = 0; way < TLB_WAYS; way++)
            removed += flush_if(&tlb->set[set][way], contexts, va, asid);
    for (unsigned i = 0; i < tlb->large_used; i++)
        removed += flush_if(&tlb->large[i], contexts, va, asid);
    return removed;
}
