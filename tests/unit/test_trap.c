/*
 * Unit tests of traps and returns (emu/hart/system/trap.c): which interrupt is
 * taken and where, for every set of pending ones, delegation, privilege and
 * enable; what a trap and a return do to the status register; and the places
 * where a trap must not lose or gain a step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hart/system/interrupts.h"
#include "hart/system/trap.h"
#include "hart_bench.h"
#include "isa/csr.h"

#define MTVEC (BENCH_RAM + 0x100)
#define STVEC (BENCH_RAM + 0x200)
#define PC (BENCH_RAM + 0x1234)
#define INTERRUPT (1ull << 63)

/* The order of the specification, highest first. */
static const unsigned order[] = {11, 3, 7, 9, 1, 5, 13};
#define KINDS 7

static const unsigned privs[] = {PRIV_U, PRIV_S, PRIV_M};

static u64 spread(unsigned set)
{
    u64 mask = 0;

    for (unsigned i = 0; i < KINDS; i++)
        mask |= (u64)(set >> i & 1) << order[i];
    return mask;
}

/* The interrupt that has to be taken, or −1: those bound for M-mode go before
 * all that are delegated. */
static int model(u64 pending, u64 deleg, unsigned priv, bool mie, bool sie)
{
    bool m = priv < PRIV_M || mie;
    bool s = priv < PRIV_S || (priv == PRIV_S && sie);

    for (unsigned i = 0; m && i < KINDS; i++)
        if ((pending & ~deleg) >> order[i] & 1)
            return (int)order[i];
    for (unsigned i = 0; s && i < KINDS; i++)
        if ((pending & deleg) >> order[i] & 1)
            return (int)order[i];
    return -1;
}

static void set_state(struct bench *b, unsigned priv, u64 status)
{
    struct hart *h = &b->hart;

    bench_set_mode(b, priv, status);
    h->s.pc = PC;
    h->s.csr.mtvec = MTVEC;
    h->s.csr.stvec = STVEC;
    h->s.csr.mepc = h->s.csr.sepc = h->s.csr.mcause = h->s.csr.scause = 7;
    h->s.csr.mtval = h->s.csr.stval = 7;
    h->s.history = (struct trap_history){.step = UINT64_MAX - 1};
    h->s.waiting = false;
}

static void every_set_of_interrupts(void **state)
{
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned n = 0; n < 2048 * 12; n++) {
        u64 pending = spread(n & 127), deleg = spread((n >> 7 & 15) << 3);
        unsigned priv = privs[n / 2048 % 3];
        bool mie = n / 6144 & 1, sie = n / 6144 & 2;
        int want = model(pending, deleg, priv, mie, sie);
        bool to_s = want >= 0 && deleg >> want & 1;

        set_state(b, priv, (mie ? MSTATUS_MIE : 0) | (sie ? MSTATUS_SIE : 0));
        h->s.csr.mie = 0x2aaa;
        h->s.csr.mip = pending;
        h->s.csr.mideleg = deleg;
        h->s.slice.budget = 10;
        assert_int_equal(trap_take_interrupt(h), want >= 0);
        assert_int_equal(h->s.slice.budget, want >= 0 ? 9 : 10); /* a step */
        if (want < 0) {
            assert_int_equal(h->s.pc, PC);
            continue;
        }
        assert_int_equal(h->s.priv, to_s ? PRIV_S : PRIV_M);
        assert_int_equal(to_s ? h->s.csr.scause : h->s.csr.mcause,
                         INTERRUPT | (u64)want);
        assert_int_equal(to_s ? h->s.csr.sepc : h->s.csr.mepc, PC);
        assert_int_equal(to_s ? h->s.csr.stval : h->s.csr.mtval, 0);
        assert_int_equal(h->s.pc, to_s ? STVEC : MTVEC);
    }
}

