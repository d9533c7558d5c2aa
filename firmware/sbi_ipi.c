/* SBI "IPI Extension" (sPI): supervisor software interrupts on other harts.
 * Harts that run no supervisor are passed over. */
#include "hart.h"
#include "ipi.h"
#include "sbi.h"

enum { SEND_IPI };

struct sbi_result sbi_ipi(const struct sbi_call *call)
{
    u64 ids;

    if (call->function != SEND_IPI)
        return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    if (!ipi_resolve((struct hart_mask){call->arg[0], call->arg[1]}, &ids))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    ipi_send_soft(ids);
    return sbi_return(0);
}
