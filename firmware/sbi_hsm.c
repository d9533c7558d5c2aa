/*
 * SBI "Hart State Management Extension" (HSM).
 *
 * Suspending is waiting in M-mode for an interrupt that the supervisor has
 * enabled, or for an IPI to it; fences of other harts are served meanwhile.
 * Nothing is lost in that time. The non-retentive kind differs in where it goes
 * on: as a started hart does, with what the specification names set and what
 * it does not name kept.
 */
#include "boot.h"
#include "hart.h"
#include "ipi.h"
#include "platform.h"
#include "sbi.h"
#include "soft.h"
#include "timer.h"

enum { HART_START, HART_STOP, HART_GET_STATUS, HART_SUSPEND };

#define SUSPEND_RETENTIVE 0x00000000u
#define SUSPEND_NON_RETENTIVE 0x80000000u

/* Whether a supervisor can begin there. */
static bool is_entry(u64 pc)
{
    return pc % 2 == 0 && platform_is_supervisors(pc, 2);
}

static struct sbi_result start(u64 id, u64 pc, u64 opaque)
{
    u32 stopped = HART_STOPPED;
    struct hart *hart;

    if (!hart_exists(id))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (!is_entry(pc))
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

static void sleep_until_interrupt(void)
{
    for (;;) {
        u64 pending = csr_read(mip) & csr_read(mie);

        if (pending & MIP_MSIP) {
            if (soft_serve())
                return;
        } else if (pending & MIP_MTIP) {
            timer_take();
        } else if (pending) {
            return;
        } else {
            hart_sleep();
        }
    }
}

static struct sbi_result suspend(u32 type, u64 pc, u64 opaque)
{
    struct hart *hart = hart_self();

    if (type != SUSPEND_RETENTIVE && type != SUSPEND_NON_RETENTIVE)
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (type == SUSPEND_NON_RETENTIVE && !is_entry(pc))
        return sbi_fail(SBI_ERR_INVALID_ADDRESS);
    hart_set_state(hart, HART_SUSPENDED);
    sleep_until_interrupt();
    hart_set_state(hart, HART_STARTED);
    if (type == SUSPEND_NON_RETENTIVE)
        boot_resume(pc, opaque);
    return sbi_return(0);
}

struct sbi_result sbi_hsm(const struct sbi_call *call)
{
    const u64 *arg = call->arg;

    switch (call->function) {
    case HART_START: return start(arg[0], arg[1], arg[2]);
    case HART_STOP: return stop();
    case HART_GET_STATUS: return get_status(arg[0]);
    case HART_SUSPEND: return suspend((u32)arg[0], arg[1], arg[2]);
    default: return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    }
}
