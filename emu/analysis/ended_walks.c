/* Walks that found nothing; see ended_walks.h. */
#include "analysis/ended_walks.h"

#include <stddef.h>

#include "base/bits.h"

static u16 asid_of(const struct rvemu_event *event)
{
    return (u16)bits(event->page_fault.satp, 59, 44);
}

/* Its place, or ENDED_WALKS. */
static unsigned find(const struct ended_walks *walks,
                     const struct rvemu_event *event)
{
    unsigned at = 0;

    for (; at < ENDED_WALKS; at++) {
        const struct ended_walk *walk = &walks->walk[at];

        if (walk->pte_pa == event->page_fault.pte_pa &&
            walk->hart == event->hart && walk->asid == asid_of(event))
            break;
    }
    return at;
}

const struct ended_walk *ended_walks_find(const struct ended_walks *walks,
                                          const struct rvemu_event *event)
{
    unsigned at = find(walks, event);

    return at < ENDED_WALKS ? &walks->walk[at] : NULL;
}

void ended_walks_note(struct ended_walks *walks,
                      const struct rvemu_event *event)
{
    unsigned at = find(walks, event);

    if (at == ENDED_WALKS)
        at = walks->next++ % ENDED_WALKS;
    walks->walk[at] = (struct ended_walk){.pte_pa = event->page_fault.pte_pa,
                                          .time = event->time,
                                          .asid = asid_of(event),
                                          .hart = event->hart};
}
