/*
 * Unit tests of what single events say: calls of the SBI and harts that start
 * and stop, pending interrupts, accesses to devices, reservations. That they
 * come in one order however a hart is run, test_run.c shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"
#include "hart/system/interrupts.h"
#include "hart/system/trap.h"
#include "hart/system/waiting.h"
#include "isa/csr.h"

#define ALL_KINDS (~RVEMU_EVENTS_COMMIT)
#define HSM 0x48534d
#define CALLER (BENCH_RAM + 0x1000)

/* The first event of a kind since they were forgotten. */
static const struct rvemu_event *event_of(struct bench *b, unsigned kind)
{
    bench_collect(b);
    for (unsigned i = 0; i < b->events; i++)
        if (b->event[i].kind == kind)
            return &b->event[i];
    return NULL;
}

static unsigned count_of(struct bench *b, unsigned kind)
{
    unsigned count = 0;

    bench_collect(b);
    for (unsigned i = 0; i < b->events; i++)
        count += b->event[i].kind == kind;
    return count;
}

/* S-mode at CALLER calls the SBI. */
static void call(struct bench *b, u64 extension, u64 function, u64 a0)
{
    struct hart *h = &b->hart;

    bench_forget(b);
    h->s.x[17] = extension;
    h->s.x[16] = function;
    h->s.x[10] = a0;
    h->s.x[11] = 0xa1;
    h->s.x[12] = 0xa2;
    h->s.pc = CALLER;
    bench_set_mode(b, PRIV_S, 0);
    hart_raise(h, CAUSE_ECALL_U + PRIV_S, 0);
    trap_take_exception(h);
}

/* Firmware returns to `to` in priv. */
static void give_back(struct bench *b, u64 to, unsigned priv, u64 a0, u64 a1)
{
    const struct insn in = {.op = OP_mret, .len = 4};
    struct hart *h = &b->hart;

    bench_forget(b);
    h->s.x[10] = a0;
    h->s.x[11] = a1;
    h->s.csr.mepc = to;
    h->s.csr.mstatus = (u64)priv << 11;
    h->c.single->insn[0] = in;
    h->c.block = h->c.single;
    trap_mret(h, &h->c.single->insn[0]);
    h->c.in = NULL;
}

static void calls_come_back(void **state)
{
    struct bench *b = *state;
    const struct rvemu_event *event;

    bench_watch(b, ALL_KINDS);
    call(b, 0x54494d45, 7, 0xa0);
    event = event_of(b, RVEMU_EVENT_sbi);
    assert_non_null(event);
    assert_int_equal(event->pc, CALLER);
    assert_int_equal(event->priv, PRIV_S);
    assert_int_equal(event->sbi.extension, 0x54494d45);
    assert_int_equal(event->sbi.function, 7);
    assert_int_equal(event->sbi.a0, 0xa0);
    assert_int_equal(event->sbi.a2, 0xa2);
    give_back(b, 0x100, PRIV_M, 1, 1); /* inside of the firmware */
    assert_null(event_of(b, RVEMU_EVENT_sbi_return));
    b->hart.s.x[17] = 0;
    give_back(b, CALLER + 4, PRIV_S, (u64)-3, 0x77);
    event = event_of(b, RVEMU_EVENT_sbi_return);
    assert_non_null(event);
    assert_int_equal(event->sbi_return.extension, 0x54494d45);
    assert_int_equal(event->sbi_return.function, 7);
    assert_int_equal(event->sbi_return.error, (u64)-3);
    assert_int_equal(event->sbi_return.value, 0x77);
    give_back(b, CALLER + 4, PRIV_S, 0, 0);
    assert_null(event_of(b, RVEMU_EVENT_sbi_return));
}

static void what_goes_elsewhere_is_no_return(void **state)
{
    struct bench *b = *state;

    bench_watch(b, ALL_KINDS);
    call(b, 0x10, 3, 0);
    give_back(b, CALLER, PRIV_S, 0, 0); /* the ecall is to be tried again */
    assert_null(event_of(b, RVEMU_EVENT_sbi_return));
    assert_null(event_of(b, RVEMU_EVENT_hart_start));
    call(b, 0x10, 3, 0);
    give_back(b, CALLER + 4, PRIV_U, 0, 0);
    assert_null(event_of(b, RVEMU_EVENT_sbi_return));
    call(b, 0x10, 3, 0);
    b->hart.s.csr.medeleg = 1 << (CAUSE_ECALL_U + PRIV_S);
    call(b, 0x10, 3, 0);
    assert_null(event_of(b, RVEMU_EVENT_sbi));
}

