/* Which address space an event is about; see satps.h. */
#include "trace/satps.h"

#define SATP_MODE 60
#define SATP_PPN ((UINT64_C(1) << 44) - 1)

uint64_t satps_of_satp(uint64_t satp)
{
    return satp >> SATP_MODE ? satp & SATP_PPN : 0;
}

/* The root that a field names; false: there is no such field. */
static bool find(const struct rvemu_event *event, uint64_t *root)
{
    switch (event->kind) {
    case RVEMU_EVENT_page_fault:
        *root = satps_of_satp(event->page_fault.satp);
        return true;
    case RVEMU_EVENT_tlb_fill:
        *root = satps_of_satp(event->tlb_fill.satp);
        return true;
    case RVEMU_EVENT_stale_use:
        *root = satps_of_satp(event->stale_use.satp);
        return true;
    case RVEMU_EVENT_satp: *root = satps_of_satp(event->satp.new); return true;
    case RVEMU_EVENT_pte_write: *root = event->pte_write.root; return true;
    case RVEMU_EVENT_pte_found: *root = event->pte_found.root; return true;
    case RVEMU_EVENT_root_lost: *root = event->root_lost.root; return true;
    case RVEMU_EVENT_frame_copied:
        *root = event->frame_copied.root;
        return true;
    default: return false;
    }
}

bool satps_are_named(const struct rvemu_event *event)
{
    uint64_t root;

    return find(event, &root);
}

uint64_t satps_take(struct satps *roots, const struct rvemu_event *event)
{
    uint64_t root;

    if (event->kind == RVEMU_EVENT_satp)
        roots->root[event->hart] = satps_of_satp(event->satp.new);
    return find(event, &root) ? root : roots->root[event->hart];
}