/* Enabled is mie, not mip; and a wire counts like the bit. */
static void only_enabled_interrupts(void **state)
{
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned i = 0; i < KINDS; i++) {
        set_state(b, PRIV_U, 0);
        h->s.csr.mip = 0x2aaa;
        h->s.csr.mie = 1u << order[i];
        assert_true(trap_take_interrupt(h));
        assert_int_equal(h->s.csr.mcause, INTERRUPT | order[i]);
    }
    set_state(b, PRIV_U, 0);
    h->s.csr.mip = 0;
    h->s.csr.mie = 1u << INT_SEI;
    assert_false(trap_take_interrupt(h));
    interrupts_drive(h, INT_SEI, true);
    assert_true(trap_take_interrupt(h));
    assert_int_equal(h->s.csr.mcause, INTERRUPT | INT_SEI);
}

static void vectors_are_for_interrupts(void **state)
{
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned i = 0; i < 6; i++) {
        set_state(b, PRIV_U, 0);
        h->s.csr.mtvec |= 1;
        h->s.csr.mip = h->s.csr.mie = 1u << order[i];
        assert_true(trap_take_interrupt(h));
        assert_int_equal(h->s.pc, MTVEC + 4 * order[i]);
    }
    set_state(b, PRIV_U, 0);
    h->s.csr.mtvec |= 1;
    h->c.raised = true;
    h->c.raise_cause = CAUSE_STORE_PAGE;
    trap_take_exception(h);
    assert_int_equal(h->s.pc, MTVEC);
}

/* Each cause, delegated or not, from each privilege; M keeps its own. */
static void every_exception(void **state)
{
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned n = 0; n < 16 * 3 * 2; n++) {
        unsigned cause = n & 15, priv = privs[n / 16 % 3];
        bool deleg = n >= 48, to_s = deleg && priv != PRIV_M;

        set_state(b, priv, 0);
        h->s.csr.medeleg = deleg ? 1ull << cause : ~(1ull << cause);
        h->c.raised = true;
        h->c.raise_cause = cause;
        h->c.raise_tval = 0x5555 + n;
        trap_take_exception(h);
        assert_false(h->c.raised);
        assert_false(trap_is_looping(h));
        assert_int_equal(h->s.priv, to_s ? PRIV_S : PRIV_M);
        assert_int_equal(to_s ? h->s.csr.scause : h->s.csr.mcause, cause);
        assert_int_equal(to_s ? h->s.csr.stval : h->s.csr.mtval, 0x5555 + n);
        assert_int_equal(to_s ? h->s.csr.sepc : h->s.csr.mepc, PC);
        assert_int_equal(to_s ? h->s.csr.mepc : h->s.csr.sepc, 7);
        assert_int_equal(h->s.pc, to_s ? STVEC : MTVEC);
    }
}

/* xPIE and xPP take what xIE and the privilege were, and the other mode's
 * fields and everything else stay. */
static void a_trap_stacks_the_status(void **state)
{
    struct bench *b = *state;
    struct hart *h = &b->hart;
    u64 rest = MSTATUS_MPRV | MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TSR;

    for (unsigned n = 0; n < 3 * 64; n++) {
        unsigned priv = privs[n % 3];
        u64 ie = (n / 3 & 1 ? MSTATUS_MIE : 0) | (n / 3 & 2 ? MSTATUS_SIE : 0);
        u64 old = ie | (n / 3 & 4 ? MSTATUS_MPIE | MSTATUS_SPIE : 0) |
                  (n / 3 & 8 ? MSTATUS_MPP | MSTATUS_SPP : 0) |
                  (n / 3 & 16 ? rest : 0);
        bool to_s = n / 3 & 32 && priv != PRIV_M;
        u64 want;

        set_state(b, priv, old);
        h->s.csr.medeleg = n / 3 & 32 ? ~0ull : 0;
        h->c.raised = true;
        h->c.raise_cause = CAUSE_ILLEGAL;
        trap_take_exception(h);
        want = old & ~(to_s ? MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP
                            : MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP);
        if (to_s)
            want |= (ie & MSTATUS_SIE ? MSTATUS_SPIE : 0) |
                    (priv == PRIV_S ? MSTATUS_SPP : 0);
        else
            want |= (ie & MSTATUS_MIE ? MSTATUS_MPIE : 0) | (u64)priv << 11;
        assert_int_equal(h->s.csr.mstatus, want);
    }
}

