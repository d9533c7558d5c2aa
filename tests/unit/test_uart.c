/*
 * Unit tests of dev/uart16550.c: registers as a driver sees them, interrupt
 * causes in their order, the FIFO, loopback, and who is listening.
 */
#include "dev/uart16550.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct uart16550 uart;
    struct clock clock;
    bool line;
    char sent[64];
    size_t sent_count;
};

static void set_line(void *sink, unsigned number, bool level)
{
    ((struct rig *)sink)->line = level;
}

static void put(void *host, u8 byte)
{
    struct rig *rig = host;

    rig->sent[rig->sent_count++] = (char)byte;
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct device_wiring wiring = {
        .irq = {set_line, rig, 10},
        .clock = &rig->clock,
        .console = {put, rig},
    };

    clock_init(&rig->clock);
    uart_device.init(&rig->uart, &wiring);
    uart_device.reset(&rig->uart);
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static u8 in(struct rig *rig, u64 offset)
{
    u64 value = 0;

    assert_true(uart_device.ops->read(&rig->uart, offset, 1, &value));
    return (u8)value;
}

static void out(struct rig *rig, u64 offset, u8 value)
{
    assert_true(uart_device.ops->write(&rig->uart, offset, 1, value));
}

static void registers_after_reset(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(in(rig, 1), 0);
    assert_int_equal(in(rig, 2), 0x01);
    assert_int_equal(in(rig, 3), 0);
    assert_int_equal(in(rig, 5), 0x60);
    assert_int_equal(in(rig, 6), 0xb0);
    assert_false(rig->line);
}

static void only_eight_registers_exist(void **state)
{
    struct rig *rig = *state;
    u64 value;

    assert_false(uart_device.ops->read(&rig->uart, 8, 1, &value));
    assert_false(uart_device.ops->write(&rig->uart, 0x10, 4, 0));
    assert_true(uart_device.ops->read(&rig->uart, 4, 4, &value));
}

static void dlab_selects_the_divisor(void **state)
{
    struct rig *rig = *state;

    out(rig, 3, 0x83);
    out(rig, 0, 0x34);
    out(rig, 1, 0x12);
    assert_int_equal(in(rig, 0), 0x34);
    assert_int_equal(in(rig, 1), 0x12);
    out(rig, 3, 0x03);
    assert_int_equal(in(rig, 1), 0); /* IER was not touched */
    assert_int_equal(rig->sent_count, 0);
    out(rig, 7, 0xa5);
    assert_int_equal(in(rig, 7), 0xa5);
}

static void a_byte_leaves_at_once(void **state)
{
    struct rig *rig = *state;

    out(rig, 0, 'o');
    out(rig, 0, 'k');
    assert_int_equal(rig->sent_count, 2);
    assert_memory_equal(rig->sent, "ok", 2);
    assert_int_equal(in(rig, 5) & 0x60, 0x60);
}

static void thre_interrupt_is_cleared_by_looking(void **state)
{
    struct rig *rig = *state;

    out(rig, 1, 0x02);
    assert_true(rig->line);
    assert_int_equal(in(rig, 2), 0x02);
    assert_false(rig->line);
    assert_int_equal(in(rig, 2), 0x01);
    out(rig, 1, 0x02); /* already enabled: nothing new */
    assert_false(rig->line);
    out(rig, 0, 'x');
    assert_true(rig->line);
}

static void receive_interrupt_is_a_level(void **state)
{
    struct rig *rig = *state;

    uart_receive(&rig->uart, 'a');
    assert_false(rig->line);
    assert_int_equal(in(rig, 5) & 1, 1);
    out(rig, 1, 0x01);
    assert_true(rig->line);
    assert_int_equal(in(rig, 2), 0x04);
    assert_true(rig->line);
    assert_int_equal(in(rig, 0), 'a');
    assert_false(rig->line);
    assert_int_equal(in(rig, 5) & 1, 0);
}

static void causes_come_in_their_order(void **state)
{
    struct rig *rig = *state;

    out(rig, 1, 0x0f);
    out(rig, 4, 0x10); /* loopback drops the modem lines: deltas */
    out(rig, 4, 0x00);
    uart_receive(&rig->uart, 'a');
    uart_receive(&rig->uart, 'b'); /* no FIFO: overrun */
    assert_int_equal(in(rig, 2), 0x06);
    assert_int_equal(in(rig, 5) & 0x02, 0x02);
    assert_int_equal(in(rig, 2), 0x04);
    assert_int_equal(in(rig, 0), 'a');
    assert_int_equal(in(rig, 2), 0x02);
    assert_int_equal(in(rig, 2), 0x00);
    assert_int_not_equal(in(rig, 6) & 0x0f, 0);
    assert_int_equal(in(rig, 2), 0x01);
    assert_false(rig->line);
}

static void fifo_holds_sixteen_in_order(void **state)
{
    struct rig *rig = *state;

    out(rig, 2, 0x01);
    out(rig, 1, 0x01);
    assert_int_equal(in(rig, 2) & 0xc0, 0xc0);
    for (u8 i = 0; i < 16; i++) {
        assert_true(uart_can_receive(&rig->uart));
        uart_receive(&rig->uart, i);
    }
    assert_false(uart_can_receive(&rig->uart));
    uart_receive(&rig->uart, 99);
    assert_int_equal(in(rig, 5) & 0x02, 0x02);
    for (u8 i = 0; i < 16; i++)
        assert_int_equal(in(rig, 0), i);
    assert_int_equal(in(rig, 5) & 1, 0);
}

static void trigger_level_and_timeout(void **state)
{
    struct rig *rig = *state;

    out(rig, 2, 0x41); /* trigger at 4 */
    out(rig, 1, 0x01);
    for (int i = 0; i < 3; i++)
        uart_receive(&rig->uart, 'a');
    assert_false(rig->line);
    clock_advance(&rig->clock, 4 * UART_CHAR_NS - 1);
    assert_false(rig->line);
    clock_advance(&rig->clock, 4 * UART_CHAR_NS);
    assert_true(rig->line);
    assert_int_equal(in(rig, 2), 0xcc);
    in(rig, 0);
    assert_false(rig->line);
    uart_receive(&rig->uart, 'b');
    uart_receive(&rig->uart, 'c');
    assert_true(rig->line);
    assert_int_equal(in(rig, 2), 0xc4);
}

static void clearing_the_fifo_ends_its_timeout(void **state)
{
    struct rig *rig = *state;

    out(rig, 2, 0x41);
    out(rig, 1, 0x01);
    uart_receive(&rig->uart, 'a');
    out(rig, 2, 0x43);
    clock_advance(&rig->clock, 100 * UART_CHAR_NS);
    assert_false(rig->line);
    assert_int_equal(in(rig, 5) & 1, 0);
}

static void loopback_returns_lines_and_bytes(void **state)
{
    struct rig *rig = *state;

    out(rig, 4, 0x1a); /* what Linux's probe writes: loop, OUT2, RTS */
    assert_int_equal(in(rig, 6) & 0xf0, 0x90);
    out(rig, 0, 'l');
    assert_int_equal(rig->sent_count, 0);
    assert_int_equal(in(rig, 0), 'l');
    assert_false(uart_can_receive(&rig->uart));
    uart_receive(&rig->uart, 'x');
    assert_int_equal(in(rig, 5) & 1, 0);
}

static void ring_reports_its_trailing_edge_only(void **state)
{
    struct rig *rig = *state;

    out(rig, 4, 0x10);
    in(rig, 6);
    out(rig, 4, 0x14);
    assert_int_equal(in(rig, 6), 0x40);
    out(rig, 4, 0x10);
    assert_int_equal(in(rig, 6), 0x04);
}

static void nobody_listens_until_the_guest_shows_it(void **state)
{
    struct rig *rig = *state;

    assert_false(uart_can_receive(&rig->uart));
    for (int i = 0; i < 100; i++) { /* a transmitter looks, then sends */
        in(rig, 5);
        rig->sent_count = 0;
        out(rig, 0, 'x');
    }
    assert_false(uart_can_receive(&rig->uart));
    for (int i = 0; i < 4; i++)
        in(rig, 5);
    assert_true(uart_can_receive(&rig->uart));
    out(rig, 2, 0x07); /* a driver starts over */
    assert_false(uart_can_receive(&rig->uart));
    out(rig, 1, 0x01);
    assert_true(uart_can_receive(&rig->uart));
    out(rig, 1, 0x00);
    assert_false(uart_can_receive(&rig->uart));
}

static void reset_lowers_the_line(void **state)
{
    struct rig *rig = *state;

    out(rig, 1, 0x01);
    uart_receive(&rig->uart, 'a');
    assert_true(rig->line);
    uart_device.reset(&rig->uart);
    assert_false(rig->line);
    registers_after_reset(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_after_reset),
        TEST(only_eight_registers_exist),
        TEST(dlab_selects_the_divisor),
        TEST(a_byte_leaves_at_once),
        TEST(thre_interrupt_is_cleared_by_looking),
        TEST(receive_interrupt_is_a_level),
        TEST(causes_come_in_their_order),
        TEST(fifo_holds_sixteen_in_order),
        TEST(trigger_level_and_timeout),
        TEST(clearing_the_fifo_ends_its_timeout),
        TEST(loopback_returns_lines_and_bytes),
        TEST(ring_reports_its_trailing_edge_only),
        TEST(nobody_listens_until_the_guest_shows_it),
        TEST(reset_lowers_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
