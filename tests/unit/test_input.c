/*
 * Unit tests of machine/input.c: at which machine time bytes reach the UART,
 * what is asked of the host meanwhile, and when an idle guest gets on.
 */
#include "machine/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/clock.h"
#include "dev/uart16550.h"

#define MS 1000000ull
#define IER 1
#define IER_RDA 1
#define FCR 2
#define FCR_FIFO 1
#define LSR 5

struct rig {
    struct clock clock;
    struct uart16550 uart;
    struct input input;
};

static void nothing(void *sink, unsigned number, bool level)
{
}

/* The guest's receiver. */
static void listen(struct rig *rig, bool on)
{
    uart_device.ops->write(&rig->uart, IER, 1, on ? IER_RDA : 0);
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct device_wiring wiring = {.irq = {nothing, rig, 10},
                                         .clock = &rig->clock};

    clock_init(&rig->clock);
    uart_device.init(&rig->uart, &wiring);
    uart_device.reset(&rig->uart);
    uart_device.ops->write(&rig->uart, FCR, 1, FCR_FIFO);
    listen(rig, true);
    input_init(&rig->input, &rig->uart, NULL);
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static void take(struct rig *rig, enum rvemu_input_kind kind)
{
    input_take(&rig->input, &(struct input_record){.what.kind = kind});
}

static void give(struct rig *rig, const char *text)
{
    input_take(&rig->input,
               &(struct input_record){.what = {.kind = RVEMU_INPUT_BYTES,
                                               .bytes = (const u8 *)text,
                                               .count = strlen(text)}});
}

/* What the UART has got, which is taken out of it. */
static void expect(struct rig *rig, const char *text)
{
    u64 byte;

    assert_int_equal(rig->uart.s.fifo_count, strlen(text));
    for (; *text; text++) {
        uart_device.ops->read(&rig->uart, 0, 1, &byte);
        assert_int_equal(byte, *text);
    }
}

static void a_byte_a_character_time(void **state)
{
    struct rig *rig = *state;

    take(rig, RVEMU_INPUT_FILE);
    give(rig, "ab\n");
    take(rig, RVEMU_INPUT_END);
    input_serve(&rig->input, 5);
    assert_int_equal(input_next(&rig->input, 5), 5 + UART_CHAR_NS);
    input_serve(&rig->input, 5 + UART_CHAR_NS - 1);
    expect(rig, "a");
    input_serve(&rig->input, 5 + UART_CHAR_NS);
    expect(rig, "b");
    input_serve(&rig->input, 1000 * MS);
    input_serve(&rig->input, 2000 * MS);
    expect(rig, "\n\x04");
    input_serve(&rig->input, 3000 * MS);
    expect(rig, "");
    assert_int_equal(input_next(&rig->input, 3000 * MS), UINT64_MAX);
}

/* Who polls for its input has it sooner: it is sent when it is fetched. */
static void a_polling_guest_waits_less(void **state)
{
    struct rig *rig = *state;
    u64 lsr;

    take(rig, RVEMU_INPUT_FILE);
    give(rig, "ab");
    listen(rig, false);
    input_serve(&rig->input, 5);
    expect(rig, "");
    for (unsigned i = 0; i < 8; i++)
        uart_device.ops->read(&rig->uart, LSR, 1, &lsr);
    input_serve(&rig->input, 5);
    expect(rig, "a");
    assert_int_equal(input_next(&rig->input, 5), 5 + UART_POLLED_NS);
    listen(rig, true);
    input_serve(&rig->input, 5 + UART_POLLED_NS);
    expect(rig, "b");
    assert_int_equal(rig->input.s.free, 5 + UART_POLLED_NS + UART_CHAR_NS);
}

static void the_end_comes_twice_behind_half_a_line(void **state)
{
    struct rig *rig = *state;

    take(rig, RVEMU_INPUT_LIVE);
    give(rig, "x");
    take(rig, RVEMU_INPUT_END);
    for (unsigned i = 0; i < 5; i++)
        input_serve(&rig->input, i * MS);
    expect(rig, "x\x04\x04");
    take(rig, RVEMU_INPUT_LIVE);
    take(rig, RVEMU_INPUT_GONE);
    input_serve(&rig->input, 5 * MS);
    expect(rig, "");
}

/* A file is asked for one byte when that can be sent at once. */
static void what_is_asked_of_the_host(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_NOTHING);
    take(rig, RVEMU_INPUT_FILE);
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_NOW);
    listen(rig, false);
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_NOTHING);
    listen(rig, true);
    give(rig, "ab");
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_NOTHING);
    input_serve(&rig->input, 0);
    input_serve(&rig->input, UART_CHAR_NS);
    assert_int_equal(input_ask(&rig->input, 2 * UART_CHAR_NS - 1),
                     RVEMU_ASK_NOTHING);
    assert_int_equal(input_ask(&rig->input, 2 * UART_CHAR_NS), RVEMU_ASK_NOW);
    take(rig, RVEMU_INPUT_LIVE);
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_IF_ANY);
    take(rig, RVEMU_INPUT_END);
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_NOTHING);
}

static void an_idle_guest_gets_on_with_the_next_byte(void **state)
{
    struct rig *rig = *state;

    take(rig, RVEMU_INPUT_FILE);
    assert_true(input_is_at_hand(&rig->input));
    give(rig, "a\n");
    input_serve(&rig->input, 3);
    rig->input.woken = 3;
    assert_int_equal(input_wake(&rig->input, 3, 100 * MS), 3 + UART_CHAR_NS);
    assert_int_equal(input_wake(&rig->input, 3, 50), 50);
    listen(rig, false);
    assert_false(input_is_at_hand(&rig->input));
    assert_int_equal(input_ask_idle(&rig->input, 5), RVEMU_ASK_NOTHING);
    take(rig, RVEMU_INPUT_LIVE);
    assert_int_equal(input_ask_idle(&rig->input, 5), RVEMU_ASK_IF_ANY);
    assert_int_equal(input_ask_idle(&rig->input, UINT64_MAX),
                     RVEMU_ASK_NOTHING);
}

