/*
 * Unit tests of the counters (emu/hart/system/counters.c): a model that is told
 * only what each step was follows every counter through random programs, one
 * step at a time; the same programs in other slices must end the same; and the
 * counts of events are those of the events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart/system/counters.h"
#include "hart/system/interrupts.h"
#include "hart_bench.h"
#include "isa/csr.h"

#define BIT(n) (1ull << (n))
#define OF BIT(63)
#define MINH BIT(62)
#define SINH BIT(61)
#define UINH BIT(60)
#define LCOFI BIT(13)

#define CYCLES 1
#define INSTRUCTIONS 2

#define MTVEC (BENCH_RAM + 0x800)
#define CODE (BENCH_RAM + 0x1000)
#define WORDS 400
#define HPM_LAST 18

/* Encodings. */
#define NOP 0x13u
#define ECALL 0x73u
#define MRET 0x30200073u
#define CSRW(csr, rs) (0x1073u | (u32)(csr) << 20 | (u32)(rs) << 15)
#define CSRR(rd, csr) (0x2073u | (u32)(csr) << 20 | (u32)(rd) << 7)
#define ADDI(rd, rs, imm) \
    (0x13u | (u32)(imm) << 20 | (u32)(rs) << 15 | (u32)(rd) << 7)
#define SLLI(rd, rs, imm) (ADDI(rd, rs, imm) | 1 << 12)
#define LD(rd, rs, imm) \
    (0x3003u | (u32)(imm) << 20 | (u32)(rs) << 15 | (u32)(rd) << 7)
#define J(offset) (0x6fu | (u32)(offset) << 20) /* within 2 KiB forward */
#define LOOP 0x6fu

