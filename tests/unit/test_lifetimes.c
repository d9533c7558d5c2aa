/*
 * Unit tests of lifetimes of frames (emu/analysis/lifetimes.c, losses.c and
 * allocator.c): what is a mistake of a kernel, and what only looks like one.
 */
#include "fake_kernel.h"

#include <rvemu/frames.h>

#define ALLOC 0x1000
#define FREE 0x2000
#define DROP 0x3000
#define VIA 0x4000
#define LINEAR 0xffffffc000000000 /* what a pointer has more than its frame */
#define STACK 0x9000

static struct world w;
static u64 content; /* of every frame that is read */

static bool locate(void *arg, unsigned hart, uint64_t pointer, uint64_t *pa)
{
    *pa = pointer - LINEAR;
    return pointer >= LINEAR;
}

static bool read_frame(void *arg, uint64_t pa, void *bytes, size_t count)
{
    memset(bytes, 0, count);
    memcpy(bytes, &content, sizeof(content));
    return true;
}

static bool name_function(void *arg, uint64_t root, uint64_t pc, char *out,
                          size_t size)
{
    snprintf(out, size, "f%llx", (unsigned long long)pc >> 8);
    return pc < 0x800000;
}

static bool name_line(void *arg, uint64_t root, uint64_t pc, char *out,
                      size_t size)
{
    snprintf(out, size, "vm.c:%llu", (unsigned long long)pc & 0xff);
    return pc < 0x700000;
}

static bool is_own(void *arg, uint64_t root, uint64_t address)
{
    return true;
}

static const struct rvemu_names names = {
    .name_function = name_function, .name_line = name_line, .is_own = is_own};

static void open_world(bool only)
{
    static const struct rvemu_frames frames = {
        .count = 4,
        .function = {{ALLOC, RVEMU_FRAMES_ALLOC, 1},
                     {FREE, RVEMU_FRAMES_FREE, 2},
                     {DROP, RVEMU_FRAMES_DROP, RVEMU_FRAMES_ONE},
                     {VIA, RVEMU_FRAMES_VIA, RVEMU_FRAMES_ONE}},
        .size = 4096,
        .locate = locate,
        .read = read_frame,
    };

    world_open(&w, false);
    rvemu_explain_free(w.explain);
    w.options.frames = &frames;
    w.options.names = &names;
    w.options.only_checks = only;
    w.explain = rvemu_explain_new(&w.options);
    content = 0;
}

/* A function is called from `ra - 4`, or has returned there. */
static void enter(u64 function, u64 a0, u64 order, u64 ra, u64 sp)
{
    emit_at(&w,
            (struct rvemu_event){
                .kind = RVEMU_EVENT_probe,
                .probe = {function, 0, a0, order, order, 0, ra, sp}},
            1, function);
}

static void leave(u64 function, u64 a0, u64 ra, u64 sp)
{
    emit_at(&w,
            (struct rvemu_event){.kind = RVEMU_EVENT_probe,
                                 .probe = {function, 1, a0, 0, 0, 0, 0, sp}},
            1, ra);
}

static void give(u64 frame, u64 order, u64 ra)
{
    enter(ALLOC, 7, order, ra, STACK);
    leave(ALLOC, (frame << 12) + LINEAR, ra, STACK);
}

static void take(u64 frame, u64 order, u64 ra)
{
    enter(FREE, (frame << 12) + LINEAR, order, ra, STACK);
}

/* A program whose frames all were given out. */
static u64 given_program(void)
{
    u64 root, from = w.next;

    root = new_program(&w);
    for (u64 frame = BASE + from; frame < BASE + w.next; frame++)
        give(frame, 0, 0x10012);
    run(&w, root);
    return root;
}

static struct rvemu_frames_totals counts(void)
{
    struct rvemu_frames_totals t;

    rvemu_explain_frames_totals(w.explain, &t);
    return t;
}

/* That is all that was said, and the counts at the end. */
static void expect_lines(const char *const *line, unsigned count)
{
    settle(&w);
    assert_int_equal(counts().mistakes, count);
    assert_int_equal(w.lines, count);
    for (unsigned i = 0; i < count; i++)
        assert_string_equal(w.line[i], line[i]);
}

#define EXPECT(...)                                               \
    do {                                                          \
        const char *const lines_[] = {__VA_ARGS__};               \
        expect_lines(lines_, sizeof(lines_) / sizeof(lines_[0])); \
    } while (0)

/* Ends, and returns the last line of all. */
static const char *last(void)
{
    rvemu_explain_finish(w.explain);
    assert_true(w.lines > 0);
    return w.line[w.lines - 1];
}

