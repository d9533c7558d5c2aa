/*
 * Unit tests of dev/virtio: what guests that are wrong, or that mean harm, get
 * for it. Whatever they do, memory changes when a request is due and never
 * before, and what is not RAM is not reached.
 */
#include "virtio_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dev/virtio/console.h"

#define NEXT 1
#define WRITE 2
#define INDIRECT 4

#define T_IN 0
#define T_OUT 1
#define T_FLUSH 4
#define T_DISCARD 11
#define T_WRITE_ZEROES 13

#define OK 0
#define IOERR 1
#define UNTOUCHED 0xee

/* Where the parts of a request are, from RAM's base. */
#define HEADER 0x1000
#define STATUS 0x1010
#define TABLE 0x1100
#define DATA 0x2000
#define SECTOR BLOCK_SECTOR

#define MMIO 0x10000000ull
#define RAM_END (RIG_RAM + RIG_RAM_SIZE)

#define DONE_NS 1000000 /* no request here takes as long */

static int drop(void **state)
{
    rig_fini(*state);
    free(*state);
    return 0;
}

static int make(void **state, bool modern)
{
    struct rig *rig = malloc(sizeof(*rig));

    assert_non_null(rig);
    assert_true(rig_init(rig, RVEMU_VIRTIO_BLK, modern));
    for (unsigned i = 0; i < sizeof(rig->disk.bytes); i++)
        rig->disk.bytes[i] = (u8)(i / SECTOR + 1);
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    *state = rig;
    return 0;
}

static int make_modern(void **state)
{
    return make(state, true);
}

static int make_legacy(void **state)
{
    return make(state, false);
}

static u8 *status(struct rig *rig)
{
    return &rig->ram[STATUS];
}

static void put_header(struct rig *rig, u32 type, u64 sector)
{
    memset(&rig->ram[HEADER], 0, 16);
    memcpy(&rig->ram[HEADER], &type, 4);
    memcpy(&rig->ram[HEADER + 8], &sector, 8);
    *status(rig) = UNTOUCHED;
}

/* Descriptors 0 to 2 are a request, which nobody has been told of. */
static void describe(struct rig *rig, u32 type, u64 sector, u32 size)
{
    put_header(rig, type, sector);
    rig_describe(rig, 0, 0, RIG_RAM + HEADER, 16, NEXT, 1);
    rig_describe(rig, 0, 1, RIG_RAM + DATA, size,
                 type & T_OUT ? NEXT : NEXT | WRITE, 2);
    rig_describe(rig, 0, 2, RIG_RAM + STATUS, 1, WRITE, 0);
}

static void start(struct rig *rig, u16 head)
{
    rig_offer(rig, 0, head);
    rig_notify(rig, 0);
}

static u8 request(struct rig *rig, u32 type, u64 sector, u32 size)
{
    describe(rig, type, sector, size);
    start(rig, 0);
    assert_true(rig_finish(rig));
    return *status(rig);
}

static bool needs_reset(struct rig *rig)
{
    return rig_get(rig, RIG_STATUS) & VIRTIO_NEEDS_RESET;
}

/* The ring that stands there makes the device say so; memory stays, and after
 * a reset it works. */
static void expect_broken(struct rig *rig, u16 head)
{
    u8 *before;

    rig_offer(rig, 0, head);
    before = malloc(RIG_RAM_SIZE);
    assert_non_null(before);
    memcpy(before, rig->ram, RIG_RAM_SIZE);
    rig_notify(rig, 0);
    assert_true(rig_finish(rig));
    assert_memory_equal(rig->ram, before, RIG_RAM_SIZE);
    free(before);
    assert_true(needs_reset(rig));
    assert_true(rig->line);
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    assert_int_equal(request(rig, T_IN, 1, SECTOR), OK);
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    describe(rig, T_IN, 0, SECTOR);
}

/* After every load the guest has stored something else there. */
static void scramble(struct rig *rig, u64 offset, u64 count)
{
    for (u64 i = 0; i < count; i++)
        rig->ram[offset + i] ^= 0x5a;
}

