/*
 * Events of retirement: retire and csr_write.
 *
 * While one of them is watched all of the slice but a step is held (slice.h),
 * so that the interpreter comes back after each instruction as it does at any
 * deadline; it is not told why, and blocks are the same as ever. What
 * the instruction did is seen from the hart before and after it.
 *
 * An event bears the time, pc and privilege that the instruction had while it
 * was executed, as those of its loads and stores do.
 *
 * CSRs are reported under the register that holds the bits: sstatus is a view
 * of mstatus, fcsr is fflags and frm. To see which flags an instruction
 * raises, and not only which are new, those raised before are set aside while
 * it runs (hart.h: fflags_before).
 */
#include "hart/interp/retire.h"

#include "hart/system/csr.h"
#include "hart/interp/interp.h"
#include "hart/interp/step.h"
#include "isa/csr.h"

/* The hart before the instruction. */
struct before {
    u64 time, pc, status;
    u8 priv;
};

static struct rvemu_event *new_event(struct hart *h, const struct before *b,
                                     unsigned kind)
{
    struct rvemu_event *event = hart_event_at(h, kind, b->time, b->pc);

    event->priv = b->priv;
    return event;
}

static void report_csr(struct hart *h, const struct before *b, unsigned number)
{
    u64 value;

    if (csr_peek(h, number, &value))
        new_event(h, b, RVEMU_EVENT_csr_write)->csr_write =
            (struct rvemu_ev_csr_write){number, value};
}

/* Reports the CSR that an instruction named. */
static void report_named(struct hart *h, const struct before *b,
                         unsigned number)
{
    switch (number) {
    case CSR_sstatus: report_csr(h, b, CSR_mstatus); break;
    case CSR_sie: report_csr(h, b, CSR_mie); break;
    case CSR_sip: report_csr(h, b, CSR_mip); break;
    case CSR_fcsr:
        report_csr(h, b, CSR_fflags);
        report_csr(h, b, CSR_frm);
        break;
    default: report_csr(h, b, number); break;
    }
}

/* Reports the CSRs written, whether csrrw and its like named them or not:
 * returns change mstatus, FP instructions raise flags, and whatever changes FP
 * state makes FS Dirty. */
static void report_csrs(struct hart *h, const struct before *b,
                        const struct insn *in, u8 raised)
{
    bool returns = in->op == OP_mret || in->op == OP_sret;

    if (h->c.csr_written)
        report_named(h, b, h->c.csr_written);
    else if (raised)
        report_csr(h, b, CSR_fflags);
    if (h->c.csr_written == CSR_mstatus || h->c.csr_written == CSR_sstatus)
        return;
    if (returns || (h->s.csr.mstatus ^ b->status) & MSTATUS_FS)
        report_csr(h, b, CSR_mstatus);
}

static void report_retired(struct hart *h, const struct before *b,
                           const struct insn *in)
{
    bool jump = in->op == CODE_aligned_jump; /* of a branch, rd is 0 */
    unsigned op = jump ? OP_jalr : in->op;
    unsigned flags = op < OP_COUNT ? op_info[op].flags : 0;
    u64 rd = 0, value = 0;

    if (flags & OPF_RD && in->rd != CODE_X_SINK) {
        rd = in->rd;
        value = h->s.x[in->rd];
    } else if (flags & OPF_FRD) {
        rd = RVEMU_REG_F0 + in->rd;
        value = h->s.f[in->rd];
    }
    new_event(h, b, RVEMU_EVENT_retire)->retire =
        (struct rvemu_ev_retire){in->raw, rd, value};
}

/* Whether the first instruction of a block may raise floating-point flags; of
 * one that is in no block it is not known. */
static bool may_raise_flags(const struct block *block)
{
    const struct insn *in = block ? block_plain_of(block, block->insn) : NULL;

    return !in || (in->op < OP_COUNT && op_info[in->op].flags & OPF_FP);
}

static void set_flags_aside(struct hart *h)
{
    h->c.fflags_before = h->s.fflags | fp_flags_collect(&h->c.fp);
    h->s.fflags = 0;
    fp_flags_clear(&h->c.fp);
}

/* Returns the flags that the instruction raised. */
static u8 put_flags_back(struct hart *h)
{
    u8 raised = h->s.fflags | fp_flags_collect(&h->c.fp);

    h->s.fflags |= h->c.fflags_before;
    h->c.fflags_before = 0;
    return raised;
}

/* As step_one(). Returns the flags that the instruction raised. */
static u8 step_for_flags(struct hart *h, const struct block *block)
{
    if (!may_raise_flags(block)) {
        step_one(h, block);
        return 0;
    }
    set_flags_aside(h);
    step_one(h, block);
    return put_flags_back(h);
}

static void report(struct hart *h, const struct before *b, u8 raised)
{
    const struct insn *in = h->c.block->insn;

    if (trace_wants(h->w.trace, RVEMU_EVENT_csr_write))
        report_csrs(h, b, in, raised);
    if (trace_wants(h->w.trace, RVEMU_EVENT_retire))
        report_retired(h, b, in);
}

void retire_step(struct hart *h)
{
    const struct before b = {.time = clock_now(h->w.clock),
                             .pc = h->s.pc,
                             .status = h->s.csr.mstatus,
                             .priv = h->s.priv};
    const struct block *block;
    u8 raised = 0;

    if (h->s.slice.budget <= 0) /* an interrupt has taken the last step */
        return;
    h->c.csr_written = 0;
    slice_hold(&h->s.slice, hart_steps(h) + 1);
    if (interp_find(h, &block))
        raised = step_for_flags(h, block);
    if (h->s.slice.budget == 0 && !h->c.raised)
        report(h, &b, raised);
}
