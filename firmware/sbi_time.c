/*
 * SBI "Timer Extension" (TIME).
 *
 * With Sstc the comparator is the supervisor's own and raises STIP by itself.
 * Without, the CLINT's raises MTIP, and the trap it causes sets STIP; setting
 * a new time takes that back.
 */
#include "clint.h"
#include "csr.h"
#include "hart.h"
#include "pmu.h"
#include "sbi.h"
#include "trap.h"

enum { SET_TIMER };

void sbi_time_set(u64 time)
{
    pmu_count(PMU_SET_TIMER);
    if (hart_self()->has_stimecmp) {
        trap_set_stimecmp(time);
        return;
    }
    clint_set_mtimecmp(hart_id(), time);
    csr_clear(mip, MIP_STIP);
    csr_set(mie, MIP_MTIP);
}

struct sbi_result sbi_time(const struct sbi_call *call)
{
    if (call->function != SET_TIMER)
        return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    sbi_time_set(call->arg[0]);
    return sbi_return(0);
}