static void expect_loads(const struct rig *rig, u64 from, u64 count, u8 loads)
{
    for (u64 i = 0; i < count; i++)
        if (rig->loads[from + i] != loads)
            fail_msg("byte %#x is loaded %u times", (unsigned)(from + i),
                     rig->loads[from + i]);
}

static void everything_is_read_once(void **state)
{
    struct rig *rig = *state;

    describe(rig, T_OUT, 3, SECTOR);
    memset(&rig->ram[DATA], 0xab, SECTOR);
    rig_offer(rig, 0, 0);
    memset(rig->loads, 0, sizeof(rig->loads));
    rig->loaded = scramble;
    rig_notify(rig, 0);
    expect_loads(rig, RIG_DESC, 3 * 16, 1);
    expect_loads(rig, RIG_AVAIL + 2, 4, 1); /* idx and the first head */
    expect_loads(rig, HEADER, 16, 1);
    expect_loads(rig, DATA, SECTOR, 0);
    clock_advance(&rig->clock, DONE_NS);
    expect_loads(rig, RIG_DESC, 3 * 16, 1);
    expect_loads(rig, HEADER, 16, 1);
    expect_loads(rig, DATA, SECTOR, 1);
    assert_int_equal(*status(rig), OK);
    assert_int_equal(rig->disk.bytes[3 * SECTOR], 0xab);
    assert_int_equal(rig->disk.bytes[4 * SECTOR - 1], 0xab);
    assert_int_equal(rig->disk.bytes[4 * SECTOR], 5);
    /* The used ring has the head that was read, not what is there now. */
    assert_int_equal(rig->ram[RIG_USED + 4], 0);
}

/* An indirect table that turns into something else while it is read. */
static void tables_are_read_once(void **state)
{
    struct rig *rig = *state;

    describe(rig, T_IN, 2, SECTOR);
    memcpy(&rig->ram[TABLE], &rig->ram[RIG_DESC], 3 * 16);
    rig_describe(rig, 0, 5, RIG_RAM + TABLE, 3 * 16, INDIRECT, 0);
    rig_offer(rig, 0, 5);
    memset(rig->loads, 0, sizeof(rig->loads));
    rig->loaded = scramble;
    rig_notify(rig, 0);
    clock_advance(&rig->clock, DONE_NS);
    expect_loads(rig, TABLE, 3 * 16, 1);
    expect_loads(rig, RIG_DESC + 5 * 16, 16, 1);
    assert_int_equal(*status(rig), OK);
    assert_int_equal(rig->ram[DATA], 3);
}

static void memory_changes_when_it_is_due(void **state)
{
    struct rig *rig = *state;
    u8 *before = malloc(RIG_RAM_SIZE);
    u64 due;

    assert_non_null(before);
    describe(rig, T_IN, 7, 4 * SECTOR);
    rig_offer(rig, 0, 0);
    memcpy(before, rig->ram, RIG_RAM_SIZE);
    rig_notify(rig, 0);
    due = clock_next(&rig->clock);
    assert_true(due >= 10000 && due < DONE_NS);
    clock_advance(&rig->clock, due - 1);
    assert_memory_equal(rig->ram, before, RIG_RAM_SIZE);
    assert_false(rig->line);
    clock_advance(&rig->clock, due);
    assert_int_equal(rig->ram[DATA], 8);
    assert_int_equal(rig->ram[DATA + 4 * SECTOR - 1], 11);
    assert_int_equal(rig_used(rig, 0), 1);
    assert_true(rig->line);
    free(before);
}

static void a_request_moves(void **state)
{
    struct rig *rig = *state;
    u64 due;

    describe(rig, T_IN, 7, SECTOR);
    start(rig, 0);
    due = clock_next(&rig->clock);
    assert_true(rig_move(rig));
    assert_int_equal(clock_next(&rig->clock), due);
    assert_true(rig_finish(rig));
    assert_int_equal(*status(rig), OK);
    assert_int_equal(rig->ram[DATA], 8);
    assert_int_equal(request(rig, T_IN, 8, SECTOR), OK);
}

