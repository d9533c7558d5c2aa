/*
 * Pages that change frames while nobody stores: equal pages that are merged,
 * pages moved to an equal frame, pages swapped out and in.
 */
#include "kernel.h"

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
    must(loaded(space, va) == value, "the store is seen");
}

static void protect(struct space *space, u64 va)
{
    set(space, va, (get(space, va) & ~(u64)PTE_W) | PTE_COW);
    fence_page(va);
}

/* Points an entry at another frame, with the rights it has. */
static void point(struct space *space, u64 va, void *frame)
{
    set(space, va, leaf(frame, get(space, va) & 0x3ff));
    fence_page(va);
}

static struct space *one, *two;

static void make_two(void)
{
    one = space_with(2);
    two = space_with(2);
    for (u64 i = 0; i < 2; i++) {
        store(one, DATA + i * PAGE, 7 + i);
        store(two, DATA + i * PAGE, 7 + i);
    }
}

/* Both pages at va become the frame of the first. */
static void merge_page(u64 va)
{
    void *kept = frame_of(get(one, va)), *given = frame_of(get(two, va));

    protect(one, va);
    protect(two, va);
    if (option("unmap-first")) {
        set(two, va, 0);
        fence();
        set(two, va, leaf(kept, USER_R | PTE_COW));
        fence();
    } else {
        point(two, va, kept);
    }
    frame_hold(kept);
    frame_drop(given);
}

static void merge(void)
{
    make_two();
    merge_page(DATA);
    merge_page(DATA + PAGE);
    must(loaded(two, DATA) == 7 && loaded(one, DATA) == 7, "equal pages");
}

/* After a merge one side stores, then the other. */
static void merge_stored(void)
{
    merge();
    store(two, DATA, 1);
    must(loaded(one, DATA) == 7, "apart again");
    store(one, DATA, 2);
    must(loaded(two, DATA) == 1, "apart again");
}

/* Two pages of one space become one frame. */
static void merge_within(void)
{
    make_two();
    store(one, DATA + PAGE, 7);
    protect(one, DATA);
    protect(one, DATA + PAGE);
    point(one, DATA + PAGE, frame_of(get(one, DATA)));
    must(loaded(one, DATA + PAGE) == 7, "equal pages");
}

/* Pages that never were writable. */
static void merge_read_only(void)
{
    void *a = frame_new(), *b = frame_new();

    make_two();
    set(one, STACK, leaf(a, USER_R));
    set(two, STACK, leaf(b, USER_R));
    must(loaded(one, STACK) == loaded(two, STACK), "equal pages");
    point(two, STACK, a);
    must(loaded(two, STACK) == 0, "still equal");
}

static void *move_page(struct space *space, u64 va)
{
    void *old = frame_of(get(space, va)), *new = frame_new();

    copy_frame(new, old);
    point(space, va, new);
    frame_drop(old);
    return new;
}

/* A read-only page moves to an equal copy: compaction. */
static void move(void)
{
    make_two();
    protect(one, DATA);
    move_page(one, DATA);
    must(loaded(one, DATA) == 7, "moved");
}

/* A writable one does. */
static void move_writable(void)
{
    make_two();
    move_page(one, DATA);
    store(one, DATA, 1);
    move_page(one, DATA);
    must(loaded(one, DATA) == 1, "moved");
}

/* A page that a fork shares moves, and so does the other side's entry. */
static void move_shared(void)
{
    void *new;

    one = space_with(1);
    store(one, DATA, 7);
    two = fork(one);
    must(loaded(two, DATA) == 7, "the child runs");
    new = move_page(one, DATA);
    frame_drop(frame_of(get(two, DATA)));
    point(two, DATA, new);
    frame_hold(new);
    must(loaded(one, DATA) == 7 && loaded(two, DATA) == 7, "moved");
    store(two, DATA, 1);
    must(loaded(one, DATA) == 7, "apart");
    store(one, DATA, 2);
}

#define SWAPPED 0x5a5a00ull /* V=0: where the page lies on the disk */

static u64 disk[2][512];
static u64 rights;

static bool swap_fault(struct space *space, u64 cause, u64 va)
{
    void *frame;

    if (get(space, va) != SWAPPED)
        return cow_fault(space, cause, va);
    frame = frame_new();
    copy_frame(frame, disk[space == two]);
    set(space, va & -PAGE, leaf(frame, rights));
    fence_page(va);
    return true;
}

static void swap_out(struct space *space, u64 va)
{
    void *frame = frame_of(get(space, va));

    rights = get(space, va) & 0x3ff;
    set(space, va, SWAPPED);
    fence_page(va);
    copy_frame(disk[space == two], frame);
    frame_drop(frame);
}

/* Out, and in with a fault; another page of the pool may be taken between. */
static void swap(void)
{
    void *taken = NULL;

    make_two();
    on_fault = swap_fault;
    for (unsigned i = 0; i < 2; i++) {
        if (option("read-only"))
            protect(one, DATA);
        swap_out(one, DATA);
        if (option("elsewhere"))
            taken = frame_new();
        if (option("run-between"))
            must(do_nothing(one), "it runs without the page");
        must(loaded(one, DATA) == 7, "swapped in");
    }
    (void)taken;
    if (!option("read-only"))
        store(one, DATA, 8);
}

/* In by a store. */
static void swap_store(void)
{
    make_two();
    on_fault = swap_fault;
    swap_out(one, DATA);
    frame_new();
    store(one, DATA, 8);
}

/* A page that a fork shares is swapped out on one side, and comes back as a
 * frame of its own. */
static void swap_shared(void)
{
    one = space_with(1);
    store(one, DATA, 7);
    two = fork(one);
    on_fault = swap_fault;
    must(loaded(two, DATA) == 7, "the child runs");
    swap_out(two, DATA);
    must(loaded(two, DATA) == 7, "swapped in");
    store(two, DATA, 1);
    must(loaded(one, DATA) == 7, "apart");
    store(one, DATA, 2);
}

const struct scenario scenarios[] = {
    {"merge", merge},
    {"merge-stored", merge_stored},
    {"merge-within", merge_within},
    {"merge-read-only", merge_read_only},
    {"move", move},
    {"move-writable", move_writable},
    {"move-shared", move_shared},
    {"swap", swap},
    {"swap-store", swap_store},
    {"swap-shared", swap_shared},
    {NULL, NULL},
};
