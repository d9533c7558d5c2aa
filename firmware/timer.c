/*
 * The supervisor's timer.
 *
 * With Sstc the comparator is the supervisor's own and raises STIP by itself.
 * Without, the CLINT's raises MTIP, and the trap it causes sets STIP; setting
 * a new time takes that back.
 */
#include "timer.h"

#include "clint.h"
#include "csr.h"
#include "hart.h"
#include "pmu.h"
#include "probe.h"

void timer_set(u64 time)
{
    pmu_count(PMU_SET_TIMER);
    if (hart_self()->has_stimecmp) {
        probe_set_stimecmp(time);
        return;
    }
    clint_set_mtimecmp(hart_id(), time);
    csr_clear(mip, MIP_STIP);
    csr_set(mie, MIP_MTIP);
}

void timer_take(void)
{
    csr_clear(mie, MIP_MTIP);
    csr_set(mip, MIP_STIP);
}
