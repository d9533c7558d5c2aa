/*
 * Which virtual addresses an event tells of: those in its fields, and what they
 * stand for. An entry of a table or of the TLB governs all that it maps, an
 * access has a size, a fence without an address meets every address.
 */
#include "trace/reach.h"

#define PAGE UINT64_C(4096)
#define PTE_N (UINT64_C(1) << 63)
#define NAPOT_BITS 4

static bool reach(const struct rvemu_explain_filter *filter, uint64_t first,
                  uint64_t size)
{
    uint64_t last = first + (size ? size - 1 : 0);

    for (unsigned i = 0; i < filter->ranges; i++)
        if (first <= filter->range[i].last && last >= filter->range[i].first)
            return true;
    return false;
}

/* Of an entry of this level. */
static bool reach_entry(const struct rvemu_explain_filter *filter, uint64_t va,
                        uint64_t level, uint64_t pte)
{
    unsigned shift = level < 5 ? 9 * (unsigned)level : 0;

    if (!level && pte & PTE_N)
        shift = NAPOT_BITS;
    return reach(filter, va, PAGE << shift);
}

/* Of each field that is an address by its unit. */
static bool reach_fields(const struct rvemu_explain_filter *filter,
                         const struct rvemu_event *event)
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);

    for (unsigned i = 0; info && i < info->fields; i++)
        if (info->field[i].unit == RVEMU_UNIT_VA &&
            reach(filter, event->word[i], 1))
            return true;
    return false;
}

bool reach_any(const struct rvemu_explain_filter *f,
               const struct rvemu_event *event)
{
    switch (event->kind) {
    case RVEMU_EVENT_trap:
        return reach(f, event->trap.tval, 1) || reach(f, event->trap.epc, 1);
    case RVEMU_EVENT_tlb_fill:
        return reach_entry(f, event->tlb_fill.va, event->tlb_fill.level,
                           event->tlb_fill.pte);
    case RVEMU_EVENT_tlb_evict:
        return reach_entry(f, event->tlb_evict.va, event->tlb_evict.level,
                           event->tlb_evict.pte);
    case RVEMU_EVENT_pte_write:
        return reach_entry(f, event->pte_write.va, event->pte_write.level, 0);
    case RVEMU_EVENT_pte_found:
        return reach_entry(f, event->pte_found.va, event->pte_found.level, 0);
    case RVEMU_EVENT_frame_copied:
        return reach_entry(f, event->frame_copied.va, 0, 0);
    case RVEMU_EVENT_tlb_flush:
        return event->tlb_flush.scope == RVEMU_SCOPE_ALL ||
               event->tlb_flush.scope == RVEMU_SCOPE_ASID ||
               reach(f, event->tlb_flush.va & -PAGE, PAGE);
    case RVEMU_EVENT_load: return reach(f, event->load.va, event->load.size);
    case RVEMU_EVENT_store: return reach(f, event->store.va, event->store.size);
    case RVEMU_EVENT_alias_store:
        return reach(f, event->alias_store.va, event->alias_store.size);
    case RVEMU_EVENT_retire: return reach(f, event->pc, 1);
    default: return reach_fields(f, event);
    }
}