static void the_host_says_how_long_it_slept(void **state)
{
    struct rig *rig = *state;
    struct input_record slept = {
        .what = {.kind = RVEMU_INPUT_UNTIL, .until = 20 * MS}};

    take(rig, RVEMU_INPUT_LIVE);
    input_take(&rig->input, &slept);
    assert_int_equal(input_wake(&rig->input, 2 * MS, 22 * MS), 20 * MS);
    assert_int_equal(input_wake(&rig->input, 2 * MS, 19 * MS), 19 * MS);
    assert_int_equal(input_wake(&rig->input, 21 * MS, 22 * MS), 21 * MS);
}

static void the_queue_has_an_end(void **state)
{
    struct rig *rig = *state;
    char many[INPUT_QUEUE + 3];

    memset(many, 'x', sizeof(many));
    many[INPUT_QUEUE - 1] = 'y';
    many[INPUT_QUEUE + 2] = '\0';
    take(rig, RVEMU_INPUT_LIVE);
    give(rig, "aa");
    input_serve(&rig->input, 0);
    input_serve(&rig->input, MS);
    assert_int_equal(input_room(&rig->input), INPUT_QUEUE);
    give(rig, many);
    assert_int_equal(input_room(&rig->input), 0);
    expect(rig, "aa");
    for (unsigned i = 2; i < 2 + INPUT_QUEUE - 1; i++) {
        input_serve(&rig->input, i * MS);
        expect(rig, "x");
    }
    input_serve(&rig->input, 9999 * MS);
    expect(rig, "y");
    assert_int_equal(input_room(&rig->input), INPUT_QUEUE);
}

/* What is given is looked at at once, not when the next look was due. */
static void a_record_asks_for_a_look(void **state)
{
    struct rig *rig = *state;

    rig->input.s.look = 9 * MS;
    input_take(&rig->input, &(struct input_record){
                                .time = 4 * MS, .what.kind = RVEMU_INPUT_FILE});
    assert_int_equal(rig->input.s.look, 4 * MS);
}

/* Another machine takes the place of this one, which is over. */
static void replace(struct rig *rig)
{
    struct rvemu_input left[RVEMU_INPUT_LEFT_MAX];
    const struct input old = rig->input;
    unsigned count = input_left(&old, left);

    input_init(&rig->input, &rig->uart, NULL);
    assert_in_range(count, 1, RVEMU_INPUT_LEFT_MAX);
    for (unsigned i = 0; i < count; i++)
        input_take(&rig->input, &(struct input_record){.what = left[i]});
    assert_int_equal(input_room(&rig->input), input_room(&old));
}

static void what_is_left_can_be_given_again(void **state)
{
    struct rig *rig = *state;
    char many[INPUT_QUEUE];

    memset(many, 'x', sizeof(many));
    many[INPUT_QUEUE - 1] = '\0';
    take(rig, RVEMU_INPUT_FILE);
    give(rig, many);
    for (unsigned i = 0; i < INPUT_QUEUE - 1; i++) {
        input_serve(&rig->input, i * MS);
        expect(rig, "x");
    }
    give(rig, "round the end\n");
    replace(rig);
    for (unsigned i = 0; i < 14; i++)
        input_serve(&rig->input, i * MS);
    expect(rig, "round the end\n");
    assert_int_equal(input_ask(&rig->input, 14 * MS), RVEMU_ASK_NOW);
}

static void where_more_comes_from_is_passed_on(void **state)
{
    struct rig *rig = *state;

    replace(rig);
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_NOTHING);
    take(rig, RVEMU_INPUT_LIVE);
    replace(rig);
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_IF_ANY);
    take(rig, RVEMU_INPUT_FILE);
    replace(rig);
    assert_int_equal(input_ask(&rig->input, 0), RVEMU_ASK_NOW);
    take(rig, RVEMU_INPUT_GONE);
    replace(rig);
    input_serve(&rig->input, 0);
    expect(rig, "");
}

/* A guest that got half a line has got the ^D for it, too; who comes behind it
 * has begun none. */
static void the_end_is_told_once_to_all(void **state)
{
    struct rig *rig = *state;

    take(rig, RVEMU_INPUT_FILE);
    give(rig, "ab");
    take(rig, RVEMU_INPUT_END);
    input_serve(&rig->input, 0);
    expect(rig, "a");
    replace(rig);
    for (unsigned i = 0; i < 2; i++)
        input_serve(&rig->input, i * MS);
    expect(rig, "b\x04");
    replace(rig);
    for (unsigned i = 0; i < 3; i++)
        input_serve(&rig->input, i * MS);
    expect(rig, "\x04");
    replace(rig);
    input_serve(&rig->input, 0);
    expect(rig, "");
    assert_false(input_is_at_hand(&rig->input));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_byte_a_character_time),
        TEST(a_polling_guest_waits_less),
        TEST(the_end_comes_twice_behind_half_a_line),
        TEST(what_is_asked_of_the_host),
        TEST(an_idle_guest_gets_on_with_the_next_byte),
        TEST(the_host_says_how_long_it_slept),
        TEST(the_queue_has_an_end),
        TEST(a_record_asks_for_a_look),
        TEST(what_is_left_can_be_given_again),
        TEST(where_more_comes_from_is_passed_on),
        TEST(the_end_is_told_once_to_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
