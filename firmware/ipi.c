/*
 * Inter-processor interrupts.
 *
 * A request is a bit in the target's `pending`, set before MSIP is raised;
 * the target lowers MSIP before it takes the bits, so none is overlooked. The
 * supervisor's own software interrupt is mip.SSIP, which a hart can only set
 * in itself.
 */
#include "ipi.h"

#include "clint.h"
#include "hart.h"
#include "pmu.h"

bool ipi_resolve(struct hart_mask named, u64 *ids)
{
    if (named.base == HART_MASK_ALL) {
        *ids = platform.harts;
        return true;
    }
    *ids = 0;
    if (!named.mask)
        return true;
    if (named.base >= HARTS_MAX)
        return false;
    *ids = named.mask << named.base;
    return *ids >> named.base == named.mask && !(*ids & ~platform.harts);
}

void ipi_send(u64 id, u32 what)
{
    __atomic_fetch_or(&harts[id].pending, what, __ATOMIC_SEQ_CST);
    __asm__ volatile("fence rw, o" ::: "memory");
    clint_set_msip(id, 1);
}

void ipi_send_soft(u64 ids)
{
    for (u64 id = 0; id < HARTS_MAX; id++) {
        if ((ids >> id & 1) && hart_is_running(id)) {
            pmu_count(PMU_IPI_SENT);
            ipi_send(id, IPI_SOFT);
        }
    }
}

u32 ipi_take(void)
{
    clint_set_msip(hart_id(), 0);
    __asm__ volatile("fence o, rw" ::: "memory");
    return __atomic_exchange_n(&hart_self()->pending, 0, __ATOMIC_SEQ_CST);
}
