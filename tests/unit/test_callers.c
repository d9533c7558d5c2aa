/*
 * Unit tests of emu/analysis/callers.h: who may have made a call where is found
 * again, once, while it is alive, and in the order of a walk over all roots.
 */
#include "analysis/callers.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PC 0x10500ull
#define ALIKE (PC + 2 * CALLERS_LISTS) /* in one list with PC */

static struct spaces spaces;
static struct callers callers;
static struct arena *arena;

static int set_up(void **state)
{
    arena = arena_new();
    assert_non_null(arena);
    spaces = (struct spaces){.tables.arena = arena,
                             .roots.arena = arena,
                             .frames.by_ppn.arena = arena};
    callers = (struct callers){0};
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

static struct table *new_root(u64 frame)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_satp,
                                .satp = {.new = 8ull << 60 | frame}};

    spaces_event(&spaces, &event);
    return spaces_root(&spaces, frame);
}

static void lose(u64 frame)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_root_lost,
                                .root_lost = {.root = frame}};

    spaces_event(&spaces, &event);
}

static void call(struct table *root, u64 pc)
{
    assert_true(callers_add(&callers, &spaces, root, pc));
}

static unsigned found(u64 pc)
{
    return callers_find(&callers, &spaces, pc)->count;
}

static void who_called_is_found_once(void **state)
{
    struct table *one = new_root(0x80001), *two = new_root(0x80002);
    const struct caller_list *list;

    call(one, PC);
    call(one, PC);
    call(one, ALIKE);
    call(two, PC + 2);
    list = callers_find(&callers, &spaces, PC);
    assert_int_equal(list->count, 1);
    assert_int_equal(list->id[0], one->id);
    list = callers_find(&callers, &spaces, PC + 2);
    assert_int_equal(list->count, 1);
    assert_int_equal(list->id[0], two->id);
    assert_int_equal(found(PC + 4), 0);
}

static void who_is_gone_is_not_found(void **state)
{
    call(new_root(0x80001), PC);
    call(new_root(0x80002), PC);
    lose(0x80001);
    assert_int_equal(found(PC), 1);
    /* Its frame is another's root now, who has made no call. */
    new_root(0x80001);
    assert_int_equal(found(PC), 1);
    lose(0x80002);
    assert_int_equal(found(PC), 0);
}

static void in_the_order_of_a_walk(void **state)
{
    const struct caller_list *list;
    struct table *root;
    unsigned i = 0;
    size_t at = 0;

    for (u64 frame = 0x80100; frame > 0x80000; frame--)
        call(new_root(frame), PC);
    for (u64 frame = 0x80003; frame < 0x80100; frame += 3)
        lose(frame);
    for (u64 frame = 0x80200; frame < 0x80280; frame++)
        call(new_root(frame), frame & 1 ? PC : ALIKE);
    list = callers_find(&callers, &spaces, PC);
    while ((root = map_next(&spaces.roots, &at)))
        assert_int_equal(list->id[i++], root->id);
    assert_int_equal(list->count, i);
}

/* Roots that come and go take no room. */
static void room_is_for_who_is_alive(void **state)
{
    for (u64 frame = 0x80001; frame < 0x81001; frame++) {
        call(new_root(frame), PC);
        lose(frame);
    }
    assert_int_equal(found(PC), 0);
    assert_in_range(callers.list[PC / 2 % CALLERS_LISTS].room, 1, 16);
}

int main(void)
{
#define TEST(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(who_called_is_found_once),
        TEST(who_is_gone_is_not_found),
        TEST(in_the_order_of_a_walk),
        TEST(room_is_for_who_is_alive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
