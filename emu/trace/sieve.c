/* Which events pass; see sieve.h. */
#include "trace/sieve.h"

#include <string.h>

#include "base/bits.h"

#define PAGE_BITS 12
#define LEVEL_BITS 9

bool sieve_is_fine(const struct rvemu_subscription *of)
{
    return of->harts || of->privs || of->has_pc || of->has_va || of->has_root;
}

/* The number of the payload's field of that name, or -1. */
static int field_of(const struct rvemu_event *event, const char *name)
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);

    for (int i = 0; info && i < info->fields; i++)
        if (!strcmp(info->field[i].name, name))
            return i;
    return -1;
}

/* Of how many bytes, from its va on, an event speaks, less 1. */
static u64 reach_of(const struct rvemu_event *event)
{
    int size = field_of(event, "size"), level = field_of(event, "level");

    switch (event->kind) {
    case RVEMU_EVENT_pte_write:
    case RVEMU_EVENT_pte_found:
    case RVEMU_EVENT_tlb_fill:
    case RVEMU_EVENT_tlb_evict:
        return (1ull << (PAGE_BITS + LEVEL_BITS * event->word[level])) - 1;
    default: return size >= 0 ? event->word[size] - 1 : 0;
    }
}

static bool meets(const struct rvemu_event *event, const struct rvemu_span *va)
{
    int field = field_of(event, "va");

    return field >= 0 && event->word[field] <= va->last &&
           event->word[field] + reach_of(event) >= va->first;
}

static bool is_root(u64 satp, u64 root)
{
    return satp != SIEVE_NO_SATP && bits(satp, 63, 60) &&
           bits(satp, 43, 0) == root;
}

bool sieve_passes(const struct rvemu_subscription *of,
                  const struct rvemu_event *event, u64 satp)
{
    bool has_hart = event->hart != RVEMU_NO_HART;

    if (of->harts && !(has_hart && bit(of->harts, event->hart)))
        return false;
    if (of->privs && !(has_hart && bit(of->privs, event->priv)))
        return false;
    if (of->has_pc &&
        !(has_hart && event->pc >= of->pc.first && event->pc <= of->pc.last))
        return false;
    if (of->has_root && !is_root(satp, of->root))
        return false;
    return !of->has_va || meets(event, &of->va);
}
