/* Traps and returns; see trap.h. */
#include "hart/system/trap.h"

#include "base/bits.h"
#include "hart/mmu/arrays.h"
#include "hart/system/counters.h"
#include "hart/system/interrupts.h"
#include "hart/system/sbi.h"

static bool is_delegated(const struct hart *h, u64 cause)
{
    u64 deleg = cause & CAUSE_INTERRUPT ? h->s.csr.mideleg : h->s.csr.medeleg;

    return h->s.priv <= PRIV_S && bit(deleg, cause & 63);
}

static u64 vector(u64 tvec, u64 cause)
{
    u64 base = tvec & ~3ull;

    return tvec & 1 && cause & CAUSE_INTERRUPT ? base + 4 * (cause & 63) : base;
}

static void enter_s(struct hart *h, u64 cause, u64 tval)
{
    u64 status = h->s.csr.mstatus;
    u64 sie = status & MSTATUS_SIE;

    h->s.csr.scause = cause;
    h->s.csr.stval = tval;
    h->s.csr.sepc = h->s.pc;
    status &= ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE);
    status |= h->s.priv == PRIV_S ? MSTATUS_SPP : 0;
    status |= sie ? MSTATUS_SPIE : 0;
    h->s.csr.mstatus = status;
    h->s.priv = PRIV_S;
    h->s.pc = vector(h->s.csr.stvec, cause);
}

static void enter_m(struct hart *h, u64 cause, u64 tval)
{
    u64 status = h->s.csr.mstatus;
    u64 mie = status & MSTATUS_MIE;

    h->s.csr.mcause = cause;
    h->s.csr.mtval = tval;
    h->s.csr.mepc = h->s.pc;
    status &= ~(MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE);
    status |= (u64)h->s.priv << 11;
    status |= mie ? MSTATUS_MPIE : 0;
    h->s.csr.mstatus = status;
    h->s.priv = PRIV_M;
    h->s.pc = vector(h->s.csr.mtvec, cause);
}

/* The privilege has changed: sets anew what it decides. */
static void change_mode(struct hart *h)
{
    if (h->s.counters.filtered)
        counters_change_mode(h);
    hart_update_context(h);
}

static void take(struct hart *h, u64 cause, u64 tval)
{
    bool to_s = is_delegated(h, cause);

    if (trace_wants(h->w.trace, RVEMU_EVENT_trap)) {
        hart_event(h, RVEMU_EVENT_trap)->trap = (struct rvemu_ev_trap){
            cause, tval, h->s.pc, to_s ? PRIV_S : PRIV_M};
    }
    if (cause == CAUSE_ECALL_U + PRIV_S && !to_s)
        sbi_called(h);
    hart_count(h, cause & CAUSE_INTERRUPT ? COUNTED_INTERRUPTS : COUNTED_TRAPS,
               1);
    h->s.traps++;
    h->s.slice.budget--;
    h->s.waiting = false;
    if (to_s)
        enter_s(h, cause, tval);
    else
        enter_m(h, cause, tval);
    change_mode(h);
}

static bool same(const struct trap *a, const struct trap *b)
{
    return a->cause == b->cause && a->tval == b->tval && a->pc == b->pc;
}

/* Keeps the trap that is about to be taken. Whether a loop begins with it: it
 * is the last one over again, with nothing retired in between. */
static bool remember(struct hart *h, const struct trap *now)
{
    struct trap_history *history = &h->s.history;
    bool at_once = history->step + 1 == hart_steps(h);
    bool repeats = at_once && same(now, &history->last);
    bool begins = repeats && !history->repeats;

    if (!repeats)
        history->first = at_once ? history->last : *now;
    history->last = *now;
    history->step = hart_steps(h);
    history->repeats = repeats;
    return begins;
}

void trap_take_exception(struct hart *h)
{
    const struct trap now = {h->c.raise_cause, h->c.raise_tval, h->s.pc};

    h->c.raised = false;
    if (remember(h, &now))
        clock_cut(h->w.clock); /* for the machine to look at */
    take(h, now.cause, now.tval);
}

bool trap_take_interrupt(struct hart *h)
{
    unsigned number = interrupts_next(h);

    if (number)
        take(h, CAUSE_INTERRUPT | number, 0);
    return number != 0;
}

static bool go_to(struct hart *h, u64 pc, unsigned priv)
{
    if (trace_wants(h->w.trace, RVEMU_EVENT_xret))
        hart_event(h, RVEMU_EVENT_xret)->xret =
            (struct rvemu_ev_xret){pc, priv};
    h->s.pc = pc;
    h->s.priv = (u8)priv;
    if (priv != PRIV_M)
        h->s.csr.mstatus &= ~MSTATUS_MPRV;
    h->c.attention = true;
    change_mode(h);
    return false;
}

bool trap_mret(struct hart *h, const struct insn *in)
{
    u64 status = h->s.csr.mstatus;
    unsigned priv = (unsigned)(status >> 11 & 3);

    h->c.in = in;
    status &= ~(MSTATUS_MPP | MSTATUS_MIE);
    status |= status & MSTATUS_MPIE ? MSTATUS_MIE : 0;
    h->s.csr.mstatus = status | MSTATUS_MPIE;
    if (h->s.sbi.open && priv != PRIV_M)
        sbi_left(h, h->s.csr.mepc, priv);
    return go_to(h, h->s.csr.mepc, priv);
}

bool trap_sret(struct hart *h, const struct insn *in)
{
    u64 status = h->s.csr.mstatus;
    unsigned priv = status & MSTATUS_SPP ? PRIV_S : PRIV_U;

    h->c.in = in;
    if (h->s.priv == PRIV_S && status & MSTATUS_TSR)
        return hart_illegal(h, in);
    status &= ~(MSTATUS_SPP | MSTATUS_SIE);
    status |= status & MSTATUS_SPIE ? MSTATUS_SIE : 0;
    h->s.csr.mstatus = status | MSTATUS_SPIE;
    return go_to(h, h->s.csr.sepc, priv);
}