static void freed_while_mapped(void **state)
{
    u64 root, frame;

    open_world(true);
    root = given_program();
    frame = frame_at(&w, root, data_va);
    take(frame, 0, 0x2001f);
    expect_lines(NULL, 0);
    run(&w, root);
    EXPECT("space 1 still maps #80004 at 0x12000, although it was "
           "freed in f200 (vm.c:29).");
    run(&w, root); /* once is enough */
    assert_int_equal(counts().mistakes, 1);
    world_close(&w);
}

static void and_given_out_again(void **state)
{
    u64 root;

    open_world(true);
    root = given_program();
    take(frame_at(&w, root, data_va), 0, 0x2001f);
    give(frame_at(&w, root, data_va), 0, 0x30003);
    run(&w, root);
    EXPECT("space 1 still maps #80004 at 0x12000, although it was "
           "freed in f200 (vm.c:29); it has been given out again "
           "in f300 (vm.c:1).");
    world_close(&w);
}

/* The entry is cleared, or maps another frame, before a program runs. */
static void cleared_in_time(void **state)
{
    u64 root, frame;

    open_world(true);
    root = given_program();
    take(frame_at(&w, root, data_va), 0, 0x2001f);
    set_leaf(&w, root, data_va, 0, 0);
    take(frame_at(&w, root, more_va), 0, 0x2001f);
    map_page(&w, root, more_va, 0x80100, RW);
    frame = frame_at(&w, root, stack_va);
    take(frame, 0, 0x2001f);
    set_leaf(&w, root, stack_va, 0, 0);
    give(frame, 0, 0x30003);
    map_page(&w, root, stack_va, frame, RW); /* where it was */
    run(&w, root);
    expect_lines(NULL, 0);
    world_close(&w);
}

/* A space that is torn down, tables and all, while others run. */
static void torn_down_uncleared(void **state)
{
    u64 dead, other;

    open_world(true);
    dead = given_program();
    other = given_program();
    take(frame_at(&w, dead, data_va), 0, 0x2001f);
    take(frame_at(&w, dead, more_va), 0, 0x2001f);
    run(&w, other);
    take(table_for(&w, dead, data_va, 0), 0, 0x2001f);
    take(table_for(&w, dead, data_va, 1), 0, 0x2001f);
    take(dead, 0, 0x2001f);
    run(&w, other);
    give(frame_at(&w, dead, data_va), 0, 0x30003);
    map_page(&w, other, 0x15000, frame_at(&w, dead, data_va), RW);
    run(&w, other);
    expect_lines(NULL, 0);
    /* A table that is given out again maps what it does anew. */
    take(frame_at(&w, other, more_va), 0, 0x2001f);
    take(table_for(&w, other, more_va, 0), 0, 0x2001f);
    give(table_for(&w, other, more_va, 0), 0, 0x2001f);
    give(frame_at(&w, other, more_va), 0, 0x30003);
    run(&w, other);
    expect_lines(NULL, 0);
    world_close(&w);
}

/* The entry is cleared while its table is linked nowhere. */
static void cleared_unseen(void **state)
{
    u64 root, low, middle;

    open_world(true);
    root = given_program();
    low = table_for(&w, root, data_va, 0);
    middle = table_for(&w, root, data_va, 1);
    take(frame_at(&w, root, data_va), 0, 0x2001f);
    store(&w, root, middle, 1, data_va, 0);
    w.table[low - BASE] = false;
    store(&w, root, low, 0, data_va, 0x80100 << 10 | PTE_V | PTE_U | RW);
    store(&w, root, middle, 1, data_va, low << 10 | PTE_V);
    run(&w, root);
    expect_lines(NULL, 0);
    world_close(&w);
}

static void mapped_while_free(void **state)
{
    u64 root;

    open_world(true);
    root = given_program();
    give(0x80100, 0, 0x30003);
    take(0x80100, 0, 0x2001f);
    map_page(&w, root, 0x15000, 0x80100, RW);
    give(0x80101, 0, 0x30003);
    take(0x80101, 0, 0x2001f);
    map_page(&w, root, 0x16000, 0x80101, RW);
    give(0x80101, 0, 0x30003); /* before anybody could see it */
    expect_lines(NULL, 0);
    run(&w, root);
    EXPECT("space 1 runs with #80100 at 0x15000, which is free: it was mapped "
           "after it was freed in f200 (vm.c:29).");
    world_close(&w);
}