/* MRET and SRET: back to xPP with xIE = xPIE; xPIE becomes 1, xPP U; MPRV
 * goes when the privilege is below M. */
static void a_return_unstacks_the_status(void **state)
{
    static const struct insn in = {.len = 4};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned n = 0; n < 3 * 4; n++) {
        unsigned to = privs[n % 3];
        u64 pie = n / 3 & 1 ? MSTATUS_MPIE : 0;
        u64 ie = n / 3 & 2 ? MSTATUS_MIE : 0;

        set_state(b, PRIV_M, pie | ie | (u64)to << 11 | MSTATUS_MPRV);
        h->s.csr.mepc = 0x4242;
        assert_false(trap_mret(h, &in));
        assert_int_equal(h->s.priv, to);
        assert_int_equal(h->s.pc, 0x4242);
        assert_int_equal(h->s.csr.mstatus,
                         (pie ? MSTATUS_MIE : 0) | MSTATUS_MPIE |
                             (to == PRIV_M ? MSTATUS_MPRV : 0));
    }
    for (unsigned n = 0; n < 2 * 2 * 4; n++) {
        unsigned from = n & 1 ? PRIV_M : PRIV_S;
        u64 spp = n & 2 ? MSTATUS_SPP : 0;
        u64 pie = n & 4 ? MSTATUS_SPIE : 0, ie = n & 8 ? MSTATUS_SIE : 0;

        set_state(b, from, spp | pie | ie | MSTATUS_MPRV | MSTATUS_MPP);
        h->s.csr.sepc = 0x4242;
        assert_false(trap_sret(h, &in));
        assert_int_equal(h->s.priv, spp ? PRIV_S : PRIV_U);
        assert_int_equal(h->s.pc, 0x4242);
        assert_int_equal(h->s.csr.mstatus,
                         (pie ? MSTATUS_SIE : 0) | MSTATUS_SPIE | MSTATUS_MPP);
    }
}

static void tsr_traps_sret_in_s_mode(void **state)
{
    static const struct insn in = {.len = 4};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    set_state(b, PRIV_S, MSTATUS_TSR);
    h->c.raised = false;
    assert_false(trap_sret(h, &in));
    assert_true(h->c.raised);
    assert_int_equal(h->c.raise_cause, CAUSE_ILLEGAL);
    assert_int_equal(h->s.priv, PRIV_S);
    h->c.raised = false;
    set_state(b, PRIV_M, MSTATUS_TSR);
    assert_false(trap_sret(h, &in));
    assert_false(h->c.raised);
    assert_int_equal(h->s.priv, PRIV_U);
}

/* Running code. x5 and up are free; a handler at MTVEC stops in a loop. */

#define NOP 0x00000013u
#define LOOP 0x0000006fu
#define ECALL 0x00000073u
#define WFI 0x10500073u
#define MARK 0x00352013u /* slti x0, a0, 3 */
#define ILLEGAL 0xffffffffu
#define CSRR(rd, number) ((number) << 20 | 2 << 12 | (rd) << 7 | 0x73u)
#define CSRW(number, rs1) ((number) << 20 | (rs1) << 15 | 1 << 12 | 0x73u)

static void start(struct bench *b, unsigned priv, const u32 *code, unsigned n)
{
    const u32 loop = LOOP;

    set_state(b, priv, 0);
    bench_code(b, MTVEC, &loop, 1);
    bench_code(b, BENCH_RAM + 0x1000, code, n);
}

