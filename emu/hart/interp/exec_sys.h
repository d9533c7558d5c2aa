/*
 * Bodies of the system instructions: CSRs, fences, traps, returns, wfi, and
 * the operations that only blocks contain.
 *
 * Privileged spec: "Privileged Instructions", "Zicsr", "Zifencei". Which of
 * them a privilege may not execute at all was settled by decoding
 * (code/form.h); TVM, TW and TSR are asked here.
 */
#ifndef HART_INTERP_EXEC_SYS_H
#define HART_INTERP_EXEC_SYS_H

#include "hart/system/csr.h"
#include "hart/interp/exec_int.h"
#include "hart/mmu/fetched.h"
#include "hart/mmu/mmu.h"
#include "hart/system/semihosting.h"
#include "hart/system/trap.h"
#include "hart/system/waiting.h"

/* csrrw to x0 does not read; csrrs and csrrc of x0 do not write. */
static inline bool exec_csrrw(struct hart *h, const struct insn *in)
{
    return csr_access(h, in, CSR_SWAP, RS1, in->rd != CODE_X_SINK, true);
}

static inline bool exec_csrrs(struct hart *h, const struct insn *in)
{
    return csr_access(h, in, CSR_SET, RS1, true, in->rs1 != 0);
}

static inline bool exec_csrrc(struct hart *h, const struct insn *in)
{
    return csr_access(h, in, CSR_CLEAR, RS1, true, in->rs1 != 0);
}

static inline bool exec_csrrwi(struct hart *h, const struct insn *in)
{
    return csr_access(h, in, CSR_SWAP, in->rs1, in->rd != CODE_X_SINK, true);
}

static inline bool exec_csrrsi(struct hart *h, const struct insn *in)
{
    return csr_access(h, in, CSR_SET, in->rs1, true, in->rs1 != 0);
}

static inline bool exec_csrrci(struct hart *h, const struct insn *in)
{
    return csr_access(h, in, CSR_CLEAR, in->rs1, true, in->rs1 != 0);
}

static inline bool exec_illegal(struct hart *h, const struct insn *in)
{
    return hart_illegal(h, in);
}

static inline bool exec_ecall(struct hart *h, const struct insn *in)
{
    return hart_raise(h, CAUSE_ECALL_U + h->s.priv, 0);
}

/* Sstvala leaves 0 or the address; riscv-arch-test wants the address. */
static inline bool exec_ebreak(struct hart *h, const struct insn *in)
{
    if (h->w.config.semihosting && semihosting_call(h, in))
        return !h->c.attention;
    return hart_raise(h, CAUSE_BREAKPOINT, h->s.page_va + in->off);
}

static inline bool exec_mret(struct hart *h, const struct insn *in)
{
    return trap_mret(h, in);
}

static inline bool exec_sret(struct hart *h, const struct insn *in)
{
    return trap_sret(h, in);
}

/* One host thread runs all harts in turn: memory is always in order. */
static inline bool exec_fence(struct hart *h, const struct insn *in)
{
    return true;
}

/* The turn is over if another hart can use the time (Zihintpause). */
static inline bool exec_pause(struct hart *h, const struct insn *in)
{
    return hart_pause(h, in);
}

/* A store to code, whoever makes it, kills its blocks and leaves the one that
 * runs (mem.c): nothing is ever stale. */
static inline bool exec_fence_i(struct hart *h, const struct insn *in)
{
    h->c.in = in;
    if (trace_wants(h->w.trace, RVEMU_EVENT_fence_i))
        hart_event(h, RVEMU_EVENT_fence_i)->fence_i =
            (struct rvemu_ev_fence_i){in->raw};
    if (h->w.siblings->changes->on)
        fetched_fenced(h);
    return true;
}

typedef void fence_fn(struct hart *hart, const u64 *va, const u16 *asid);

static inline bool fence_by(struct hart *h, const struct insn *in,
                            fence_fn *fence)
{
    u64 va = RS1;
    u16 asid = (u16)(RS2 & hart_asid_mask(h));

    h->c.in = in;
    if (h->s.priv == PRIV_S && h->s.csr.mstatus & MSTATUS_TVM)
        return hart_illegal(h, in);
    fence(h, in->rs1 ? &va : NULL, in->rs2 ? &asid : NULL);
    return false;
}

static inline bool exec_sfence_vma(struct hart *h, const struct insn *in)
{
    return fence_by(h, in, mmu_fence);
}

/* Stores are visible to walks at once, and a fence takes effect at once: the
 * invalidation is the whole fence, and what would order it does nothing. */
static inline bool exec_sinval_vma(struct hart *h, const struct insn *in)
{
    return fence_by(h, in, mmu_invalidate);
}

static inline bool exec_sfence_w_inval(struct hart *h, const struct insn *in)
{
    h->c.in = in;
    mmu_bracket(h, RVEMU_SFENCE_W_INVAL);
    return !h->c.attention;
}

static inline bool exec_sfence_inval_ir(struct hart *h, const struct insn *in)
{
    h->c.in = in;
    mmu_bracket(h, RVEMU_SFENCE_INVAL_IR);
    return !h->c.attention;
}

/* U-mode may wait as little as an S-mode hart under TW: not at all. */
static inline bool exec_wfi(struct hart *h, const struct insn *in)
{
    if (h->s.priv == PRIV_U ||
        (h->s.priv == PRIV_S && h->s.csr.mstatus & MSTATUS_TW))
        return hart_illegal(h, in);
    h->s.waiting = true;
    h->c.attention = true;
    return false;
}

static inline bool exec_next(struct hart *h, const struct insn *in)
{
    return true;
}

static inline bool exec_jal_on(struct hart *h, const struct insn *in)
{
    return exec_jal(h, in);
}

/* The hint that names things (guest/include/uapi/mark.h). */
static inline bool exec_mark(struct hart *h, const struct insn *in)
{
    h->c.in = in;
    hart_event(h, RVEMU_EVENT_mark)->mark = (struct rvemu_ev_mark){
        IMM, h->s.x[10], h->s.x[11], h->s.x[12], h->s.x[13]};
    return !h->c.attention;
}

#endif