/* The first mret is the start; so is the one behind a stop, or behind a
 * suspension that kept nothing. */
static void harts_start_and_stop(void **state)
{
    struct bench *b = *state;
    const struct rvemu_event *event;

    bench_watch(b, ALL_KINDS);
    give_back(b, 0x80200000, PRIV_S, 0, 0x87);
    event = event_of(b, RVEMU_EVENT_hart_start);
    assert_non_null(event);
    assert_int_equal(event->hart_start.entry, 0x80200000);
    assert_int_equal(event->hart_start.target, PRIV_S);
    assert_int_equal(event->hart_start.a1, 0x87);
    give_back(b, 0x80200000, PRIV_S, 0, 0);
    assert_null(event_of(b, RVEMU_EVENT_hart_start));
    call(b, HSM, 1, 0);
    event = event_of(b, RVEMU_EVENT_hart_stop);
    assert_non_null(event);
    assert_int_equal(event->hart_stop.suspend, 0);
    assert_int_equal(event->hart_stop.resume, 0);
    give_back(b, 0x80300000, PRIV_S, 0, 9);
    event = event_of(b, RVEMU_EVENT_hart_start);
    assert_non_null(event);
    assert_int_equal(event->hart_start.a1, 9);
    call(b, HSM, 3, 0); /* keeps all */
    assert_null(event_of(b, RVEMU_EVENT_hart_stop));
    give_back(b, CALLER + 4, PRIV_S, 0, 0);
    assert_null(event_of(b, RVEMU_EVENT_hart_start));
    call(b, HSM, 3, 0x80000000);
    event = event_of(b, RVEMU_EVENT_hart_stop);
    assert_non_null(event);
    assert_int_equal(event->hart_stop.suspend, 0x80000000);
    assert_int_equal(event->hart_stop.resume, 0xa1);
    assert_int_equal(event->hart_stop.opaque, 0xa2);
    give_back(b, 0xa1, PRIV_S, 0, 0xa2);
    assert_non_null(event_of(b, RVEMU_EVENT_hart_start));
    call(b, HSM, 0, 1); /* another's start */
    assert_null(event_of(b, RVEMU_EVENT_hart_stop));
}

static void expect_irq(struct bench *b, unsigned number, bool level,
                       bool software)
{
    const struct rvemu_event *event = event_of(b, RVEMU_EVENT_irq);

    assert_non_null(event);
    assert_int_equal(event->irq.target, 0);
    assert_int_equal(event->irq.interrupt, 1ull << 63 | number);
    assert_int_equal(event->irq.level, level);
    assert_int_equal(event->irq.software, software);
    assert_int_equal(event->hart, software ? 0 : RVEMU_NO_HART);
    assert_int_equal(count_of(b, RVEMU_EVENT_irq), 1);
    bench_forget(b);
}

static void interrupts_become_pending(void **state)
{
    struct bench *b = *state;

    bench_watch(b, ALL_KINDS);
    interrupts_drive(&b->hart, INT_MTI, true);
    expect_irq(b, INT_MTI, true, false);
    interrupts_drive(&b->hart, INT_MTI, true);
    assert_null(event_of(b, RVEMU_EVENT_irq));
    interrupts_drive(&b->hart, INT_MTI, false);
    expect_irq(b, INT_MTI, false, false);
    interrupts_drive(&b->hart, INT_SEI, true);
    expect_irq(b, INT_SEI, true, false);
    interrupts_drive(&b->hart, INT_SEI, true);
    assert_null(event_of(b, RVEMU_EVENT_irq));
    assert_true(bench_csr_write(b, CSR_mip, 1 << INT_SSI));
    expect_irq(b, INT_SSI, true, true);
    assert_true(bench_csr_write(b, CSR_mip, 1 << INT_SSI));
    assert_null(event_of(b, RVEMU_EVENT_irq));
    assert_true(bench_csr_write(b, CSR_mip, 0));
    expect_irq(b, INT_SSI, false, true);
    interrupts_overflow(&b->hart);
    assert_null(event_of(b, RVEMU_EVENT_irq));
}