static void rings_that_loop(void **state)
{
    struct rig *rig = *state;

    describe(rig, T_IN, 0, SECTOR);
    rig_describe(rig, 0, 1, RIG_RAM + DATA, SECTOR, NEXT | WRITE, 1);
    expect_broken(rig, 0);
    rig_describe(rig, 0, 0, RIG_RAM + HEADER, 16, NEXT, 0);
    expect_broken(rig, 0);
    /* A table that leads to itself, one in a table, and both at once. */
    rig_describe(rig, 0, 4, RIG_RAM + RIG_DESC, 8 * 16, INDIRECT, 0);
    rig_describe(rig, 0, 0, RIG_RAM + RIG_DESC, 8 * 16, INDIRECT, 0);
    expect_broken(rig, 4);
    rig_describe(rig, 0, 0, RIG_RAM + RIG_DESC, 16, INDIRECT | NEXT, 0);
    expect_broken(rig, 0);
}

static void rings_that_lead_out_of_ram(void **state)
{
    static const struct {
        u64 pa;
        u32 size;
    } bad[] = {
        {0, SECTOR},
        {MMIO, SECTOR},
        {RIG_RAM - 1, SECTOR},
        {RAM_END, SECTOR},
        {RAM_END - SECTOR + 1, SECTOR},
        {RIG_RAM, RIG_RAM_SIZE + 16},
        {RIG_RAM, UINT32_MAX},
        {RIG_RAM + 1, UINT32_MAX},
        {UINT64_MAX, SECTOR},
        {UINT64_MAX - SECTOR + 1, SECTOR},
        {(RIG_RAM | 1ull << 63) + DATA, SECTOR},
        {RIG_RAM + DATA, 0},
        {0, 0},
    };
    struct rig *rig = *state;

    describe(rig, T_IN, 0, SECTOR);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        rig_describe(rig, 0, 1, bad[i].pa, bad[i].size, NEXT | WRITE, 2);
        expect_broken(rig, 0);
        rig_describe(rig, 0, 0, bad[i].pa, bad[i].size, NEXT, 1);
        expect_broken(rig, 0);
        rig_describe(rig, 0, 2, bad[i].pa, bad[i].size, WRITE, 1);
        expect_broken(rig, 0);
        rig_describe(rig, 0, 7, bad[i].pa, bad[i].size & ~15u, INDIRECT, 1);
        expect_broken(rig, 7);
    }
    for (unsigned head = RIG_QUEUE_SIZE; head < 0x10000; head = 2 * head + 1)
        expect_broken(rig, (u16)head);
}

/* Places of the areas themselves. */
static void areas_out_of_ram(void **state)
{
    static const u64 places[] = {0,       1,           MMIO, RIG_RAM - 4096,
                                 RAM_END, RAM_END - 1, ~0ull};
    static const u64 registers[] = {RIG_QUEUE_DESC, RIG_QUEUE_DRIVER,
                                    RIG_QUEUE_DEVICE};
    struct rig *rig = *state;

    for (unsigned i = 0; i < 3 * sizeof(places) / sizeof(places[0]); i++) {
        rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
        describe(rig, T_IN, 0, SECTOR);
        rig_put(rig, RIG_QUEUE_READY, 0);
        rig_write(rig, registers[i % 3], 8, places[i / 3]);
        rig_put(rig, RIG_QUEUE_READY, 1);
        start(rig, 0);
        assert_true(rig_finish(rig));
        assert_int_equal(rig_used(rig, 0), 0);
        /* A table at 0 is none, which no driver can mean. */
        if (i % 3 || places[i / 3])
            assert_true(needs_reset(rig));
    }
}

/* The parts of a request on top of each other and of the rings: all of it is
 * the guest's own memory. */
