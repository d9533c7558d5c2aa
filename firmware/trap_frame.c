/* The interrupted context, and how a trap in it goes on; see trap_frame.h. */
#include "trap_frame.h"

#include "csr.h"
#include "layout.h"

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "trap.S knows this");
_Static_assert(offsetof(struct trap_frame, mepc) == FRAME_MEPC, "and this");
_Static_assert(offsetof(struct trap_frame, mstatus) == FRAME_MSTATUS,
               "and this");

void trap_frame_redirect(struct trap_frame *frame, u64 cause, u64 tval)
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
