/* Stores to page-table entries; see writes.h. */
#include "analysis/writes.h"

/* Forgets them all. */
static void forget(struct writes *writes)
{
    size_t at = 0;

    for (struct write *write; (write = map_next(&writes->by_pte, &at));)
        arena_give(writes->by_pte.arena, write);
    map_free(&writes->by_pte);
}

void writes_take(struct writes *writes, const struct rvemu_event *event,
                 u64 seq)
{
    const struct rvemu_ev_pte_write *store = &event->pte_write;
    u64 pte_pa = store->pte_pa;
    struct write *write = map_get(&writes->by_pte, pte_pa);

    if (!((store->old ^ store->new) & ~(PTE_A | PTE_RSW | PTE_G)))
        return;
    if (!write && writes->by_pte.count == WRITES_MAX) {
        forget(writes);
        writes->forgotten = seq;
    }
    if (!write) {
        write = arena_take(writes->by_pte.arena, sizeof(*write));
        if (!write || !map_put(&writes->by_pte, pte_pa, write)) {
            arena_give(writes->by_pte.arena, write);
            writes->forgotten = seq;
            return;
        }
    }
    *write = (struct write){seq, event->time, event->pc, event->hart};
}

const struct write *writes_find(const struct writes *writes, u64 pte_pa)
{
    return map_get(&writes->by_pte, pte_pa);
}

u64 writes_since(const struct writes *writes, struct entry at)
{
    const struct write *write =
        writes_find(writes, at.table->frame << 12 | (u64)at.index << 3);
    u64 since = at.table->born;

    if (write && write->seq > since)
        return write->seq;
    return since > writes->forgotten ? since : writes->forgotten;
}