/* Steps count the trap; instret does not count what did not retire. */
static void a_fault_in_a_block_counts_exactly(void **state)
{
    static const u32 faults[] = {ILLEGAL, ECALL, 0x00003003 /* ld x0, 0 */};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned f = 0; f < 3; f++)
        for (unsigned before = 0; before < 9; before++)
            for (unsigned steps = 1; steps < 14; steps++) {
                u32 code[10] = {NOP, NOP, NOP, NOP, NOP, NOP, NOP, NOP, NOP};
                u64 at = hart_steps(h), retired = hart_retired(h);
                bool trapped = steps > before;

                code[before] = faults[f];
                start(b, PRIV_M, code, 10);
                assert_int_equal(hart_run(h, steps), HART_SLICE_OVER);
                assert_int_equal(hart_steps(h) - at, steps);
                assert_int_equal(hart_retired(h) - retired, steps - trapped);
                assert_int_equal(h->s.pc,
                                 trapped ? MTVEC
                                         : BENCH_RAM + 0x1000 + 4ull * steps);
                if (trapped)
                    assert_int_equal(h->s.csr.mepc,
                                     BENCH_RAM + 0x1000 + 4ull * before);
            }
}

/* What is written to a counter is what the next instruction reads. */
static void a_written_counter_is_read_back(void **state)
{
    static const unsigned counters[] = {CSR_mcycle, CSR_minstret};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned i = 0; i < 2; i++) {
        const u32 code[] = {NOP,
                            CSRW(counters[i], 10),
                            CSRR(11, counters[i]),
                            NOP,
                            CSRR(12, counters[i]),
                            CSRW(CSR_mcountinhibit, 13),
                            CSRR(14, counters[i]),
                            NOP,
                            CSRR(15, counters[i]),
                            CSRW(CSR_mcountinhibit, 0),
                            CSRR(16, counters[i]),
                            LOOP};

        start(b, PRIV_M, code, 12);
        h->s.x[10] = 1000;
        h->s.x[13] = 5;
        hart_run(h, 20);
        assert_int_equal(h->s.x[11], 1000);
        assert_int_equal(h->s.x[12], 1002);
        assert_int_equal(h->s.x[14], 1004);
        assert_int_equal(h->s.x[15], 1004);
        assert_int_equal(h->s.x[16], 1004);
    }
}

/* wfi: waits with nothing pending; goes on when something enabled comes, MIE
 * or not; TW and U-mode make it illegal. */
static void wfi_waits_for_what_is_enabled(void **state)
{
    static const u32 code[] = {NOP, WFI, NOP, LOOP};
    struct bench *b = *state;
    struct hart *h = &b->hart;
    u64 at;

    start(b, PRIV_M, code, 4);
    h->s.csr.mie = 1 << INT_MTI;
    at = hart_steps(h);
    assert_int_equal(hart_run(h, 100), HART_WAITING);
    assert_int_equal(hart_steps(h) - at, 2);
    interrupts_drive(h, INT_MSI, true); /* not enabled */
    assert_int_equal(hart_run(h, 100), HART_WAITING);
    assert_int_equal(hart_steps(h) - at, 2);
    interrupts_drive(h, INT_MTI, true);
    assert_int_equal(hart_run(h, 10), HART_SLICE_OVER); /* MIE is 0 */
    assert_int_equal(h->s.pc, BENCH_RAM + 0x100c);
    interrupts_drive(h, INT_MTI, false);

    start(b, PRIV_S, code, 4);
    h->s.csr.mstatus |= MSTATUS_TW;
    hart_run(h, 2);
    assert_int_equal(h->s.csr.mcause, CAUSE_ILLEGAL);
    assert_int_equal(h->s.csr.mtval, WFI);
    start(b, PRIV_U, code, 4);
    hart_run(h, 2);
    assert_int_equal(h->s.csr.mcause, CAUSE_ILLEGAL);
    start(b, PRIV_S, code, 4);
    h->s.csr.mie = 0;
    assert_int_equal(hart_run(h, 10), HART_WAITING);
}