static void table_freed(void **state)
{
    u64 root, other;

    open_world(true);
    root = given_program();
    other = given_program();
    take(table_for(&w, root, data_va, 1), 0, 0x2001f);
    take(table_for(&w, root, data_va, 0), 0, 0x20020);
    take(frame_at(&w, root, data_va), 0, 0x20021); /* what a free table maps */
    run(&w, other);
    expect_lines(NULL, 0);
    run(&w, root);
    EXPECT("space 1 runs with a page table in #80002, which is free: it was "
           "freed in f200 (vm.c:29).",
           "space 1 runs with a page table in #80003, which is free: it was "
           "freed in f200 (vm.c:30).");
    world_close(&w);
}

/* Each frame of a block is one that was given out, or taken back. */
static void freed_twice(void **state)
{
    open_world(true);
    give(0x80100, 2, 0x30003);
    take(0x80100, 2, 0x2001f);
    take(0x80103, 0, 0x700102);
    EXPECT("#80103 is freed twice: first in f200 (vm.c:29), again in f7001.");
    assert_int_equal(counts().taken, 4);
    assert_int_equal(counts().freed, 4);
    give(0x80103, 0, 0x30003);
    take(0x80103, 0, 0x2001f);
    assert_int_equal(counts().mistakes, 1);
    take(0x80103, 0, 0x800102);
    assert_non_null(strstr(w.line[1], ", again in 0x800100."));
    world_close(&w);
}

/* What comes out again without a free that was seen is counted, no more. */
static void unseen_frees_are_no_mistakes(void **state)
{
    open_world(true);
    enter(FREE, 0, 0, 0x2001f, STACK); /* a null pointer, and no RAM */
    enter(FREE, 0x5000, 0, 0x2001f, STACK);
    give(0x80100, 0, 0x30003);
    give(0x80100, 0, 0x30003);
    enter(ALLOC, 0, 0, 0x30003, STACK);
    leave(ALLOC, 0, 0x30003, STACK); /* there is none left */
    assert_string_equal(last(),
                        "Frames in all: 2 given out, 0 taken back; 0 mistakes "
                        "with frames; 1 of those given out had not been seen "
                        "to be taken back.");
    world_close(&w);
}

static void without_calls(void **state)
{
    open_world(true);
    assert_string_equal(last(),
                        "No frame was seen to be given out: the allocator's "
                        "functions were not called, or they are inline.");
    world_close(&w);
}

/* A function that counts frees if it writes to the frame. */
static void counts_are_no_frees(void **state)
{
    u64 root, frame;

    open_world(true);
    root = given_program();
    frame = frame_at(&w, root, data_va);
    enter(DROP, (frame << 12) + LINEAR, 0, 0x2001f, STACK);
    leave(DROP, 0, 0x2001f, STACK);
    run(&w, root);
    expect_lines(NULL, 0);
    assert_int_equal(counts().freed, 0);
    enter(DROP, (frame << 12) + LINEAR, 0, 0x2001f, STACK);
    content++;
    leave(DROP, 0, 0x2001f, STACK);
    assert_int_equal(counts().freed, 1);
    run(&w, root);
    assert_int_equal(counts().mistakes, 1);
    enter(DROP, (frame << 12) + LINEAR, 0, 0x2001f, STACK);
    assert_int_equal(counts().mistakes, 2);
    world_close(&w);
}

/* Another hart gets the frame before the function that frees it is back. */
static void given_out_during_the_free(void **state)
{
    open_world(true);
    give(0x80100, 0, 0x30003);
    enter(DROP, (0x80100ull << 12) + LINEAR, 0, 0x2001f, STACK);
    content++;
    w.hart = 1;
    give(0x80100, 0, 0x30003);
    w.hart = 0;
    leave(DROP, 0, 0x2001f, STACK);
    take(0x80100, 0, 0x2001f);
    assert_int_equal(counts().mistakes, 0);
    world_close(&w);
}

/* Two calls from one place, on two stacks, end in another order and on other
 * harts. */
static void calls_may_move(void **state)
{
    open_world(true);
    enter(ALLOC, 0, 0, 0x30003, STACK);
    w.hart = 1;
    enter(ALLOC, 0, 1, 0x30003, STACK + 0x8000);
    leave(ALLOC, (0x80100ull << 12) + LINEAR, 0x30003, STACK);
    w.hart = 2;
    leave(ALLOC, (0x80110ull << 12) + LINEAR, 0x30003, STACK + 0x8000);
    assert_int_equal(counts().taken, 3);
    world_close(&w);
}

/* Who calls a function that calls the allocator has made that call; a function
 * on another stack has not. */