static void parts_that_overlap(void **state)
{
    struct rig *rig = *state;

    for (u64 at = 0; at < 0x400; at += 2) {
        rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
        describe(rig, T_IN, at % RIG_SECTORS, SECTOR);
        rig_describe(rig, 0, 1, RIG_RAM + at, SECTOR, NEXT | WRITE, 2);
        rig_describe(rig, 0, 2, RIG_RAM + at, 1, WRITE, 0);
        start(rig, 0);
        clock_advance(&rig->clock, DONE_NS);
        rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
        describe(rig, T_OUT, 0, SECTOR);
        rig_describe(rig, 0, 0, RIG_RAM + at, 16, NEXT, 1);
        rig_describe(rig, 0, 1, RIG_RAM + at, SECTOR, NEXT, 2);
        start(rig, 0);
        clock_advance(&rig->clock, DONE_NS);
    }
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    assert_int_equal(request(rig, T_FLUSH, 0, 1), OK);
}

/* Many chains that share all of their descriptors, and more than there are. */
static void many_at_once(void **state)
{
    struct rig *rig = *state;

    describe(rig, T_IN, 9, SECTOR);
    for (unsigned i = 0; i < RIG_QUEUE_SIZE; i++)
        rig_offer(rig, 0, 0);
    rig_notify(rig, 0);
    rig_notify(rig, 0);
    assert_true(rig_finish(rig));
    assert_int_equal(rig_used(rig, 0), RIG_QUEUE_SIZE);
    for (unsigned i = 0; i <= RIG_QUEUE_SIZE; i++)
        rig_offer(rig, 0, 0);
    rig_notify(rig, 0);
    assert_true(rig_finish(rig));
    assert_true(needs_reset(rig));
}

/* The longest chain, and one that is longer by one. */
static void long_chains(void **state)
{
    struct rig *rig = *state;
    u64 at = DATA;

    describe(rig, T_IN, 0, SECTOR);
    for (unsigned n = 0; n < VIRTIO_QUEUE_SIZE_MAX + 1; n++) {
        u64 pa = n ? RIG_RAM + 0xf000 + n % 512 : RIG_RAM + HEADER;
        u32 size = n ? 1 : 16;
        u16 flags = n ? NEXT | WRITE : NEXT, next = (u16)(n + 1);

        flags &= (u16)(n == VIRTIO_QUEUE_SIZE_MAX ? ~NEXT : ~0);
        memcpy(&rig->ram[at + 16 * n], &pa, 8);
        memcpy(&rig->ram[at + 16 * n + 8], &size, 4);
        memcpy(&rig->ram[at + 16 * n + 12], &flags, 2);
        memcpy(&rig->ram[at + 16 * n + 14], &next, 2);
    }
    rig_describe(rig, 0, 3, RIG_RAM + at, 16 * (VIRTIO_QUEUE_SIZE_MAX + 1),
                 INDIRECT, 0);
    rig_offer(rig, 0, 3);
    rig_notify(rig, 0);
    assert_true(needs_reset(rig));
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    rig->ram[at + 16 * (VIRTIO_QUEUE_SIZE_MAX - 1) + 12] = WRITE;
    rig_describe(rig, 0, 3, RIG_RAM + at, 16 * VIRTIO_QUEUE_SIZE_MAX, INDIRECT,
                 0);
    start(rig, 3);
    assert_true(rig_finish(rig));
    assert_int_equal(rig_used(rig, 0), 1);
    assert_false(needs_reset(rig));
}

static void expect_dropped(struct rig *rig)
{
    u64 stores = rig->stores;

    assert_int_equal(clock_next(&rig->clock), CLOCK_NEVER);
    clock_advance(&rig->clock, rig->clock.s.now + DONE_NS);
    assert_int_equal(rig->stores, stores);
    assert_int_equal(*status(rig), UNTOUCHED);
    assert_false(rig->line);
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    assert_int_equal(request(rig, T_IN, 1, SECTOR), OK);
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    describe(rig, T_IN, 0, SECTOR);
    start(rig, 0);
    assert_int_not_equal(clock_next(&rig->clock), CLOCK_NEVER);
}

