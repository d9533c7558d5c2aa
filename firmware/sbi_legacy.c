/*
 * SBI "Legacy Extensions" (0 to 8).
 *
 * Hart masks come by virtual address, as the supervisor sees it, and NULL is
 * every hart. They are loaded with the caller's own rights, so a bad pointer
 * faults exactly as the caller's own load would have, at its ecall.
 */
#include "console.h"
#include "csr.h"
#include "fence.h"
#include "finisher.h"
#include "ipi.h"
#include "platform.h"
#include "probe.h"
#include "sbi.h"
#include "timer.h"
#include "trap_frame.h"

enum {
    SET_TIMER,
    CONSOLE_PUTCHAR,
    CONSOLE_GETCHAR,
    CLEAR_IPI,
    SEND_IPI,
    REMOTE_FENCE_I,
    REMOTE_SFENCE_VMA,
    REMOTE_SFENCE_VMA_ASID,
    SHUTDOWN,
};

/* False if the load faulted and the supervisor was told. Bits for harts that
 * are not there mean nothing. */
static bool load_mask(const struct sbi_call *call, u64 *ids)
{
    u64 va = call->arg[0];

    *ids = ~0ull;
    if (va && !probe_load_word(va, call->frame->mstatus | MSTATUS_MPRV, ids)) {
        trap_frame_redirect(call->frame, csr_read(mcause), csr_read(mtval));
        return false;
    }
    *ids &= platform.harts;
    return true;
}

static bool send_ipi(const struct sbi_call *call)
{
    u64 ids;

    if (!load_mask(call, &ids))
        return false;
    ipi_send_soft(ids);
    return true;
}

static bool fence(const struct sbi_call *call, enum fence_kind kind)
{
    const struct fence fence = {.kind = kind,
                                .start = call->arg[1],
                                .size = call->arg[2],
                                .asid = call->arg[3]};
    u64 ids;

    if (!load_mask(call, &ids))
        return false;
    fence_remote(ids, &fence);
    return true;
}

bool sbi_legacy(const struct sbi_call *call, u64 *a0)
{
    bool returns = true;
    u64 value = 0;

    switch (call->extension) {
    case SET_TIMER: timer_set(call->arg[0]); break;
    case CONSOLE_PUTCHAR: console_put((u8)call->arg[0]); break;
    case CONSOLE_GETCHAR: value = (u64)(i64)console_get(); break;
    case CLEAR_IPI: csr_clear(mip, MIP_SSIP); break;
    case SEND_IPI: returns = send_ipi(call); break;
    case REMOTE_FENCE_I: returns = fence(call, FENCE_I); break;
    case REMOTE_SFENCE_VMA: returns = fence(call, FENCE_VMA); break;
    case REMOTE_SFENCE_VMA_ASID: returns = fence(call, FENCE_VMA_ASID); break;
    case SHUTDOWN: finisher_power_off();
    }
    if (returns)
        *a0 = value;
    return returns;
}
