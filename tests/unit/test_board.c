/*
 * Unit tests of machine/board.c: that every device answers where the map
 * says, that its wires end at the right inputs of the right hart, that no
 * sequence of accesses, however wild, harms the host, and that its parts are
 * all there is to carry over to another board.
 */
#include "machine/board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine/memmap.h"

#define HARTS 2
#define PLIC 0x0c000000
#define UART 0x10000000
#define CLINT 0x02000000
#define ACCESSES 400000
#define MOVE_EVERY 97

struct rig {
    struct bus bus;
    struct clock clock;
    struct board board;
    u64 mip[DEVICE_HARTS_MAX]; /* each hart's wires, as mip has them */
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

static struct rig *new_rig(unsigned harts)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    struct device_wiring wiring = {
        .clock = &rig->clock,
        .harts = harts,
        .hart_irq = hart_irq,
        .console = {put, rig},
        .stop = {stop, rig},
        .aclint = true,
        .epoch = 1000,
    };
    struct rvemu_error error;

    for (unsigned h = 0; h < harts; h++)
        wiring.hart[h] = &rig->mip[h];
    assert_int_equal(bus_init(&rig->bus, MEMMAP_RAM_BASE, 1 << 20, &error), 0);
    clock_init(&rig->clock);
    assert_int_equal(board_init(&rig->board, &rig->bus, &wiring, &error), 0);
    return rig;
}

static void free_rig(struct rig *rig)
{
    board_fini(&rig->board);
    bus_fini(&rig->bus);
    free(rig);
}

static int make(void **state)
{
    *state = new_rig(HARTS);
    return 0;
}