static void queues_that_go_while_in_flight(void **state)
{
    struct rig *rig = *state;

    describe(rig, T_IN, 0, SECTOR);
    start(rig, 0);
    rig_put(rig, RIG_STATUS, 0);
    expect_dropped(rig);
    if (rig->slots.modern) {
        rig_put(rig, RIG_QUEUE_READY, 0);
        expect_dropped(rig);
    } else {
        rig_put(rig, RIG_QUEUE_PFN, 0);
        expect_dropped(rig);
        rig_put(rig, RIG_QUEUE_PFN, (u32)(RIG_RAM / RIG_QUEUE_BYTES) + 8);
        expect_dropped(rig);
    }
}

/* What is in flight is finished; what comes then goes by the new size. */
static void queues_that_change_while_in_flight(void **state)
{
    static const u32 values[] = {0, 1, 2, 7, 1024, 1025, 0x8000, UINT32_MAX};
    struct rig *rig = *state;

    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
        describe(rig, T_IN, 0, SECTOR);
        start(rig, 0);
        rig_put(rig, RIG_QUEUE_SEL, i % 2);
        rig_put(rig, RIG_QUEUE_NUM, values[i]);
        rig_put(rig, RIG_QUEUE_ALIGN, values[i]);
        rig_put(rig, RIG_GUEST_PAGE_SIZE, values[i]);
        rig_write(rig, RIG_QUEUE_DESC, 8, values[i]);
        rig_write(rig, RIG_QUEUE_DEVICE, 8, values[i]);
        rig_put(rig, RIG_DRIVER_FEATURES, values[i]);
        rig_notify(rig, 0);
        rig_notify(rig, values[i]);
        assert_true(rig_finish(rig));
        assert_int_equal(*status(rig), OK);
    }
}

/* A number of a sequence that has each offset beside each width soon. */
static u64 roll(u64 *dice)
{
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return *dice;
}

static void any_access(void **state)
{
    struct rig *rig = *state;
    u64 dice = 88172645463325252, value;

    for (u64 n = 0; n < 200000; n++) {
        unsigned size = 1u << roll(&dice) % 4;
        u64 offset = roll(&dice) % 0x1000 / size * size;
        bool there = offset < 0x200;

        if (n % 64 == 0) {
            rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
            describe(rig, (u32)roll(&dice) % 16, n % 64, SECTOR);
            rig_offer(rig, 0, 0);
        }
        assert_int_equal(rig_read(rig, offset, size, &value), there);
        if (size < 8)
            assert_int_equal(value >> 8 * size, 0);
        value = roll(&dice) >> roll(&dice) % 64;
        assert_int_equal(rig_write(rig, offset, size, value), there);
        clock_advance(&rig->clock, rig->clock.s.now + roll(&dice) % 1000);
    }
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, ~0ull);
    assert_int_equal(request(rig, T_IN, 1, SECTOR), OK);
}

static void what_fails_is_told(void **state)
{
    static const u32 types[] = {T_IN, T_OUT, T_FLUSH, T_DISCARD,
                                T_WRITE_ZEROES};
    struct rig *rig = *state;

    for (unsigned i = 0; i < 2 * sizeof(types) / sizeof(types[0]); i++) {
        u32 type = types[i / 2], size = type > T_FLUSH ? 16 : SECTOR;

        rig->disk.fails = i % 2;
        memset(&rig->ram[DATA], 0, 16);
        assert_int_equal(request(rig, type, 0, size),
                         rig->disk.fails ? IOERR : OK);
    }
}

/* A driver that knows of no flush gets writes that need none. */
static void writes_go_through_without_flush(void **state)
{
    struct rig *rig = *state;

    request(rig, T_OUT, 0, SECTOR);
    assert_int_equal(rig->disk.flushes, 0);
    rig_set_up(rig, 1, RIG_QUEUE_SIZE, VIRTIO_F_VERSION_1);
    request(rig, T_OUT, 0, SECTOR);
    assert_int_equal(rig->disk.flushes, 1);
    request(rig, T_IN, 0, SECTOR);
    assert_int_equal(rig->disk.flushes, 1);
}

