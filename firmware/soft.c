/* The machine software interrupt of a hart that runs a supervisor. */
#include "soft.h"

#include "csr.h"
#include "fence.h"
#include "ipi.h"
#include "pmu.h"

bool soft_serve(void)
{
    u32 asked = ipi_take();

    if (asked & IPI_FENCE)
        fence_serve();
    if (!(asked & IPI_SOFT))
        return false;
    pmu_count(PMU_IPI_RECEIVED);
    csr_set(mip, MIP_SSIP);
    return true;
}
