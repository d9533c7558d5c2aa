/*
 * Kernels that err with frames of memory, and some that only seem to: for
 * --frames.
 */
#include "kernel.h"

static struct space *one, *two;

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
}

static void make_one(void)
{
    one = space_with(1);
    store(one, DATA, 1);
}

/* The frame of a page, freed at once, and freed again. */
static void twice(void)
{
    void *frame;

    make_one();
    frame = frame_of(get(one, DATA));
    set(one, DATA, 0);
    fence();
    frame_drop(frame);
    frame_drop(frame);
    must(do_nothing(one), "the program goes on");
}

/* A frame that is free is mapped. */
static void mapped_free(void)
{
    void *frame = frame_new();

    make_one();
    frame_drop(frame);
    set(one, STACK, leaf(frame, USER_RW));
    store(one, STACK, 2);
}

/* A page table is freed while it is used. */
static void table_free(void)
{
    make_one();
    frame_drop((void *)((u64)entry(one, DATA, false) & -PAGE));
    must(do_nothing(one), "the program goes on");
}

/* A page goes, but its frame stays taken. */
static void page_lost(void)
{
    make_one();
    store(one, DATA, 3);
    two = space_with(1);
    set(one, DATA, 0);
    fence();
    store(two, DATA, 4);
}

/* Two frames that two calls on one line took. */
static void two_lost(void)
{
    void *frame[] = {frame_new(), frame_new()};

    one = space_with(1);
    for (u64 i = 0; i < 2; i++)
        set(one, STACK + i * PAGE, leaf(frame[i], USER_RW));
    store(one, STACK, 1);
    for (u64 i = 0; i < 2; i++)
        set(one, STACK + i * PAGE, 0);
    fence();
    store(one, DATA, 1);
}

/* No mistake: the entry is cleared behind the free. */
static void cleared_late(void)
{
    void *frame;

    make_one();
    frame = frame_of(get(one, DATA));
    frame_drop(frame);
    set(one, DATA, 0);
    fence();
    set(one, STACK, leaf(frame_new(), USER_RW));
    must(frame_of(get(one, STACK)) == frame, "the frame is given out again");
    store(one, STACK, 2);
}

/* No mistake: a space that never runs again is freed as it is. */
static void never_cleared(void)
{
    u64 last, middle;

    make_one();
    two = space_with(1);
    store(two, DATA, 1);
    last = (u64)entry(one, DATA, false) & -PAGE;
    middle = (u64)frame_of(one->root[0]);
    frame_drop(frame_of(get(one, DATA)));
    must(do_nothing(two), "the other runs in between");
    set(two, STACK, leaf(frame_new(), USER_RW));
    store(two, STACK, 2);
    frame_drop((void *)last);
    frame_drop((void *)middle);
    frame_drop(one->root);
    for (u64 i = 1; i < 4; i++)
        set(two, STACK + i * PAGE, leaf(frame_new(), USER_RW));
    store(two, STACK + PAGE, 3);
}

/* As xv6 has it: a list of free frames that lies in them; and counts, in the
 * function that frees. */
struct link {
    struct link *next;
};

static struct link *links;
static u8 counts[4];

static u8 *count_of(const void *frame)
{
    return &counts[((u64)frame - MEGA_FRAME) / PAGE];
}

static __attribute__((noinline)) void kfree(void *frame)
{
    struct link *link = frame;

    if (*count_of(frame) && --*count_of(frame))
        return;
    for (u64 i = 0; i < PAGE; i++)
        ((volatile u8 *)frame)[i] = 1;
    link->next = links;
    links = link;
}

static __attribute__((noinline)) void *kalloc(void)
{
    struct link *link = links;

    links = link->next;
    *count_of(link) = 1;
    return link;
}

/* No mistake: two spaces share a frame, and let go of it one by one. */
static void counted(void)
{
    void *frame;

    for (u64 i = 0; i < 4; i++)
        kfree((void *)(MEGA_FRAME + i * PAGE));
    one = space_with(0);
    two = space_with(0);
    frame = kalloc();
    ++*count_of(frame);
    set(one, STACK, leaf(frame, USER_RW));
    set(two, STACK, leaf(frame, USER_R));
    store(one, STACK, 5);
    must(loaded(two, STACK) == 5, "the frame is shared");
    set(one, STACK, 0);
    fence();
    kfree(frame);
    if (option("once-more"))
        kfree(frame);
    must(do_load(two, STACK, &(u64){0}), "the other goes on");
    set(two, STACK, 0);
    fence();
    kfree(frame);
    must(do_nothing(two), "the other goes on");
}

const struct scenario scenarios[] = {
    {"twice", twice},
    {"mapped-free", mapped_free},
    {"table-free", table_free},
    {"lost", page_lost},
    {"two-lost", two_lost},
    {"cleared-late", cleared_late},
    {"never-cleared", never_cleared},
    {"counted", counted},
    {NULL, NULL},
};
