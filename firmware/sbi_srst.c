/* SBI "System Reset Extension" (SRST). A shutdown that reports a system
 * failure fails the run; both reboots are the same reset. */
#include "finisher.h"
#include "sbi.h"

enum { SYSTEM_RESET };

enum { TYPE_SHUTDOWN, TYPE_COLD_REBOOT, TYPE_WARM_REBOOT };
enum { REASON_NONE, REASON_SYSTEM_FAILURE };

#define FAILURE_CODE 1

struct sbi_result sbi_srst(const struct sbi_call *call)
{
    u32 type = (u32)call->arg[0], reason = (u32)call->arg[1];

    if (call->function != SYSTEM_RESET)
        return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    if (type > TYPE_WARM_REBOOT || reason > REASON_SYSTEM_FAILURE)
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (type != TYPE_SHUTDOWN)
        finisher_reset();
    if (reason == REASON_SYSTEM_FAILURE)
        finisher_fail(FAILURE_CODE);
    finisher_power_off();
}