/* The instruction that opens the door is the last before the trap. */
static void enabling_takes_effect_at_once(void **state)
{
    static const u32 code[] = {CSRW(CSR_mie, 10), NOP, CSRW(CSR_mstatus, 11),
                               NOP, LOOP};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    start(b, PRIV_M, code, 5);
    h->s.csr.mip = 1 << INT_MTI;
    h->s.x[10] = 1 << INT_MTI;
    h->s.x[11] = MSTATUS_MIE;
    hart_run(h, 6);
    assert_int_equal(h->s.csr.mcause, INTERRUPT | INT_MTI);
    assert_int_equal(h->s.csr.mepc, BENCH_RAM + 0x100c);
}

static bool cut_and_interrupt(void *hart, u64 offset, unsigned size, u64 value)
{
    hart_cut(hart);
    interrupts_drive(hart, INT_MEI, true);
    return true;
}

/* A store to a device that moves a deadline and raises its line: the slice
 * ends, and the next one begins with the trap. */
static void a_cut_forgets_no_interrupt(void **state)
{
    static const struct mmio_ops ops = {NULL, cut_and_interrupt};
    static const u32 code[] = {0x0002a023 /* sw x0, 0(x5) */, NOP, LOOP};
    struct bench *b = *state;
    struct hart *h = &b->hart;
    struct bus_range range = {0x10000000, 0x1000, &ops, h, "test", NULL, 0};

    bus_add(&b->bus, &range);
    start(b, PRIV_M, code, 3);
    h->s.csr.mie = 1 << INT_MEI;
    h->s.csr.mstatus = MSTATUS_MIE;
    h->s.x[5] = 0x10000000;
    assert_int_equal(hart_run(h, 100), HART_SLICE_OVER);
    assert_int_equal(h->s.pc, BENCH_RAM + 0x1004);
    hart_run(h, 1);
    assert_int_equal(h->s.csr.mcause, INTERRUPT | INT_MEI);
    assert_int_equal(h->s.csr.mepc, BENCH_RAM + 0x1004);
}

static void interrupt(void *hart, const struct rvemu_event *event)
{
    interrupts_drive(hart, INT_MEI, true);
}

/* An event that finds the ring full has others delivered first; what is done
 * then waits no longer than for the end of the instruction. */
static void a_mark_heeds_what_its_delivery_led_to(void **state)
{
    static const u32 code[] = {NOP, MARK, NOP, NOP, LOOP};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    trace_subscribe(&b->trace,
                    &(struct rvemu_subscription){.kinds = RVEMU_EVENT_BIT(mark),
                                                 .call = interrupt,
                                                 .arg = h});
    start(b, PRIV_M, code, 5);
    h->s.csr.mie = 1 << INT_MEI;
    h->s.csr.mstatus = MSTATUS_MIE;
    for (unsigned i = 0; i < TRACE_RING; i++)
        hart_event(h, RVEMU_EVENT_mark);
    hart_run(h, 4);
    assert_int_equal(h->s.csr.mcause, INTERRUPT | INT_MEI);
    assert_int_equal(h->s.csr.mepc, BENCH_RAM + 0x1008);
}

/* A handler that cannot be fetched traps for ever, and each time is a step;
 * that is told apart from a handler that traps once. */
static void a_handler_out_of_reach_is_a_loop(void **state)
{
    static const u32 code[] = {ILLEGAL};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    start(b, PRIV_M, code, 1);
    h->s.csr.mtvec = 0x4000; /* nothing there */
    assert_int_equal(hart_run(h, 1), HART_SLICE_OVER);
    assert_int_equal(hart_run(h, 1), HART_SLICE_OVER);
    assert_int_equal(hart_run(h, 1000), HART_LOOPING);
    assert_int_equal(h->s.csr.mcause, CAUSE_FETCH_ACCESS);
    assert_int_equal(h->s.history.first.cause, CAUSE_ILLEGAL);
    assert_int_equal(hart_steps(h), 1002);
}

