/*
 * Unit tests of machine/wiring.c: that every device answers where the map
 * says, that its wires end at the right inputs of the right hart, and that no
 * sequence of accesses, however wild, harms the host.
 */
#include "machine/wiring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define HARTS 2
#define PLIC 0x0c000000
#define UART 0x10000000
#define CLINT 0x02000000
#define ACCESSES 400000

struct rig {
    struct bus bus;
    struct clock clock;
    struct board board;
    u64 mip[HARTS]; /* each hart's wires, as mip has them */
    unsigned stops;
    u8 sent;
};

static void hart_irq(void *hart, unsigned irq, bool level)
{
    u64 *mip = hart;

    *mip = level ? *mip | 1ull << irq : *mip & ~(1ull << irq);
}

static void stop(void *host, enum syscon_stop how, unsigned code)
{
    ((struct rig *)host)->stops++;
}

static void put(void *host, u8 byte)
{
    ((struct rig *)host)->sent = byte;
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct board_config config = {
        .bus = &rig->bus,
        .clock = &rig->clock,
        .harts = HARTS,
        .hart_irq = hart_irq,
        .hart = {&rig->mip[0], &rig->mip[1]},
        .console = {put, rig},
        .syscon = {stop, rig},
        .epoch = 1000,
    };
    struct rvemu_error error;

    assert_int_equal(bus_init(&rig->bus, MEMMAP_RAM_BASE, 1 << 20, &error), 0);
    clock_init(&rig->clock);
    board_init(&rig->board, &config);
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    struct rig *rig = *state;

    bus_fini(&rig->bus);
    free(rig);
    return 0;
}

static u64 in(struct rig *rig, u64 pa, unsigned size)
{
    u64 value = 0;

    assert_true(bus_read(&rig->bus, pa, size, &value));
    return value;
}

static void out(struct rig *rig, u64 pa, unsigned size, u64 value)
{
    assert_true(bus_write(&rig->bus, pa, size, value));
}

static void every_device_is_where_the_map_says(void **state)
{
    struct rig *rig = *state;
    u64 value;

    for (unsigned i = 0; i < MEMMAP_DEVICES; i++) {
        const struct bus_range *range = bus_find(&rig->bus, memmap[i].base);

        assert_non_null(range);
        assert_string_equal(range->name, memmap[i].name);
        assert_ptr_equal(
            range, bus_find(&rig->bus, memmap[i].base + memmap[i].size - 1));
    }
    out(rig, UART, 1, 'u');
    assert_int_equal(rig->sent, 'u');
    out(rig, 0x100000, 4, 0x5555);
    assert_int_equal(rig->stops, 1);
    assert_int_equal(in(rig, 0x101000, 4), (u32)1000000000000);
    assert_int_equal(in(rig, 0x1000, 4), 0);
    assert_false(bus_write(&rig->bus, 0x1000, 4, 0));
    assert_false(bus_read(&rig->bus, 0, 4, &value));
    assert_false(bus_read(&rig->bus, MEMMAP_RAM_BASE + (1 << 20), 4, &value));
}

static void the_uart_interrupts_through_the_plic(void **state)
{
    struct rig *rig = *state;

    out(rig, PLIC + 4 * 10, 4, 1);
    out(rig, PLIC + 0x2000 + 0x80 * 3, 4, 1 << 10); /* hart 1, S */
    out(rig, UART + 1, 1, 1);
    uart_receive(&rig->board.uart, 'x');
    assert_int_equal(rig->mip[0], 0);
    assert_int_equal(rig->mip[1], 1 << BOARD_SEIP);
    assert_int_equal(in(rig, PLIC + 0x200004 + 0x1000 * 3, 4), 10);
    assert_int_equal(rig->mip[1], 0);
    assert_int_equal(in(rig, UART, 1), 'x');
    out(rig, PLIC + 0x200004 + 0x1000 * 3, 4, 10);
    assert_int_equal(rig->mip[1], 0);
    out(rig, PLIC + 0x2000, 4, 1 << 10); /* hart 0, M */
    uart_receive(&rig->board.uart, 'y');
    assert_int_equal(rig->mip[0], 1 << BOARD_MEIP);
    board_reset(&rig->board);
    assert_int_equal(rig->mip[0] | rig->mip[1], 0);
}

static void the_rtc_interrupts_as_source_11(void **state)
{
    struct rig *rig = *state;

    out(rig, PLIC + 4 * 11, 4, 1);
    out(rig, PLIC + 0x2000 + 0x80, 4, 1 << 11);
    out(rig, 0x101010, 4, 1);
    out(rig, 0x101008, 4, 0);
    assert_int_equal(rig->mip[0], 1 << BOARD_SEIP);
}

static void the_clint_reaches_its_hart(void **state)
{
    struct rig *rig = *state;

    out(rig, CLINT + 4, 4, 1);
    assert_int_equal(rig->mip[1], 1 << BOARD_MSIP);
    out(rig, CLINT + 0x4000, 8, 5);
    clock_advance(&rig->clock, 500);
    assert_int_equal(rig->mip[0], 1 << BOARD_MTIP);
}

/* xorshift64 */
static u64 random_word(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void wild_accesses_do_no_harm(void **state)
{
    struct rig *rig = *state;
    u64 seed = 88172645463325252ull;

    for (unsigned i = 0; i < ACCESSES; i++) {
        const struct memmap_entry *entry =
            &memmap[random_word(&seed) % MEMMAP_DEVICES];
        unsigned size = 1u << random_word(&seed) % 4;
        u64 offset = random_word(&seed);
        u64 value = random_word(&seed) >> random_word(&seed) % 64;

        /* Half of them hit the first registers, where most happens. */
        offset %= random_word(&seed) & 1 ? 64 : entry->size;
        offset &= ~(u64)(size - 1);
        if (random_word(&seed) & 1)
            bus_write(&rig->bus, entry->base + offset, size, value);
        else
            bus_read(&rig->bus, entry->base + offset, size, &value);
        if (uart_can_receive(&rig->board.uart))
            uart_receive(&rig->board.uart, (u8)value);
        if (i % 16 == 0)
            clock_advance(&rig->clock,
                          rig->clock.s.now + random_word(&seed) % 1000000);
        assert_true(rig->board.uart.s.fifo_count <= UART_FIFO_SIZE);
        assert_true(clock_next(&rig->clock) > rig->clock.s.now || i % 16);
    }
    board_reset(&rig->board);
    assert_int_equal(rig->mip[0] | rig->mip[1], 0);
    assert_int_equal(clock_next(&rig->clock), CLOCK_NEVER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_device_is_where_the_map_says),
        TEST(the_uart_interrupts_through_the_plic),
        TEST(the_rtc_interrupts_as_source_11),
        TEST(the_clint_reaches_its_hart),
        TEST(wild_accesses_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
