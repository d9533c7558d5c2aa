/*
 * Unit tests of the events of retirement (emu/hart/interp/retire.c) and of
 * loads and stores (mem.c): what a few instructions are reported to have done,
 * in which order and at what time, and what those that trap are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart/system/interrupts.h"
#include "hart_bench.h"
#include "isa/csr.h"

#define CODE (BENCH_RAM + 0x100000)
#define DATA (BENCH_RAM + 0x200000)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static u32 i_type(unsigned imm, unsigned rs1, unsigned f3, unsigned rd,
                  unsigned op)
{
    return imm << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
}

static u32 csrrw(unsigned number, unsigned rd, unsigned rs1)
{
    return i_type(number, rs1, 1, rd, 0x73);
}

#define ADDI_X5 i_type(7, 0, 0, 5, 0x13)              /* addi x5, x0, 7 */
#define ADDI_X0 i_type(7, 5, 0, 0, 0x13)              /* addi x0, x5, 7 */
#define LW_X6 i_type(4, 10, 2, 6, 0x03)               /* lw x6, 4(x10) */
#define SH_X5 (5u << 20 | 10 << 15 | 1 << 12 | 0x23)  /* sh x5, 0(x10) */
#define SD_ODD (5u << 20 | 11 << 15 | 3 << 12 | 0x23) /* sd x5, 0(x11) */
#define AMOADD_W (5u << 20 | 10 << 15 | 2 << 12 | 7 << 7 | 0x2f)
#define LR_W (2u << 27 | 10 << 15 | 2 << 12 | 7 << 7 | 0x2f)
#define SC_W (3u << 27 | 5 << 20 | 10 << 15 | 2 << 12 | 7 << 7 | 0x2f)
#define ECALL 0x73u
#define MRET 0x30200073u
#define FDIV_D (0x0du << 25 | 2 << 20 | 1 << 15 | 7 << 12 | 3 << 7 | 0x53)
#define FMV_D_X (0x79u << 25 | 5 << 15 | 3 << 7 | 0x53) /* fmv.d.x f3, x5 */

/* Runs the code, all of it watched; the events are b->event[]. */
static void go(struct bench *b, const u32 *code, unsigned count, u64 steps)
{
    b->hart.s.x[10] = DATA;
    b->hart.s.x[11] = DATA + 0xffb;
    b->hart.s.csr.mtvec = CODE + 0x800;
    bench_code(b, CODE, code, count);
    bench_watch(b, RVEMU_EVENTS_COMMIT);
    bench_forget(b);
    bench_run(b, steps);
    bench_collect(b);
}

static const struct rvemu_event *expect_kind(struct bench *b, unsigned i,
                                             unsigned kind, u64 time)
{
    assert_true(i < b->events);
    assert_string_equal(rvemu_event_info(b->event[i].kind)->name,
                        rvemu_event_info(kind)->name);
    assert_int_equal(b->event[i].time, time);
    return &b->event[i];
}

static void expect_retire(struct bench *b, unsigned i, u64 time, u32 insn,
                          unsigned rd, u64 value)
{
    const struct rvemu_event *e = expect_kind(b, i, RVEMU_EVENT_retire, time);

    assert_int_equal(e->retire.insn, insn);
    assert_int_equal(e->retire.rd, rd);
    assert_int_equal(e->retire.value, value);
}

static void expect_access(struct bench *b, unsigned i, unsigned kind, u64 time,
                          u64 va, unsigned size, u64 value)
{
    const struct rvemu_event *e = expect_kind(b, i, kind, time);

    assert_int_equal(e->load.va, va);
    assert_int_equal(e->load.pa, va);
    assert_int_equal(e->load.size, size);
    assert_int_equal(e->load.value, value);
}

static void expect_csr(struct bench *b, unsigned i, u64 time, unsigned number,
                       u64 value)
{
    const struct rvemu_event *e =
        expect_kind(b, i, RVEMU_EVENT_csr_write, time);

    assert_int_equal(e->csr_write.csr, number);
    assert_int_equal(e->csr_write.value, value);
}

static void registers_and_memory(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {ADDI_X5, ADDI_X0, SH_X5, LW_X6, SD_ODD, AMOADD_W};

    bench_store(b, DATA, 0xfedcba9876543210);
    go(b, code, COUNT(code), COUNT(code));
    assert_int_equal(b->events, 11);
    expect_retire(b, 0, 0, ADDI_X5, 5, 7);
    assert_int_equal(b->event[0].pc, CODE);
    assert_int_equal(b->event[0].priv, PRIV_M);
    expect_retire(b, 1, 1, ADDI_X0, 0, 0);
    expect_access(b, 2, RVEMU_EVENT_store, 2, DATA, 2, 7);
    expect_retire(b, 3, 2, SH_X5, 0, 0);
    expect_access(b, 4, RVEMU_EVENT_load, 3, DATA + 4, 4, 0xfedcba98);
    expect_retire(b, 5, 3, LW_X6, 6, 0xfffffffffedcba98);
    expect_access(b, 6, RVEMU_EVENT_store, 4, DATA + 0xffb, 8, 7);
    expect_retire(b, 7, 4, SD_ODD, 0, 0);
    expect_access(b, 8, RVEMU_EVENT_load, 5, DATA, 4, 0x76540007);
    expect_access(b, 9, RVEMU_EVENT_store, 5, DATA, 4, 0x7654000e);
    expect_retire(b, 10, 5, AMOADD_W, 7, 0x76540007);
}