/* In S-mode an interrupt for M-mode comes in between. */
static void a_loop_is_left_by_an_interrupt(void **state)
{
    static const u32 code[] = {ILLEGAL};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    start(b, PRIV_S, code, 1);
    h->s.csr.stvec = 0x4000;
    h->s.csr.medeleg = 1 << CAUSE_ILLEGAL | 1 << CAUSE_FETCH_ACCESS;
    h->s.csr.mie = 1 << INT_MTI;
    assert_int_equal(hart_run(h, 10), HART_LOOPING);
    assert_int_equal(interrupts_open(h), 1 << INT_MTI);
    interrupts_drive(h, INT_MTI, true);
    assert_int_equal(hart_run(h, 1), HART_SLICE_OVER);
    assert_int_equal(h->s.csr.mcause, INTERRUPT | INT_MTI);
    assert_int_equal(h->s.csr.mepc, 0x4000);
    assert_int_equal(h->s.priv, PRIV_M);
    assert_false(trap_is_looping(h));
}

/* The instruction at pc in this mode: the cause it traps with, or −1. */
static int cause_of(struct bench *b, u32 raw, unsigned priv, u64 status)
{
    const u32 code[] = {raw, LOOP};

    start(b, priv, code, 2);
    b->hart.s.csr.mstatus |= status;
    hart_update_context(&b->hart);
    hart_run(&b->hart, 1);
    return b->hart.s.pc == MTVEC ? (int)b->hart.s.csr.mcause : -1;
}

/* What each privilege may execute, and what TVM, TW and TSR take from S. */
static void privileged_instructions_know_their_place(void **state)
{
    static const struct {
        u32 raw;
        u64 bit;         /* traps in S-mode when set */
        int u, s, m, sb; /* the cause in each mode, and in S with the bit */
    } table[] = {
        {ECALL, 0, 8, 9, 11, 9},
        {0x00100073, 0, 3, 3, 3, 3},              /* ebreak */
        {0x30200073, 0, 2, 2, -1, 2},             /* mret */
        {0x10200073, MSTATUS_TSR, 2, -1, -1, 2},  /* sret */
        {0x12000073, MSTATUS_TVM, 2, -1, -1, 2},  /* sfence.vma */
        {0x12b50073, MSTATUS_TVM, 2, -1, -1, 2},  /* with operands */
        {0x16000073, MSTATUS_TVM, 2, -1, -1, 2},  /* sinval.vma */
        {0x18000073, MSTATUS_TVM, 2, -1, -1, -1}, /* sfence.w.inval */
        {0x18100073, MSTATUS_TVM, 2, -1, -1, -1}, /* sfence.inval.ir */
        {WFI, MSTATUS_TW, 2, -1, -1, 2},
        {CSRR(5, CSR_satp), MSTATUS_TVM, 2, -1, -1, 2},
        {CSRW(CSR_satp, 5), MSTATUS_TVM, 2, -1, -1, 2},
        {CSRR(5, CSR_mscratch), 0, 2, 2, -1, 2},
        {CSRW(CSR_cycle, 5), 0, 2, 2, 2, 2}, /* read-only */
        {0x0ff0000f, 0, -1, -1, -1, -1},     /* fence */
        {0x0000100f, 0, -1, -1, -1, -1},     /* fence.i */
        {0x0100000f, 0, -1, -1, -1, -1},     /* pause */
        {0x00306013, 0, -1, -1, -1, -1},     /* prefetch.w 0(x0) */
    };
    struct bench *b = *state;

    for (unsigned i = 0; i < sizeof(table) / sizeof(*table); i++) {
        u32 raw = table[i].raw;

        assert_int_equal(cause_of(b, raw, PRIV_U, 0), table[i].u);
        assert_int_equal(cause_of(b, raw, PRIV_S, 0), table[i].s);
        assert_int_equal(cause_of(b, raw, PRIV_M, 0), table[i].m);
        assert_int_equal(cause_of(b, raw, PRIV_S, table[i].bit), table[i].sb);
        assert_int_equal(cause_of(b, raw, PRIV_M, table[i].bit), table[i].m);
    }
}

