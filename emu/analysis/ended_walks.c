/* Walks that found nothing; see ended_walks.h. */
#include "analysis/ended_walks.h"

#include <stddef.h>

#include "base/bits.h"

static u16 asid_of(const struct rvemu_event *event)
{
    return (u16)bits(event->page_fault.satp, 59, 44);
}

const struct ended_walk *ended_walks_find(const struct ended_walks *walks,
                                          const struct rvemu_event *event)
{
    for (unsigned back = 1; back <= ENDED_WALKS; back++) {
        const struct ended_walk *walk =
            &walks->walk[(walks->next - back) % ENDED_WALKS];

        if (walk->pte_pa == event->page_fault.pte_pa &&
            walk->hart == event->hart && walk->asid == asid_of(event))
            return walk;
    }
    return NULL;
}

void ended_walks_note(struct ended_walks *walks,
                      const struct rvemu_event *event)
{
    walks->walk[walks->next++ % ENDED_WALKS] =
        (struct ended_walk){.pte_pa = event->page_fault.pte_pa,
                            .time = event->time,
                            .asid = asid_of(event),
                            .hart = event->hart};
}