/* splitmix64 */
static u64 next(u64 *seed)
{
    u64 z = *seed += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* What the counters should be, from what each step was. */
struct model {
    u64 value[COUNTERS], event[COUNTERS];
    u32 inhibited;
    bool pending; /* LCOFIP */
};

static bool model_counts(const struct model *m, unsigned n, unsigned priv,
                         bool retired)
{
    u64 event = m->event[n];
    u64 kind = n == 0 ? CYCLES : n == 2 ? INSTRUCTIONS : event & (BIT(56) - 1);

    if (m->inhibited >> n & 1)
        return false;
    if (event & (priv == PRIV_M ? MINH : priv == PRIV_S ? SINH : UINH))
        return false;
    return kind == CYCLES || (kind == INSTRUCTIONS && retired);
}

static void model_step(struct model *m, unsigned priv, bool retired)
{
    for (unsigned n = 0; n <= HPM_LAST; n++) {
        if (n == 1 || !model_counts(m, n, priv, retired))
            continue;
        if (++m->value[n] == 0 && n > 2 && !(m->event[n] & OF)) {
            m->event[n] |= OF;
            m->pending = true;
        }
    }
}

/* A csrw that retired, to anything but mip. */
static void model_write(struct model *m, unsigned number, u64 value)
{
    if (number == CSR_mcountinhibit)
        m->inhibited = (u32)value & 0x7fffd;
    else if (number >= CSR_mhpmevent3 && number <= CSR_mhpmevent18)
        m->event[number % 32] = value;
    else if (number >= CSR_mcycle && number <= CSR_mhpmcounter18)
        m->value[number % 32] = value;
}

static u32 word_at(struct bench *b, u64 pc)
{
    u32 word;

    memcpy(&word, ram_host(&b->bus.ram, pc), 4);
    return word;
}

static void expect_model(struct bench *b, const struct model *m)
{
    for (unsigned n = 0; n <= HPM_LAST; n++) {
        if (n == 1)
            continue;
        assert_int_equal(counters_read(&b->hart, n), m->value[n]);
        assert_int_equal(counters_read_event(&b->hart, n), m->event[n]);
    }
    assert_int_equal((b->hart.s.csr.mip & LCOFI) != 0, m->pending);
}

/* Registers that the random code writes into CSRs. */
enum { NEAR_A = 8, NEAR_B, EVENT_A, EVENT_B, EVENT_C, STATUS, HOLD, ZERO };

/* One random instruction. Below M-mode most of them trap and are skipped. */
static u32 random_word(u64 *seed)
{
    u64 r = next(seed);
    unsigned counter = 3 + (r >> 8) % 4;

    switch (r % 16) {
    case 0: return CSRW(CSR_mcycle + counter, NEAR_A + (r >> 16) % 2);
    case 1: return CSRW(CSR_mcountinhibit + counter, EVENT_A + (r >> 16) % 3);
    case 2: return CSRW(CSR_mcountinhibit, r >> 16 & 1 ? HOLD : ZERO);
    case 3: return ECALL;
    case 4: return CSRW(CSR_mstatus, STATUS);
    case 5: return CSRR(16, CSR_mcycle + counter);
    case 6: return CSRW(r >> 16 & 1 ? CSR_mcycle : CSR_minstret, NEAR_A);
    case 7: return ADDI(STATUS, STATUS, 8); /* MIE and what follows it */
    case 8: return CSRW(CSR_mip, ZERO);
    default: return NOP;
    }
}

/* A program for a seed: on exceptions the handler skips the instruction and
 * goes on in a mode that the cycle count chooses; on the interrupt it clears
 * LCOFIP. */
static void load_program(struct bench *b, u64 seed)
{
    static const u32 exception[] = {
        CSRR(5, CSR_mepc),    ADDI(5, 5, 4),
        CSRW(CSR_mepc, 5),    CSRR(5, CSR_mcycle),
        SLLI(5, 5, 11),       ADDI(5, 5, 0x80), /* MPP, MPIE */
        CSRW(CSR_mstatus, 5), MRET};
    static const u32 interrupt[] = {CSRW(CSR_mip, 0), ADDI(31, 31, 1), MRET};
    struct hart *h = &b->hart;
    u32 code[WORDS + 1];

    for (unsigned i = 0; i < WORDS; i++)
        code[i] = random_word(&seed);
    code[WORDS] = LOOP;
    memcpy(ram_host(&b->bus.ram, MTVEC + 0x100), exception, sizeof(exception));
    memcpy(ram_host(&b->bus.ram, MTVEC + 0x200), interrupt, sizeof(interrupt));
    *(u32 *)ram_host(&b->bus.ram, MTVEC) = J(0x100);
    *(u32 *)ram_host(&b->bus.ram, MTVEC + 4 * 13) = J(0x200 - 4 * 13);
    bench_code(b, CODE, code, WORDS + 1);
    bench_set_mode(b, PRIV_M, seed & 1 ? MSTATUS_MIE : 0);
    h->s.csr.mtvec = MTVEC | 1;
    h->s.csr.mie = LCOFI;
    h->s.csr.mip = 0;
    h->s.x[NEAR_A] = -(next(&seed) % 20);
    h->s.x[NEAR_B] = -(next(&seed) % 5);
    h->s.x[EVENT_A] = CYCLES | (seed & 2 ? UINH : 0);
    h->s.x[EVENT_B] = INSTRUCTIONS | (seed & 4 ? MINH : 0);
    h->s.x[EVENT_C] = (seed & 8 ? CYCLES | SINH : INSTRUCTIONS | OF);
    h->s.x[STATUS] = next(&seed) % 2 << 11;
    h->s.x[HOLD] = 0x7fffffff & next(&seed);
    counters_inhibit(h, 0);
    for (unsigned n = 0; n <= HPM_LAST; n++)
        counters_write(h, n, 0);
    for (unsigned n = 3; n <= HPM_LAST; n++)
        counters_write_event(h, n, 0);
}

/* One step of the hart, and of the model. */
static void step(struct bench *b, struct model *m)
{
    struct hart *h = &b->hart;
    u64 traps = h->s.traps, status = h->s.csr.mstatus;
    unsigned priv = h->s.priv;
    u32 word = word_at(b, h->s.pc);
    u64 operand = h->s.x[word >> 15 & 31];
    bool due = m->pending && (priv != PRIV_M || status & MSTATUS_MIE);
    bool trapped, wrote;

    hart_run(h, 1);
    trapped = h->s.traps != traps;
    if (due)
        assert_int_equal(h->s.csr.mcause, CAUSE_INTERRUPT | INT_LCOFI);
    assert_true(trapped || !due);
    wrote = !trapped && (word & 0x707f) == 0x1073;
    if (wrote && word >> 20 == CSR_mip) /* what comes with it is not lost */
        m->pending = operand & LCOFI;
    model_step(m, priv, !trapped);
    if (wrote)
        model_write(m, word >> 20, operand);
    expect_model(b, m);
}

/* Every counter after every step; x31 counts the interrupts. */
static void a_model_agrees_step_by_step(void **state)
{
    struct bench *b = *state;
    u64 interrupts = 0;

    for (u64 seed = 0; seed < 60; seed++) {
        struct model m = {0};

        load_program(b, seed);
        b->hart.s.x[31] = 0;
        for (unsigned i = 0; i < 3 * WORDS; i++)
            step(b, &m);
        interrupts += b->hart.s.x[31];
    }
    assert_true(interrupts > 200);
}

struct outcome {
    u64 x[32], pc, value[COUNTERS], event[COUNTERS], mip;
};

static struct outcome run_sliced(struct bench *b, u64 seed, u64 slices)
{
    struct hart *h = &b->hart;
    struct outcome out = {0};
    u64 left = 3 * WORDS;

    load_program(b, seed);
    memset(&h->s.x[16], 0, 16 * sizeof(h->s.x[0]));
    h->s.x[5] = 0;
    while (left) {
        u64 steps = slices ? 1 + next(&slices) % 50 : left;

        steps = steps < left ? steps : left;
        hart_run(h, steps);
        left -= steps;
    }
    memcpy(out.x, h->s.x, sizeof(out.x));
    out.pc = h->s.pc;
    out.mip = h->s.csr.mip;
    for (unsigned n = 0; n <= HPM_LAST; n++) {
        out.value[n] = n == 1 ? 0 : counters_read(h, n);
        out.event[n] = counters_read_event(h, n);
    }
    return out;
}

/* How the run is divided into slices changes nothing. */
static void slices_change_nothing(void **state)
{
    struct bench *b = *state;

    for (u64 seed = 0; seed < 40; seed++) {
        struct outcome whole = run_sliced(b, seed, 0);

        for (u64 slices = 1; slices < 5; slices++) {
            struct outcome sliced = run_sliced(b, seed, slices);

            assert_memory_equal(&sliced, &whole, sizeof(sliced));
        }
    }
}

/* M-mode at CODE with the handler at MTVEC, one counter armed. */
static void start_counting(struct bench *b, const u32 *code, unsigned count,
                           u64 event, u64 value)
{
    struct hart *h = &b->hart;
    const u32 handler[] = {LOOP};

    bench_code(b, MTVEC, handler, 1);
    bench_code(b, CODE, code, count);
    h->s.csr.mtvec = MTVEC;
    h->s.csr.mie = LCOFI;
    h->s.csr.mip = 0;
    h->s.csr.mcause = 0;
    h->s.waiting = false;
    counters_write_event(h, 3, event);
    counters_write(h, 3, value);
}

/* In the middle of a block, at its end, at the end of a slice, behind it. */
static void an_overflow_interrupts_on_its_step(void **state)
{
    struct bench *b = *state;
    u32 code[31];

    for (unsigned i = 0; i < 30; i++)
        code[i] = NOP;
    code[30] = LOOP;
    for (u64 distance = 1; distance <= 30; distance++)
        for (u64 slice = 1; slice <= 40; slice += 3) {
            bench_set_mode(b, PRIV_M, MSTATUS_MIE);
            start_counting(b, code, 31, CYCLES, -distance);
            for (u64 done = 0; done < 40; done += slice)
                hart_run(&b->hart, slice);
            assert_int_equal(b->hart.s.csr.mcause, CAUSE_INTERRUPT | INT_LCOFI);
            assert_int_equal(b->hart.s.csr.mepc, CODE + 4 * distance);
        }
}

/* wfi is the step at which the counter overflows: it does not wait. */
static void wfi_wakes_for_an_overflow(void **state)
{
    static const u32 code[] = {NOP, 0x10500073, NOP, NOP, LOOP};
    struct bench *b = *state;

    for (unsigned slice = 2; slice < 5; slice++) {
        bench_set_mode(b, PRIV_M, 0);
        start_counting(b, code, 5, CYCLES, -2ull);
        hart_run(&b->hart, slice);
        assert_true(interrupts_wake(&b->hart));
        assert_int_equal(b->hart.s.pc, CODE + 4 * slice);
        assert_int_equal(b->hart.s.csr.mip, LCOFI);
    }
}

/* OF keeps the next overflow quiet; a write never is one. */
static void an_overflow_is_told_once(void **state)
{
    static const u32 code[] = {NOP, NOP, NOP, NOP, NOP, NOP, LOOP};
    struct bench *b = *state;
    struct hart *h = &b->hart;

    bench_set_mode(b, PRIV_M, 0);
    start_counting(b, code, 7, CYCLES, -2ull);
    hart_run(h, 3);
    assert_int_equal(h->s.csr.mip, LCOFI);
    assert_int_equal(counters_read_event(h, 3), CYCLES | OF);
    assert_int_equal(counters_overflowed(h), BIT(3));
    h->s.csr.mip = 0;
    counters_write(h, 3, -1ull);
    hart_run(h, 3);
    assert_int_equal(counters_read(h, 3), 2);
    assert_int_equal(h->s.csr.mip, 0);
    counters_write_event(h, 3, CYCLES);
    counters_write(h, 3, 0);
    hart_run(h, 3);
    assert_int_equal(h->s.csr.mip, 0);
    assert_int_equal(counters_read_event(h, 3), CYCLES);
}

/* scountovf shows S-mode what mcounteren does. */
static void scountovf_is_filtered_for_s(void **state)
{
    struct bench *b = *state;
    u64 value;

    for (unsigned n = 3; n <= HPM_LAST; n++)
        counters_write_event(&b->hart, n, OF);
    assert_true(bench_csr_read(b, CSR_scountovf, &value));
    assert_int_equal(value, 0x7fff8);
    for (unsigned n = 0; n < 32; n++) {
        bench_csr_write(b, CSR_mcounteren, BIT(n));
        b->hart.s.priv = PRIV_S;
        assert_true(bench_csr_read(b, CSR_scountovf, &value));
        assert_int_equal(value, BIT(n) & 0x7fff8);
        b->hart.s.priv = PRIV_U;
        assert_false(bench_csr_read(b, CSR_scountovf, &value));
        b->hart.s.priv = PRIV_M;
    }
}

/* Two pages of S-mode code at BENCH_VA, and data behind them. */
static u64 map_pages(struct bench *b, unsigned count)
{
    u64 va = BENCH_VA & -(u64)PAGE_SIZE;

    bench_build_tables(b, 3, 0);
    for (unsigned i = 0; i < count; i++)
        bench_store(b, bench_pte_pa(0) + 8 * i,
                    bench_pte(BENCH_FRAME(i), 0xcf)); /* DAXWRV */
    mmu_fence(&b->hart, NULL, NULL);
    return va << 25 >> 25; /* canonical in Sv39 */
}

/* The instruction whose fetch missed has not run when the interrupt comes;
 * the load that missed has. */
static void a_miss_interrupts_where_it_was(void **state)
{
    static const u32 load[] = {NOP, LD(7, 6, 0), NOP, LOOP};
    struct bench *b = *state;
    struct hart *h = &b->hart;
    u64 va = map_pages(b, 3);
    u32 page[1024];

    for (unsigned i = 0; i < 1024; i++)
        page[i] = ADDI(8, 8, 1);
    memcpy(ram_host(&b->bus.ram, BENCH_FRAME(0)), page, PAGE_SIZE);
    memcpy(ram_host(&b->bus.ram, BENCH_FRAME(1)), page, PAGE_SIZE);
    bench_store(b, BENCH_FRAME(2), 4711);
    start_counting(b, load, 1, 0x10021, -2ull);
    bench_set_mode(b, PRIV_S, 0);
    h->s.pc = va + PAGE_SIZE - 12;
    h->s.x[8] = 0;
    hart_run(h, 10);
    assert_int_equal(h->s.csr.mcause, CAUSE_INTERRUPT | INT_LCOFI);
    assert_int_equal(h->s.csr.mepc, va + PAGE_SIZE);
    assert_int_equal(h->s.x[8], 3);

    /* The second of these crosses into the next page. */
    memcpy(ram_host(&b->bus.ram, BENCH_FRAME(0) + PAGE_SIZE - 6), page, 6);
    memcpy(ram_host(&b->bus.ram, BENCH_FRAME(1)), (u8 *)page + 2, 6);
    mmu_fence(h, NULL, NULL);
    start_counting(b, load, 1, 0x10021, -2ull);
    bench_set_mode(b, PRIV_S, 0);
    h->s.pc = va + PAGE_SIZE - 6;
    h->s.x[8] = 0;
    hart_run(h, 10);
    assert_int_equal(h->s.csr.mcause, CAUSE_INTERRUPT | INT_LCOFI);
    assert_int_equal(h->s.csr.mepc, va + PAGE_SIZE - 2);
    assert_int_equal(h->s.x[8], 1);

    bench_set_mode(b, PRIV_M, MSTATUS_MPRV | 1 << 11 | MSTATUS_MIE);
    start_counting(b, load, 4, 0x10019, -1ull);
    h->s.x[6] = va + 2 * PAGE_SIZE;
    hart_run(h, 5);
    assert_int_equal(h->s.csr.mcause, CAUSE_INTERRUPT | INT_LCOFI);
    assert_int_equal(h->s.csr.mepc, CODE + 8);
    assert_int_equal(h->s.x[7], 4711);
}

/* Without the extensions their registers and bits are not there. */
static void without_the_extensions(void **state)
{
    struct bench *b = *state;
    u64 value;

    b->hart.w.isa &= ~EXT_SET(SSCOFPMF);
    bench_csr_write(b, CSR_mhpmevent3, CYCLES | OF | MINH);
    bench_csr_read(b, CSR_mhpmevent3, &value);
    assert_int_equal(value, CYCLES);
    assert_false(bench_csr_read(b, CSR_scountovf, &value));
    bench_csr_write(b, CSR_mie, ~0ull);
    bench_csr_read(b, CSR_mie, &value);
    assert_int_equal(value, 0xaaa);
    b->hart.w.isa &= ~EXT_SET(ZIHPM);
    hart_reset(&b->hart, BENCH_RAM);
    bench_csr_write(b, CSR_mhpmevent3, CYCLES);
    bench_csr_write(b, CSR_mhpmcounter3, 5);
    assert_true(bench_csr_read(b, CSR_mhpmevent3, &value));
    assert_int_equal(value, 0);
    assert_true(bench_csr_read(b, CSR_mhpmcounter3, &value));
    assert_int_equal(value, 0);
    assert_false(bench_csr_read(b, CSR_hpmcounter3, &value));
    bench_csr_write(b, CSR_mcountinhibit, ~0ull);
    bench_csr_read(b, CSR_mcountinhibit, &value);
    assert_int_equal(value, 5);
    bench_csr_write(b, CSR_mcounteren, ~0ull);
    bench_csr_read(b, CSR_mcounteren, &value);
    assert_int_equal(value, 7);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_model_agrees_step_by_step),
        TEST(slices_change_nothing),
        TEST(an_overflow_interrupts_on_its_step),
        TEST(wfi_wakes_for_an_overflow),
        TEST(an_overflow_is_told_once),
        TEST(scountovf_is_filtered_for_s),
        TEST(a_miss_interrupts_where_it_was),
        TEST(without_the_extensions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