static int drop(void **state)
{
    free_rig(*state);
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
    char name[32];
    u64 value;

    for (const struct board_row *row = board_rows; row->kind; row++)
        for (unsigned i = 0; i < row->count; i++) {
            const struct device_place place = board_place(row, i);
            const struct bus_range *range = bus_find(&rig->bus, place.base);

            assert_non_null(range);
            snprintf(name, sizeof(name), "%s%u", row->kind->name, i);
            assert_string_equal(range->name, name);
            assert_in_range(strlen(name), 1, 8); /* an event holds all of it */
            assert_ptr_equal(range,
                             bus_find(&rig->bus, place.base + place.size - 1));
            assert_ptr_not_equal(range, bus_find(&rig->bus, place.base - 1));
            assert_ptr_not_equal(range,
                                 bus_find(&rig->bus, place.base + place.size));
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
    uart_receive(rig->board.uart, 'x');
    assert_int_equal(rig->mip[0], 0);
    assert_int_equal(rig->mip[1], 1 << IRQ_SEIP);
    assert_int_equal(in(rig, PLIC + 0x200004 + 0x1000 * 3, 4), 10);
    assert_int_equal(rig->mip[1], 0);
    assert_int_equal(in(rig, UART, 1), 'x');
    out(rig, PLIC + 0x200004 + 0x1000 * 3, 4, 10);
    assert_int_equal(rig->mip[1], 0);
    out(rig, PLIC + 0x2000, 4, 1 << 10); /* hart 0, M */
    uart_receive(rig->board.uart, 'y');
    assert_int_equal(rig->mip[0], 1 << IRQ_MEIP);
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
    assert_int_equal(rig->mip[0], 1 << IRQ_SEIP);
}

static void the_clint_reaches_its_hart(void **state)
{
    struct rig *rig = *state;

    out(rig, CLINT + 4, 4, 1);
    assert_int_equal(rig->mip[1], 1 << IRQ_MSIP);
    out(rig, CLINT + 0x4000, 8, 5);
    clock_advance(&rig->clock, 500);
    assert_int_equal(rig->mip[0], 0);
    clock_advance(&rig->clock, 600);
    assert_int_equal(rig->mip[0], 1 << IRQ_MTIP);
}

/* Tables of a fixed size have room for the largest machine, whose harts have
 * a timer each and HTIF has one as well, and no two ranges overlap. */
static void a_full_board_fits(void **state)
{
    struct rig *full = new_rig(DEVICE_HARTS_MAX);
    const struct bus_range *range = full->bus.range;

    assert_true(full->clock.timers + DEVICE_HARTS_MAX + 1 <= CLOCK_TIMERS_MAX);
    for (unsigned i = 1; i < full->bus.range_count; i++)
        assert_true(range[i - 1].base + range[i - 1].size <= range[i].base);
    free_rig(full);
}

/* xorshift64 */
static u64 random_word(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static const struct board_device *random_device(struct rig *rig, u64 *seed)
{
    return &rig->board.device[random_word(seed) % rig->board.count];
}

/* One access, a byte for the UART, and now and then time: what comes of it
 * depends on the rig and seed only. Returns what was read. */
static u64 wild_access(struct rig *rig, u64 *seed)
{
    const struct device_place *place = &random_device(rig, seed)->place;
    unsigned size = 1u << random_word(seed) % 4;
    u64 offset = random_word(seed);
    u64 value = random_word(seed) >> random_word(seed) % 64;

    /* Half of them hit the first registers, where most happens. */
    offset %= random_word(seed) & 1 ? 64 : place->size;
    offset &= ~(u64)(size - 1);
    if (random_word(seed) & 1)
        bus_write(&rig->bus, place->base + offset, size, value);
    else
        bus_read(&rig->bus, place->base + offset, size, &value);
    if (uart_can_receive(rig->board.uart))
        uart_receive(rig->board.uart, (u8)value);
    if (random_word(seed) % 16 == 0) {
        clock_advance(&rig->clock,
                      rig->clock.s.now + random_word(seed) % 1000000);
        assert_true(clock_next(&rig->clock) > rig->clock.s.now);
    }
    return value;
}

static void wild_accesses_do_no_harm(void **state)
{
    struct rig *rig = *state;
    u64 seed = 88172645463325252ull;

    for (unsigned i = 0; i < ACCESSES; i++) {
        wild_access(rig, &seed);
        assert_true(rig->board.uart->s.fifo_count <= UART_FIFO_SIZE);
    }
    board_reset(&rig->board);
    /* SSIP is the harts' own to clear. */
    assert_int_equal((rig->mip[0] | rig->mip[1]) & ~(1ull << IRQ_SSIP), 0);
    assert_int_equal(clock_next(&rig->clock), CLOCK_NEVER);
}

/* The rig goes on in a fresh one: what devices and clock know, and what the
 * harts do. */
static struct rig *moved(struct rig *from)
{
    struct part source[BOARD_DEVICES_MAX], target[BOARD_DEVICES_MAX];
    struct rig *to = new_rig(HARTS);
    unsigned count = board_parts(&from->board, source);

    assert_int_equal(board_parts(&to->board, target), count);
    for (unsigned i = 0; i < count; i++) {
        assert_string_equal(target[i].name, source[i].name);
        assert_int_equal(target[i].size, source[i].size);
        memcpy(target[i].bytes, source[i].bytes, source[i].size);
    }
    to->clock.s = from->clock.s;
    clock_restored(&to->clock);
    memcpy(to->mip, from->mip, sizeof(to->mip));
    to->stops = from->stops;
    to->sent = from->sent;
    free_rig(from);
    return to;
}

static void assert_rigs_equal(const struct rig *a, const struct rig *b)
{
    struct part of_a[BOARD_DEVICES_MAX], of_b[BOARD_DEVICES_MAX];
    unsigned count = board_parts(&a->board, of_a);

    board_parts(&b->board, of_b);
    for (unsigned i = 0; i < count; i++)
        assert_memory_equal(of_a[i].bytes, of_b[i].bytes, of_a[i].size);
    assert_memory_equal(&a->clock.s, &b->clock.s, sizeof(a->clock.s));
    assert_memory_equal(a->mip, b->mip, sizeof(a->mip));
    assert_int_equal(a->stops, b->stops);
    assert_int_equal(a->sent, b->sent);
}

/* Every so often one of two boards moves, and both go on alike. */
static void a_board_moves_by_its_parts(void **state)
{
    struct rig *stays = *state, *moves = new_rig(HARTS);
    u64 seed = 88172645463325252ull, other = seed;

    for (unsigned i = 0; i < ACCESSES / 4; i++) {
        assert_int_equal(wild_access(stays, &seed), wild_access(moves, &other));
        if (i % MOVE_EVERY)
            continue;
        moves = moved(moves);
        assert_rigs_equal(stays, moves);
    }
    assert_rigs_equal(stays, moves);
    free_rig(moves);
}

static void parts_are_named_after_their_devices(void **state)
{
    struct rig *rig = *state;
    struct part part[BOARD_DEVICES_MAX];
    unsigned count = board_parts(&rig->board, part), uarts = 0;

    for (unsigned i = 0; i < count; i++) {
        if (strcmp(part[i].name, "uart0"))
            continue;
        uarts++;
        assert_ptr_equal(part[i].bytes, &rig->board.uart->s);
        assert_int_equal(part[i].size, sizeof(rig->board.uart->s));
    }
    assert_int_equal(uarts, 1);
}

/* The next one of a kind follows the one before, and so does its source. */
static void several_of_a_kind_stand_side_by_side(void **state)
{
    const struct board_row row = {&uart_device, 0x1000, 0x100, 5, 3};
    const struct board_row quiet = {&uart_device, 0x1000, 0x100, 0, 3};
    struct device_place place = board_place(&row, 2);

    assert_int_equal(place.base, 0x1200);
    assert_int_equal(place.size, 0x100);
    assert_int_equal(place.irq, 7);
    assert_int_equal(place.index, 2);
    assert_int_equal(board_place(&quiet, 2).irq, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_device_is_where_the_map_says),
        TEST(the_uart_interrupts_through_the_plic),
        TEST(the_rtc_interrupts_as_source_11),
        TEST(the_clint_reaches_its_hart),
        TEST(a_full_board_fits),
        TEST(wild_accesses_do_no_harm),
        TEST(a_board_moves_by_its_parts),
        TEST(parts_are_named_after_their_devices),
        TEST(several_of_a_kind_stand_side_by_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
