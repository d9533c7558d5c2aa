/*
 * Unit tests of stores of the kernel by mappings of its own
 * (emu/analysis/aliases.c): when they are told, of whom, and when never.
 */
#include "fake_kernel.h"

static struct world w;
static u64 parent, child;

/* Whether the last line is of such a store, and it begins so. */
static void expect_told(const char *start)
{
    assert_true(w.lines > 0);
    assert_non_null(
        strstr(w.line[w.lines - 1], " through its own mapping of #80004"));
    assert_memory_equal(w.line[w.lines - 1], start, strlen(start));
}

static void expect_untold(void)
{
    settle(&w);
    for (unsigned i = 0; i < w.lines; i++)
        assert_null(strstr(w.line[i], "mapping"));
}

/* The kernel stores to where the parent has its data. */
static void poke(unsigned priv)
{
    emit_at(&w,
            (struct rvemu_event){
                .kind = RVEMU_EVENT_alias_store,
                .alias_store = {0xffffffd000000008,
                                frame_at(&w, parent, data_va) << 12 | 8, 8}},
            priv, 0xffffffc080001000);
}

static void two(void)
{
    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
}

static void two_that_run(void)
{
    two();
    run(&w, child);
    run(&w, parent);
    run(&w, child);
    ecall(&w, 0x10500);
}

static void told_when_a_sharer_runs(void **state)
{
    two_that_run();
    poke(1);
    assert_null(strstr(w.line[w.lines - 1], "mapping"));
    run(&w, child);
    expect_told(
        "In a system call of space 2 the kernel stores to the caller's page "
        "0x12008 ");
    poke(1); /* once for a page and fork */
    run(&w, child);
    assert_int_equal(w.lines, 2);
    world_close(&w);
}

/* By the hart that made the store, too: maybe it was another's call. */
static void a_call_is_told_where_it_is_known(void **state)
{
    two_that_run();
    EMIT(&w, satp, SV39 | child, 0);
    poke(1);
    run(&w, child);
    expect_told("In a system call of space 2 ");
    world_close(&w);
    two_that_run();
    EMIT(&w, satp, SV39 | child, 0);
    poke(1);
    run(&w, parent);
    expect_told("The kernel stores to 0x12008 of space 2 ");
    world_close(&w);
    two_that_run();
    EMIT(&w, satp, SV39 | child, 0);
    poke(3); /* by kernels in M-mode as well */
    w.hart = 1;
    run(&w, child);
    expect_told("The kernel stores to 0x12008 of space 2 ");
    world_close(&w);
}

static void a_child_may_be_seen_later(void **state)
{
    two();
    ecall(&w, 0x10500);
    poke(1);
    run(&w, parent);
    cow_store(&w, parent, data_va);
    run(&w, child);
    assert_non_null(strstr(w.line[1], " through its own mapping of #80004. The "
                                      "page is shared with space 2, "));
    world_close(&w);
}

/* What was stored before the call that forks is the parent's alone. */
static void stores_before_the_fork_are_none(void **state)
{
    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    ecall(&w, 0x10500);
    set_leaf(&w, parent, data_va, 0, leaf(&w, parent, data_va) & ~PTE_W);
    poke(1);
    run_at(&w, parent, 0x10504);
    child = fork_cow(&w, parent);
    run(&w, child);
    run(&w, parent);
    expect_untold();
    world_close(&w);
}

static void frames_of_one_space_may_be_stored_to(void **state)
{
    two_that_run();
    end_space(&w, child);
    poke(1);
    run(&w, parent);
    expect_untold();
    world_close(&w);
}

/* What was stored while one alone had the page does not stand for what is
 * stored when another fork shares it. */
static void a_store_may_stand_for_no_other(void **state)
{
    two_that_run();
    end_space(&w, child);
    poke(1);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    run(&w, parent);
    run(&w, child);
    ecall(&w, 0x10500);
    poke(1);
    run(&w, child);
    expect_told("In a system call of space 3 ");
    world_close(&w);
}

/* The frame of both goes, or the page of one, before a program runs. */
static void what_goes_at_once_was_no_page(void **state)
{
    two_that_run();
    poke(1);
    set_leaf(&w, parent, data_va, 0, 0);
    run(&w, parent);
    run(&w, child);
    expect_untold();
    world_close(&w);
}

static void nobody_waits_for_ever(void **state)
{
    two_that_run();
    poke(1);
    w.time += 2 * LINES_HOLD;
    run(&w, child);
    expect_untold();
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_when_a_sharer_runs),
        cmocka_unit_test(a_call_is_told_where_it_is_known),
        cmocka_unit_test(a_child_may_be_seen_later),
        cmocka_unit_test(stores_before_the_fork_are_none),
        cmocka_unit_test(frames_of_one_space_may_be_stored_to),
        cmocka_unit_test(a_store_may_stand_for_no_other),
        cmocka_unit_test(what_goes_at_once_was_no_page),
        cmocka_unit_test(nobody_waits_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