static bool answer(void *device, u64 offset, unsigned size, u64 *value)
{
    *value = 0xffffff00 | offset;
    return offset < 8;
}

static bool take(void *device, u64 offset, unsigned size, u64 value)
{
    return offset < 8;
}

static void expect_mmio(struct bench *b, unsigned at, bool is_write, u64 value)
{
    const struct rvemu_ev_mmio *mmio = &b->event[at].mmio;

    assert_int_equal(b->event[at].kind, RVEMU_EVENT_mmio);
    assert_int_equal(mmio->pa, 0x10000004);
    assert_int_equal(mmio->size, 4);
    assert_int_equal(mmio->value, value);
    assert_int_equal(mmio->is_write, is_write);
    assert_memory_equal(&mmio->device, "longname", 8);
}

static void devices_are_reached(void **state)
{
    static const struct mmio_ops ops = {answer, take};
    struct bench *b = *state;
    u64 value;

    bus_add(&b->bus, &(struct bus_range){.base = 0x10000000,
                                         .size = 16,
                                         .ops = &ops,
                                         .name = "longname0"});
    bench_watch(b, RVEMU_EVENT_BIT(mmio));
    assert_true(bench_access_load(b, 0x10000004, 4, &value));
    assert_true(bench_access_store(b, 0x10000004, 4, 0x1234567890));
    assert_true(bench_access_amo(b, 0x10000004, 4, 1));
    bench_collect(b);
    assert_int_equal(b->events, 4);
    expect_mmio(b, 0, false, 0xffffff04);
    expect_mmio(b, 1, true, 0x34567890);
    expect_mmio(b, 2, false, 0xffffff04);
    expect_mmio(b, 3, true, 0xffffff05);
    bench_forget(b);
    assert_false(bench_access_load(b, 0x10000008, 4, &value));
    assert_false(bench_access_store(b, 0x10000008, 4, 0));
    assert_true(bench_access_store(b, BENCH_RAM, 4, 0));
    bench_collect(b);
    assert_int_equal(b->events, 0);
}

static void expect_reservation(struct bench *b, unsigned action, u64 pa)
{
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(b->event[0].kind, RVEMU_EVENT_reservation);
    assert_int_equal(b->event[0].reservation.action, action);
    assert_int_equal(b->event[0].reservation.pa, pa);
    bench_forget(b);
}

static void reservations_come_and_go(void **state)
{
    const u64 pa = BENCH_FRAME(0);
    struct bench *b = *state;

    bench_watch(b, RVEMU_EVENT_BIT(reservation));
    assert_true(bench_access_lr(b, pa, 8));
    expect_reservation(b, RVEMU_RESERVATION_SET, pa);
    assert_true(bench_access_sc(b, pa, 8, 1));
    expect_reservation(b, RVEMU_RESERVATION_STORED, pa);
    assert_true(bench_access_sc(b, pa + 8, 8, 1));
    expect_reservation(b, RVEMU_RESERVATION_FAILED, pa + 8);
    assert_true(bench_access_lr(b, pa, 8));
    bench_forget(b);
    assert_false(bench_access_sc(b, 3, 8, 1)); /* misaligned */
    expect_reservation(b, RVEMU_RESERVATION_LOST, pa);
    assert_false(bench_access_sc(b, 3, 8, 1));
    hart_leave_turn(&b->hart);
    bench_collect(b);
    assert_int_equal(b->events, 0);
    assert_true(bench_access_lr(b, pa, 8));
    bench_forget(b);
    hart_leave_turn(&b->hart);
    expect_reservation(b, RVEMU_RESERVATION_LOST, pa);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_come_back),      TEST(what_goes_elsewhere_is_no_return),
        TEST(harts_start_and_stop), TEST(interrupts_become_pending),
        TEST(devices_are_reached),  TEST(reservations_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