/* The bits of the instruction, those of a compressed one zero-extended. */
static void tval_of_an_illegal_instruction_is_the_instruction(void **state)
{
    static const u32 illegal[][2] = {
        {ILLEGAL, ILLEGAL},
        {0x00000000, 0},
        {0x12340000, 0},
        {0xffff8002, 0x8002},
        {0x00002063, 0x00002063},
        {0x30200073, 0x30200073},
        {CSRW(CSR_cycle, 5), CSRW(CSR_cycle, 5)},
        {0x02007053, 0x02007053}, /* fadd.d with FS = Off */
    };
    struct bench *b = *state;

    for (unsigned i = 0; i < sizeof(illegal) / sizeof(*illegal); i++) {
        assert_int_equal(cause_of(b, illegal[i][0], PRIV_U, 0), CAUSE_ILLEGAL);
        assert_int_equal(b->hart.s.csr.mtval, illegal[i][1]);
        assert_int_equal(b->hart.s.csr.mepc, BENCH_RAM + 0x1000);
    }
    cause_of(b, ECALL, PRIV_U, 0);
    assert_int_equal(b->hart.s.csr.mtval, 0);
}

/* Sstvala permits 0 as well. */
static void tval_of_a_breakpoint_is_its_address(void **state)
{
    static const u32 breakpoints[] = {0x00100073,
                                      0x9002}; /* ebreak, c.ebreak */
    struct bench *b = *state;

    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(cause_of(b, breakpoints[i], PRIV_U, 0), 3);
        assert_int_equal(b->hart.s.csr.mtval, BENCH_RAM + 0x1000);
    }
}

/* FS = Off closes every FP instruction, loads and stores among them; any
 * other value opens it, and what writes a register leaves it Dirty. */
static void fs_off_closes_floating_point(void **state)
{
    static const u32 fp[] = {
        0x02007053, /* fadd.d */
        0x0005b007, /* fld f0, 0(a1) */
        0x0005b027, /* fsd f0, 0(a1) */
        0xe2000553, /* fmv.x.d a0, f0 */
        0xa2002553, /* feq.d a0, f0, f0 */
    };
    struct bench *b = *state;

    b->hart.s.x[11] = BENCH_FRAME(0);
    for (unsigned i = 0; i < 5; i++)
        for (u64 fs = 0; fs < 4; fs++) {
            assert_int_equal(cause_of(b, fp[i], PRIV_M, fs << 13),
                             fs ? -1 : CAUSE_ILLEGAL);
            assert_int_equal(b->hart.s.csr.mstatus >> 13 & 3,
                             fs && i < 2 ? 3 : fs);
        }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_set_of_interrupts),
        TEST(only_enabled_interrupts),
        TEST(vectors_are_for_interrupts),
        TEST(every_exception),
        TEST(a_trap_stacks_the_status),
        TEST(a_return_unstacks_the_status),
        TEST(tsr_traps_sret_in_s_mode),
        TEST(a_fault_in_a_block_counts_exactly),
        TEST(a_written_counter_is_read_back),
        TEST(wfi_waits_for_what_is_enabled),
        TEST(enabling_takes_effect_at_once),
        TEST(a_cut_forgets_no_interrupt),
        TEST(a_mark_heeds_what_its_delivery_led_to),
        TEST(a_handler_out_of_reach_is_a_loop),
        TEST(a_loop_is_left_by_an_interrupt),
        TEST(privileged_instructions_know_their_place),
        TEST(tval_of_an_illegal_instruction_is_the_instruction),
        TEST(tval_of_a_breakpoint_is_its_address),
        TEST(fs_off_closes_floating_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
