/*
 * The kernel stores to frames by the identity map of RAM that each root has.
 * To those that a fork shares that is a mistake, which no fault tells of; to
 * all others it is what kernels do.
 *
 * Words: bare, elsewhere: what is in force as the kernel stores is nothing, or
 * a root of its own.
 */
#include "kernel.h"

static struct space *parent, *child, *own;

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
}

/* What the kernel stores, by no entry of a program's. */
static void poke(u64 pte, u64 offset, u64 value)
{
    u64 satp = csr_read(satp);

    if (option("bare"))
        csr_write(satp, 0);
    else if (option("elsewhere"))
        space_load(own);
    *(volatile u64 *)((u64)frame_of(pte) + offset) = value;
    csr_write(satp, satp);
}

static void call(struct space *space)
{
    must(do_nothing(space), "the system call");
}

/* Parent and child share two pages. */
static void make_two(void)
{
    own = option("elsewhere") ? space_new() : NULL;
    parent = space_with(2);
    store(parent, DATA, 100);
    child = fork(parent);
    call(parent);
}

/* A system call of the child's. */
static void copyout(void)
{
    make_two();
    call(child);
    poke(get(child, DATA), 8, 1);
    call(child);
    must(loaded(parent, DATA + 8) == 1, "both see it");
    store(child, DATA, 2);
    store(parent, DATA, 3);
}

/* One of the parent's, before the child has run. */
static void copyout_early(void)
{
    make_two();
    poke(get(parent, DATA), 8, 1);
    if (option("leave"))
        store(parent, DATA, 2);
    call(parent);
    must(loaded(child, DATA + 8) == 1, "both see it");
}

/* It is not known in whose call: a third space made the last one. */
static void unasked(void)
{
    make_two();
    call(child);
    own = space_with(1);
    call(own);
    poke(get(child, DATA), 8, 1);
    call(child);
}

static void many(void)
{
    make_two();
    call(child);
    call(fork(parent));
    call(parent);
    call(child);
    poke(get(child, DATA), 8, 1);
    call(child);
}

/* Page after page, twice; and once more for another child. */
static void run(void)
{
    struct space *second;

    parent = space_with(6);
    store(parent, DATA, 100);
    child = fork(parent);
    call(parent);
    call(child);
    for (u64 i = 0; i < 12; i++)
        poke(get(child, DATA + i % 6 * PAGE), 8, i);
    call(child);
    poke(get(child, DATA), 8, 1);
    call(child);
    second = fork(child);
    call(child);
    call(second);
    poke(get(child, DATA), 8, 2);
    call(second);
}

/* A page of 2 MiB. */
static void big(void)
{
    parent = space_with(1);
    *(volatile u64 *)entry_mega(parent, 0x400000) =
        leaf((void *)MEGA_FRAME, USER_RW);
    store(parent, 0x400000, 1);
    child = space_new();
    child->regs = parent->regs;
    child->called = true;
    set(child, TEXT, leaf(agent, USER_RX));
    set(child, DATA, get(parent, DATA) & ~(u64)PTE_W);
    set(parent, DATA, get(parent, DATA) & ~(u64)PTE_W);
    *(volatile u64 *)entry_mega(child, 0x400000) =
        leaf((void *)MEGA_FRAME, USER_R);
    *(volatile u64 *)entry_mega(parent, 0x400000) =
        leaf((void *)MEGA_FRAME, USER_R);
    fence();
    call(parent);
    call(child);
    *(volatile u64 *)(MEGA_FRAME + 0x5008) = 2;
    call(child);
}

/* ---- lawful ---- */

/* The kernel loads, and stores to what a fork does not share any more. */
static void lawful(void)
{
    make_two();
    call(child);
    must(*(volatile u64 *)frame_of(get(child, DATA)) == 100, "it loads");
    store(child, DATA, 1);
    poke(get(child, DATA), 8, 1);
    call(child);
    space_load(parent);
    space_free(child);
    poke(get(parent, DATA), 8, 2); /* W is still 0, and nobody shares it */
    poke(get(parent, DATA + PAGE), 8, 2);
    call(parent);
    store(parent, DATA, 3);
    poke(get(parent, DATA), 8, 4);
    call(parent);
}

/* The one that stays is stored to, and then forked again. */
static void before_next(void)
{
    make_two();
    call(child);
    space_load(parent);
    space_free(child);
    poke(get(parent, DATA), 8, 2);
    child = fork(parent);
    call(parent);
    call(child);
    must(loaded(child, DATA + 8) == 2, "it was forked with that");
}

static void scrub(struct space *space, u64 va)
{
    void *frame = frame_of(get(space, va));

    if (frame_holders(frame) == 1)
        for (u64 i = 0; i < PAGE; i += 8)
            *(volatile u64 *)((u64)frame + i) = 5;
}

/* What is freed is filled before its entry is cleared, as xv6 does. */
static void freed_first(void)
{
    make_two();
    call(child);
    own = space_with(1);
    call(own);
    for (u64 i = 0; i < 2; i++) {
        struct space *space = i ? child : parent;

        scrub(space, DATA);
        scrub(space, DATA + PAGE);
        space_free(space);
    }
    call(own);
    store(own, DATA, 1);
}

/* Spaces that end leave their entries behind; their frames are filled, and
 * mapped elsewhere without W. */
static void left_behind(void)
{
    u64 data;

    make_two();
    call(child);
    data = get(parent, DATA);
    own = space_with(1);
    call(own);
    poke(data, 0, 5);
    set(own, DATA + PAGE, leaf(frame_of(data), USER_R));
    call(own);
    must(loaded(own, DATA + PAGE) == 5, "it is the frame");
}

/* W was taken, but by no fork; then a fork shares the page. */
static void by_no_fork(void)
{
    parent = space_with(2);
    store(parent, DATA, 100);
    set(parent, DATA, leaf(frame_of(get(parent, DATA)), USER_R));
    fence();
    call(parent);
    poke(get(parent, DATA), 8, 1);
    call(parent);
    child = fork(parent);
    call(parent);
    call(child);
    poke(get(child, DATA), 8, 2);
    call(child);
    call(parent);
}

/* Memory that is meant to be shared, and text. */
static void common(void)
{
    parent = space_with(2);
    store(parent, DATA, 100);
    set(parent, DATA, get(parent, DATA) | PTE_SHARED);
    child = fork(parent);
    call(parent);
    call(child);
    poke(get(child, DATA), 8, 2);
    poke(get(child, TEXT), 0x800, 0);
    call(child);
    call(parent);
}

/* Before the fork, and to the copies of one that copies at once. */
static void elsewhen(void)
{
    parent = space_with(2);
    store(parent, DATA, 100);
    poke(get(parent, DATA), 8, 1);
    child = fork_eagerly(parent);
    call(parent);
    call(child);
    poke(get(child, DATA), 8, 2);
    poke(get(parent, DATA), 8, 3);
    call(child);
    call(parent);
}

const struct scenario scenarios[] = {
    {"copyout", copyout},
    {"copyout-early", copyout_early},
    {"unasked", unasked},
    {"many", many},
    {"run", run},
    {"big", big},
    {"lawful", lawful},
    {"before-next", before_next},
    {"freed-first", freed_first},
    {"left-behind", left_behind},
    {"by-no-fork", by_no_fork},
    {"common", common},
    {"elsewhen", elsewhen},
    {NULL, NULL},
};