static void what_is_read_only_stays(void **state)
{
    static const u32 types[] = {T_OUT, T_WRITE_ZEROES, T_DISCARD};
    struct rig *rig = *state;
    u8 before[sizeof(rig->disk.bytes)];

    memcpy(before, rig->disk.bytes, sizeof(before));
    rig->disk.block.read_only = true;
    memset(&rig->ram[DATA], 0, SECTOR);
    rig->ram[DATA + 8] = 4; /* sectors, of a range */
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        assert_int_equal(
            request(rig, types[i], 0, types[i] == T_OUT ? SECTOR : 16), IOERR);
    assert_memory_equal(rig->disk.bytes, before, sizeof(before));
    assert_int_equal(request(rig, T_FLUSH, 0, 1), OK);
}

static int make_console(void **state)
{
    struct rig *rig = malloc(sizeof(*rig));

    assert_non_null(rig);
    assert_true(rig_init(rig, RVEMU_VIRTIO_CONSOLE, true));
    rig_set_up(rig, 4, RIG_QUEUE_SIZE, VIRTIO_F_VERSION_1);
    *state = rig;
    return 0;
}

/* Input waits for buffers, and buffers for input; what has been taken in moves
 * with the machine. */
static void consoles_wait_for_input(void **state)
{
    struct rig *rig = *state;
    unsigned room = 0;

    rig_describe(rig, 0, 0, RIG_RAM + DATA, 16, WRITE, 0);
    start(rig, 0);
    assert_int_equal(clock_next(&rig->clock), CLOCK_NEVER);
    assert_true(virtio_console_can_receive(rig->v));
    virtio_console_receive(rig->v, 'a');
    assert_true(rig_finish(rig));
    assert_int_equal(rig->ram[DATA], 'a');
    assert_int_equal(rig_used(rig, 0), 1);
    for (; virtio_console_can_receive(rig->v); room++)
        virtio_console_receive(rig->v, (u8)room);
    assert_in_range(room, 16, 1000);
    assert_true(rig_move(rig));
    for (unsigned got = 0; got < room; got += 16) {
        start(rig, 0);
        assert_true(rig_finish(rig));
        assert_int_equal(rig->ram[DATA], got);
    }
    assert_true(virtio_console_can_receive(rig->v));
    rig_put(rig, RIG_STATUS, 0);
    assert_false(virtio_console_can_receive(rig->v));
}

/* A queue that goes while its chain is in flight does not hold up others. */
static void queues_do_not_wait_for_one_that_goes(void **state)
{
    struct rig *rig = *state;

    for (unsigned queue = 1; queue < 4; queue += 2) {
        rig_describe(rig, queue, 0, RIG_RAM + DATA, 16, 0, 0);
        rig_offer(rig, queue, 0);
        rig_notify(rig, queue);
    }
    rig_put(rig, RIG_QUEUE_SEL, 1);
    rig_put(rig, RIG_QUEUE_READY, 0);
    assert_true(rig_finish(rig));
    assert_int_equal(rig_used(rig, 1), 0);
    assert_int_equal(rig_used(rig, 3), 1);
    assert_int_equal(rig->sent, 0);
}

#define BOTH(test)                                            \
    cmocka_unit_test_setup_teardown(test, make_modern, drop), \
    {                                                         \
#test "-legacy", test, make_legacy, drop, NULL        \
    }
#define MODERN(test) cmocka_unit_test_setup_teardown(test, make_modern, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(everything_is_read_once),
        BOTH(tables_are_read_once),
        BOTH(memory_changes_when_it_is_due),
        BOTH(a_request_moves),
        MODERN(rings_that_loop),
        MODERN(rings_that_lead_out_of_ram),
        MODERN(areas_out_of_ram),
        BOTH(parts_that_overlap),
        MODERN(many_at_once),
        MODERN(long_chains),
        BOTH(queues_that_go_while_in_flight),
        BOTH(queues_that_change_while_in_flight),
        BOTH(any_access),
        BOTH(what_fails_is_told),
        BOTH(writes_go_through_without_flush),
        BOTH(what_is_read_only_stays),
        cmocka_unit_test_setup_teardown(consoles_wait_for_input, make_console,
                                        drop),
        cmocka_unit_test_setup_teardown(queues_do_not_wait_for_one_that_goes,
                                        make_console, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
