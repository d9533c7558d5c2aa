/*
 * SBI "Timer Extension" (TIME).
 */
#include "sbi.h"
#include "timer.h"

enum { SET_TIMER };

struct sbi_result sbi_time(const struct sbi_call *call)
{
    if (call->function != SET_TIMER)
        return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    timer_set(call->arg[0]);
    return sbi_return(0);
}