/* With loads alone watched, stores have their small array, and an AMO's load
 * is reported all the same. */
static void loads_alone(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {ADDI_X5, SH_X5, AMOADD_W};

    b->hart.s.x[10] = DATA;
    bench_code(b, CODE, code, COUNT(code));
    bench_watch(b, 1ull << RVEMU_EVENT_load);
    bench_forget(b);
    bench_run(b, COUNT(code));
    bench_collect(b);
    assert_int_equal(b->events, 1);
    expect_access(b, 0, RVEMU_EVENT_load, 2, DATA, 4, 7);
    assert_int_equal(bench_load(b, DATA), 14);
}

/* The second SC fails: it stores nothing, and retires. */
static void reservations(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {ADDI_X5, LR_W, SC_W, SC_W};

    bench_store(b, DATA, 0x80000001);
    go(b, code, COUNT(code), COUNT(code));
    assert_int_equal(b->events, 6);
    expect_access(b, 1, RVEMU_EVENT_load, 1, DATA, 4, 0x80000001);
    expect_retire(b, 2, 1, LR_W, 7, 0xffffffff80000001);
    expect_access(b, 3, RVEMU_EVENT_store, 2, DATA, 4, 7);
    expect_retire(b, 4, 2, SC_W, 7, 0);
    expect_retire(b, 5, 3, SC_W, 7, 1);
}

/* An ecall, and a load from where nothing is. The steps pass all the same. */
static void traps_retire_nothing(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {ECALL, LW_X6};

    go(b, code, COUNT(code), 1);
    assert_int_equal(b->events, 0);
    b->hart.s.pc = CODE + 4;
    b->hart.s.x[10] = 0x100;
    hart_update_context(&b->hart);
    bench_run(b, 1);
    bench_collect(b);
    assert_int_equal(b->events, 0);
    assert_int_equal(b->hart.s.traps, 2);
}

static void csrs_by_name(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {csrrw(CSR_mscratch, 5, 10), csrrw(CSR_sie, 0, 5),
                        csrrw(CSR_fcsr, 0, 6), csrrw(CSR_minstret, 0, 10),
                        i_type(CSR_mscratch, 0, 2, 5, 0x73)};
    u64 status;

    b->hart.s.x[6] = 0x65;
    b->hart.s.csr.mie = 0x888;
    b->hart.s.csr.mideleg = 0x222;
    b->hart.s.csr.mstatus |= 1ull << 13;
    status = b->hart.s.csr.mstatus | MSTATUS_FS | MSTATUS_SD;
    go(b, code, COUNT(code), COUNT(code));
    assert_int_equal(b->events, 11);
    expect_csr(b, 0, 0, CSR_mscratch, DATA);
    expect_retire(b, 1, 0, code[0], 5, 0);
    expect_csr(b, 2, 1, CSR_mie, 0x888);
    expect_csr(b, 4, 2, CSR_fflags, 5);
    expect_csr(b, 5, 2, CSR_frm, 3);
    expect_csr(b, 6, 2, CSR_mstatus, status);
    expect_csr(b, 8, 3, CSR_minstret, DATA);
    expect_retire(b, 10, 4, code[4], 5, DATA);
}

/* Flags are reported each time they are raised; FS when it becomes Dirty. */
static void csrs_in_passing(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {FDIV_D, FDIV_D, FMV_D_X, MRET};
    u64 status;

    b->hart.s.csr.mstatus |= 1ull << 13;
    b->hart.s.csr.mepc = CODE;
    status = b->hart.s.csr.mstatus | MSTATUS_FS | MSTATUS_SD;
    b->hart.s.f[1] = 0x3ff0000000000000; /* 1 / 0 */
    b->hart.s.f[2] = 0;
    b->hart.s.fflags = FP_NX;
    go(b, code, COUNT(code), COUNT(code));
    assert_int_equal(b->events, 8);
    expect_csr(b, 0, 0, CSR_fflags, FP_NX | FP_DZ);
    expect_csr(b, 1, 0, CSR_mstatus, status);
    expect_retire(b, 2, 0, FDIV_D, RVEMU_REG_F0 + 3, 0x7ff0000000000000);
    expect_csr(b, 3, 1, CSR_fflags, FP_NX | FP_DZ);
    expect_retire(b, 5, 2, FMV_D_X, RVEMU_REG_F0 + 3, b->hart.s.x[5]);
    expect_csr(b, 6, 3, CSR_mstatus, status | MSTATUS_MPIE);
    expect_retire(b, 7, 3, MRET, 0, 0);
    assert_int_equal(b->event[7].priv, PRIV_M);
    assert_int_equal(b->hart.s.priv, PRIV_U);
}

/* An interrupt may take the last step of a slice: nothing may retire then. */
static void an_interrupt_takes_a_step(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {ADDI_X5, ADDI_X5};

    b->hart.s.csr.mie = 1ull << INT_MSI;
    b->hart.s.csr.mstatus |= MSTATUS_MIE;
    interrupts_drive(&b->hart, INT_MSI, true);
    go(b, code, COUNT(code), 1);
    assert_int_equal(b->events, 0);
    assert_int_equal(hart_steps(&b->hart), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers_and_memory, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(loads_alone, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(reservations, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(traps_retire_nothing, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(csrs_by_name, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(csrs_in_passing, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(an_interrupt_takes_a_step, bench_setup,
                                        bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