static void wrappers_are_passed_over(void **state)
{
    u64 root;

    open_world(true);
    root = given_program();
    enter(VIA, 0, 0, 0x50009, STACK + 0x100);
    enter(VIA, 0, 0, 0x4000a, STACK + 0x80);
    w.hart = 1;
    enter(VIA, 0, 0, 0x5000b, STACK + 0x90);
    w.hart = 0;
    take(frame_at(&w, root, data_va), 0, 0x2001f);
    leave(VIA, 0, 0x4000a, STACK + 0x80);
    leave(VIA, 0, 0x50009, STACK + 0x100);
    enter(VIA, 0, 0, 0x50009, STACK + 0x4000);
    take(frame_at(&w, root, more_va), 0, 0x20020);
    run(&w, root);
    EXPECT("space 1 still maps #80004 at 0x12000, although it was "
           "freed in f500 (vm.c:7).",
           "space 1 still maps #80005 at 0x13000, although it was "
           "freed in f200 (vm.c:30).");
    world_close(&w);
}

static void frames_that_are_lost(void **state)
{
    u64 root;

    open_world(true);
    root = given_program();
    set_leaf(&w, root, data_va, 0, 0);
    set_leaf(&w, root, more_va, 0, 0);
    set_leaf(&w, root, text_va, 0, 0); /* nobody could store to it */
    run(&w, root);
    set_leaf(&w, root, stack_va, 0, 0); /* the kernel is still at it */
    rvemu_explain_finish(w.explain);
    assert_int_equal(w.lines, 2);
    assert_string_equal(w.line[0],
                        "Never freed: 2 frames taken in f100 (vm.c:16), which "
                        "nobody maps any more; last unmapped in "
                        "0xffffffc080001000.");
    assert_non_null(strstr(w.line[1], "; 1 mistake with frames."));
    world_close(&w);
}

static void tables_that_are_lost(void **state)
{
    u64 root, low;

    open_world(true);
    root = given_program();
    low = table_for(&w, root, stack_va, 0);
    set_leaf(&w, root, stack_va, 0, 0);
    store(&w, root, table_for(&w, root, stack_va, 1), 1, stack_va, 0);
    run(&w, root);
    take(frame_at(&w, root, data_va), 0, 0x2001f);
    set_leaf(&w, root, data_va, 0, 0);
    rvemu_explain_finish(w.explain);
    assert_int_equal(w.lines, 3); /* the stack's page, and its table */
    assert_non_null(strstr(w.line[1], "Never freed: 1 page table taken in "));
    assert_int_not_equal(low, 0);
    world_close(&w);
}

/* A child that has never run has tables that nobody has seen: what it may map
 * is not lost. */
static void what_an_unseen_table_points_to(void **state)
{
    u64 root;

    open_world(true);
    root = given_program();
    give(0x80150, 0, 0x30003);
    content = frame_at(&w, root, data_va) << 10 | PTE_V | PTE_U | PTE_R;
    set_leaf(&w, root, data_va, 0, 0);
    run(&w, root);
    assert_non_null(strstr(last(), "; 0 mistakes with frames: none was lost"));
    world_close(&w);
}

/* With all else that is told, too. */
static void beside_explanations(void **state)
{
    u64 root, child;

    open_world(false);
    root = given_program();
    child = fork_cow(&w, root);
    run(&w, child);
    take(frame_at(&w, root, data_va), 0, 0x2001f);
    run(&w, root);
    settle(&w);
    assert_int_equal(w.lines, 2);
    assert_non_null(strstr(w.line[0], "space 1 forks space 2."));
    assert_non_null(strstr(w.line[1], "space 1 still maps #80004 at 0x12000"));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(freed_while_mapped),
        cmocka_unit_test(and_given_out_again),
        cmocka_unit_test(cleared_in_time),
        cmocka_unit_test(torn_down_uncleared),
        cmocka_unit_test(cleared_unseen),
        cmocka_unit_test(mapped_while_free),
        cmocka_unit_test(table_freed),
        cmocka_unit_test(freed_twice),
        cmocka_unit_test(unseen_frees_are_no_mistakes),
        cmocka_unit_test(without_calls),
        cmocka_unit_test(counts_are_no_frees),
        cmocka_unit_test(given_out_during_the_free),
        cmocka_unit_test(calls_may_move),
        cmocka_unit_test(wrappers_are_passed_over),
        cmocka_unit_test(frames_that_are_lost),
        cmocka_unit_test(tables_that_are_lost),
        cmocka_unit_test(what_an_unseen_table_points_to),
        cmocka_unit_test(beside_explanations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
