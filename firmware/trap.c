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
#include "hart.h"
#include "ipi.h"
#include "layout.h"
#include "pmu.h"
#include "sbi.h"

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "trap.S knows this");
_Static_assert(offsetof(struct trap_frame, mepc) == FRAME_MEPC, "and this");
_Static_assert(offsetof(struct trap_frame, mstatus) == FRAME_MSTATUS,
               "and this");

void trap_redirect(struct trap_frame *frame, u64 cause, u64 tval)
{
    u64 status = frame->mstatus;
    bool from_s = (status & MSTATUS_MPP) == MSTATUS_MPP_S;
    bool enabled = status & MSTATUS_SIE;

    csr_write(sepc, frame->mepc);
    csr_write(scause, cause);
    csr_write(stval, tval);
    status &= ~(u64)(MSTATUS_MPP | MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE);
    status |= MSTATUS_MPP_S;
    status |= from_s ? MSTATUS_SPP : 0;
    status |= enabled ? MSTATUS_SPIE : 0;
    frame->mstatus = status;
    frame->mepc = csr_read(stvec) & ~3ul;
}

/* mtimecmp was reached: the supervisor's timer is pending until it sets a
 * new one. */
static void timer_interrupt(void)
{
    csr_clear(mie, MIP_MTIP);
    csr_set(mip, MIP_STIP);
}

void trap_handle(struct trap_frame *frame)
{
    u64 cause = csr_read(mcause);

    switch (cause) {
    case INTERRUPT | IRQ_M_TIMER: timer_interrupt(); break;
    case INTERRUPT | IRQ_M_SOFT: ipi_take(); break;
    case CAUSE_ECALL_S: sbi_call(frame); break;
    default:
        pmu_count_trap(cause);
        trap_redirect(frame, cause, csr_read(mtval));
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
