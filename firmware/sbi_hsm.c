/*
 * SBI "Hart State Management Extension" (HSM).
 *
 * Suspending is waiting in M-mode for any interrupt that the supervisor has
 * enabled; nothing is lost, so only the retentive kind is offered.
 */
#include "boot.h"
#include "hart.h"
#include "ipi.h"
#include "platform.h"
#include "sbi.h"

enum { HART_START, HART_STOP, HART_GET_STATUS, HART_SUSPEND };

#define SUSPEND_RETENTIVE 0x00000000u
#define SUSPEND_RETENTIVE_PLATFORM 0x10000000u
#define SUSPEND_NON_RETENTIVE 0x80000000u

static struct sbi_result start(u64 id, u64 pc, u64 opaque)
{
    u32 stopped = HART_STOPPED;
    struct hart *hart;

    if (!hart_exists(id))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (pc % 2 || !platform_is_supervisors(pc, 2))
        return sbi_fail(SBI_ERR_INVALID_ADDRESS);
    hart = &harts[id];
    if (!__atomic_compare_exchange_n(&hart->state, &stopped, HART_START_PENDING,
                                     false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return sbi_fail(SBI_ERR_ALREADY_AVAILABLE);
    hart->start_pc = pc;
    hart->start_opaque = opaque;
    ipi_send(id, IPI_START);
    return sbi_return(0);
}

/* The reservation goes with the supervisor that made it. */
static void drop_reservation(void)
{
    u32 word;

    __asm__ volatile("sc.w x0, x0, (%0)" ::"r"(&word) : "memory");
}

static struct sbi_result stop(void)
{
    struct hart *hart = hart_self();

    hart_set_state(hart, HART_STOP_PENDING);
    drop_reservation();
    hart_set_state(hart, HART_STOPPED);
    boot_wait();
}

static struct sbi_result get_status(u64 id)
{
    if (!hart_exists(id))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    return sbi_return(hart_state(&harts[id]));
}

static struct sbi_result suspend(u32 type)
{
    struct hart *hart = hart_self();

    if (type == SUSPEND_RETENTIVE) {
        hart_set_state(hart, HART_SUSPENDED);
        hart_sleep();
        hart_set_state(hart, HART_STARTED);
        return sbi_return(0);
    }
    if (type == SUSPEND_NON_RETENTIVE ||
        (type & ~SUSPEND_NON_RETENTIVE) >= SUSPEND_RETENTIVE_PLATFORM)
        return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    return sbi_fail(SBI_ERR_INVALID_PARAM);
}

struct sbi_result sbi_hsm(const struct sbi_call *call)
{
    const u64 *arg = call->arg;

    switch (call->function) {
    case HART_START: return start(arg[0], arg[1], arg[2]);
    case HART_STOP: return stop();
    case HART_GET_STATUS: return get_status(arg[0]);
    case HART_SUSPEND: return suspend((u32)arg[0]);
    default: return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    }
}
