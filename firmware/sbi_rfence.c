/* SBI "RFENCE Extension" (RFNC). The fences of the hypervisor extension
 * (functions 3 to 6) are not supported: there is no such mode. */
#include "fence.h"
#include "ipi.h"
#include "sbi.h"

struct sbi_result sbi_rfence(const struct sbi_call *call)
{
    struct fence fence = {
        .start = call->arg[2], .size = call->arg[3], .asid = call->arg[4]};
    u64 ids;

    if (call->function > FENCE_VMA_ASID)
        return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    fence.kind = (enum fence_kind)call->function;
    if (!ipi_resolve((struct hart_mask){call->arg[0], call->arg[1]}, &ids))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    fence_remote(ids, &fence);
    return sbi_return(0);
}
