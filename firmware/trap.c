/*
 * Traps into M-mode (privileged spec, "Machine-Level ISA").
 *
 * Only three kinds are the firmware's own: the machine timer and software
 * interrupts, and the supervisor's ecall. Whatever else arrives, because the
 * hart could not delegate it, goes on to the supervisor unchanged. A trap
 * taken inside the firmware is its own defect or a machine it does not fit:
 * it says where, and fails the machine.
 */
#include "trap.h"

#include "console.h"
#include "csr.h"
#include "finisher.h"
#include "pmu.h"
#include "sbi.h"
#include "soft.h"
#include "timer.h"

void trap_handle(struct trap_frame *frame)
{
    u64 cause = csr_read(mcause);

    switch (cause) {
    case INTERRUPT | IRQ_M_TIMER: timer_take(); break;
    case INTERRUPT | IRQ_M_SOFT: soft_serve(); break;
    case CAUSE_ECALL_S: sbi_serve(frame); break;
    default:
        pmu_count_trap(cause);
        trap_frame_redirect(frame, cause, csr_read(mtval));
        break;
    }
}

void trap_inside(void)
{
    console_put_string("emu firmware: trap in M-mode, hart ");
    console_put_hex(csr_read(mhartid));
    console_put_string(" cause ");
    console_put_hex(csr_read(mcause));
    console_put_string(" pc ");
    console_put_hex(csr_read(mepc));
    console_put_string(" tval ");
    console_put_hex(csr_read(mtval));
    console_put_string("\n");
    finisher_fail(1);
}
