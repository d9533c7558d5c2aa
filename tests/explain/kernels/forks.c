/*
 * Forks, true ones: who forks whom, what is shared, who copies, who keeps.
 * Each scenario asserts that the spaces are apart, as after fork they are.
 */
#include "kernel.h"

static struct space *parent_with(unsigned pages)
{
    struct space *parent = space_with(pages);

    for (unsigned i = 0; i < pages; i++)
        must(do_store(parent, DATA + i * PAGE, 100 + i), "a first store");
    return parent;
}

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
    must(loaded(space, va) == value, "the store is seen");
}

static void sees(struct space *space, u64 va, u64 value)
{
    must(loaded(space, va) == value, "the space sees its own value");
}

static void child_first(void)
{
    struct space *parent = parent_with(2), *child = fork(parent);

    store(child, DATA, 1);
    sees(parent, DATA, 100);
    store(parent, DATA, 2);
    sees(child, DATA, 1);
}

static void parent_first(void)
{
    struct space *parent = parent_with(2), *child = fork(parent);

    store(parent, DATA + 8, 1);
    sees(child, DATA + 8, 0);
    store(child, DATA + 8, 2);
    sees(parent, DATA + 8, 1);
}

/* The parent stores to one page, the child to the other, each first. */
static void crosswise(void)
{
    struct space *parent = parent_with(2), *child = fork(parent);

    store(parent, DATA, 1);
    store(child, DATA + PAGE, 2);
    store(parent, DATA + PAGE, 3);
    store(child, DATA, 4);
    sees(parent, DATA, 1);
    sees(child, DATA + PAGE, 2);
}

/* Nobody stores. */
static void reading(void)
{
    struct space *parent = parent_with(3), *child = fork(parent);

    for (u64 va = DATA; va < DATA + 3 * PAGE; va += PAGE) {
        sees(child, va, loaded(parent, va));
    }
}

/* All children are made before one of them runs. */
static void children(void)
{
    struct space *parent = parent_with(1), *child[3];
    u64 count = option_number("children", 3);

    for (u64 i = 0; i < count; i++)
        child[i] = fork(parent);
    for (u64 i = 0; i < count; i++)
        store(child[i], DATA, 1 + i);
    store(parent, DATA, 9);
    for (u64 i = 0; i < count; i++)
        sees(child[i], DATA, 1 + i);
}

/* One child leaves the page, then the parent; the other runs after that. */
static void left_by_both(void)
{
    struct space *parent = parent_with(1), *first, *second;

    first = fork(parent);
    must(do_nothing(parent), "another call");
    second = fork(parent);
    store(first, DATA, 1);
    store(parent, DATA, 2);
    sees(second, DATA, 100);
}

/* Each child runs before the next is made. */
static void children_in_turn(void)
{
    struct space *parent = parent_with(1), *first, *second;

    first = fork(parent);
    sees(first, DATA, 100);
    second = fork(parent);
    sees(second, DATA, 100);
    store(parent, DATA, 1);
    store(second, DATA, 2);
    store(first, DATA, 3);
}

/* A grandchild; who stores says an option. */
static void grandchild(void)
{
    struct space *parent = parent_with(2), *child, *grandchild;

    child = fork(parent);
    store(child, DATA, 1);
    grandchild = fork(child);
    sees(grandchild, DATA, 1);
    store(grandchild, DATA, 2);
    store(child, DATA, 3);
    sees(parent, DATA, 100);
    store(grandchild, DATA + PAGE, 4);
    store(child, DATA + PAGE, 5);
    store(parent, DATA + PAGE, 6);
}

/* Each space forks the next, and nobody stores before the last is there. */
static void chain(void)
{
    struct space *space[5] = {parent_with(1)};

    for (unsigned i = 1; i < 5; i++) {
        space[i] = fork(space[i - 1]);
        sees(space[i], DATA, 100);
        sees(space[i - 1], DATA, 100);
    }
    store(space[4], DATA, 1);
    store(space[0], DATA, 2);
    sees(space[2], DATA, 100);
}

static void child_exits(void)
{
    struct space *parent = parent_with(2), *child = fork(parent);

    sees(child, DATA, 100);
    space_load(parent);
    space_free(child);
    store(parent, DATA, 1);
    store(parent, DATA + PAGE, 2);
}

/* The parent ends, the child keeps all and forks. */
static void parent_exits(void)
{
    struct space *parent = parent_with(1), *child = fork(parent), *next;

    store(child, DATA, 1);
    if (!option("unreturned"))
        sees(parent, DATA, 100);
    space_load(child);
    space_free(parent);
    next = fork(child);
    sees(next, DATA, 1);
    store(next, DATA, 2);
    sees(child, DATA, 1);
}

/* A shell: forks, the child ends, and its root is the next child's. */
static void again(void)
{
    struct space *parent = parent_with(1);

    for (u64 i = 0; i < 3; i++) {
        struct space *child = fork(parent);

        store(child, DATA, i);
        space_load(parent);
        space_free(child);
        store(parent, DATA, 50 + i);
    }
}

/* The child gets a new root, the old one is freed, and is not the parent's
 * any more. */
static void exec(void)
{
    struct space *parent = parent_with(1), *child = fork(parent), *fresh;

    sees(child, DATA, 100);
    fresh = space_with(1);
    space_load(fresh);
    space_free(child);
    store(fresh, DATA, 1);
    store(parent, DATA, 2);
    sees(fresh, DATA, 1);
}

/* The child is a second program in the parent's space until it execs. */
static void vfork(void)
{
    struct space *parent = parent_with(1), child = *parent;

    store(&child, DATA, 1);
    sees(parent, DATA, 1);
    child = *space_with(1);
    store(&child, DATA, 2);
    sees(parent, DATA, 1);
}

static void eager(void)
{
    struct space *parent = parent_with(2), *child = fork_eagerly(parent);

    store(child, DATA, 1);
    store(parent, DATA, 2);
    sees(child, DATA, 1);
}

/* The page at DATA is shared memory, the next is not. */
static struct space *with_shared_memory(void)
{
    struct space *parent = parent_with(2);

    set(parent, DATA, get(parent, DATA) | PTE_SHARED);
    return parent;
}

static void shared_memory(void)
{
    struct space *parent = with_shared_memory(), *child = fork(parent);

    store(child, DATA, 1);
    sees(parent, DATA, 1);
    store(parent, DATA, 2);
    sees(child, DATA, 2);
    store(child, DATA + PAGE, 3);
    sees(parent, DATA + PAGE, 101);
}

static void protect(struct space *space, u64 va, u64 set_bits, u64 clear_bits)
{
    must(do_nothing(space), "the system call");
    set(space, va, (get(space, va) & ~clear_bits) | set_bits);
    fence();
}

/* A call like mprotect() makes shared memory read-only, and writable again. */
static void shared_protected(void)
{
    struct space *parent = with_shared_memory(), *child = fork(parent);

    store(child, DATA, 1);
    protect(child, DATA, 0, PTE_W);
    protect(child, DATA, PTE_W, 0);
    store(child, DATA, 2);
    sees(parent, DATA, 2);
    protect(parent, DATA, 0, PTE_W);
    protect(parent, DATA, PTE_W, 0);
    store(parent, DATA, 3);
    sees(child, DATA, 3);
}

/* The same, before there is a child. */
static void protected_before(void)
{
    struct space *parent = parent_with(2), *child;

    protect(parent, DATA, 0, PTE_W);
    child = fork(parent);
    sees(child, DATA, 100);
    protect(child, DATA, PTE_COW, 0);
    store(child, DATA, 1);
    sees(parent, DATA, 100);
}

/* The child takes R away from a shared page and gives it back. */
static void hidden(void)
{
    struct space *parent = parent_with(1), *child = fork(parent);
    u64 value;

    sees(child, DATA, 100);
    protect(child, DATA, 0, PTE_V);
    must(!do_load(child, DATA, &value), "a page that is away");
    protect(child, DATA, PTE_V, 0);
    store(child, DATA, 1);
    sees(parent, DATA, 100);
}

/* Memory that neither side had touched before. */
static bool zero_fault(struct space *space, u64 cause, u64 va)
{
    if (get(space, va))
        return cow_fault(space, cause, va);
    set(space, va & -PAGE, leaf(frame_new(), USER_RW));
    fence_page(va);
    return true;
}

static void untouched(void)
{
    struct space *parent, *child;

    on_fault = zero_fault;
    parent = parent_with(1);
    child = fork(parent);
    store(child, STACK, 1);
    store(parent, STACK, 2);
    sees(child, STACK, 1);
    store(child, DATA, 3);
}

static struct space *origin; /* of a child whose tables are empty */

/* What the child lacks is the parent's, read-only. */
static bool lazy_fault(struct space *space, u64 cause, u64 va)
{
    u64 theirs = get(origin, va);

    if (get(space, va) || space == origin || !theirs)
        return cow_fault(space, cause, va);
    frame_hold(frame_of(theirs));
    set(space, va & -PAGE, theirs);
    fence_page(va);
    return true;
}

static void protect_page(struct space *space, u64 va, u64 pte)
{
    if (pte & PTE_W)
        set(space, va, (pte & ~(u64)PTE_W) | PTE_COW);
}

static void lazy(void)
{
    struct space *child;

    origin = parent_with(2);
    on_fault = lazy_fault;
    child = space_new();
    child->regs = origin->regs;
    child->called = true;
    each_page(origin, protect_page);
    fence();
    sees(child, DATA, 100);
    store(child, DATA, 1);
    sees(origin, DATA, 100);
}

/* The frames of a child that ended are another program's, from nothing. */
static void frames_again(void)
{
    struct space *parent = parent_with(2), *child = fork(parent), *other;

    store(child, DATA, 1);
    space_load(parent);
    space_free(child);
    other = space_with(3);
    for (unsigned i = 0; i < 3; i++)
        store(other, DATA + i * PAGE, 7);
    store(parent, DATA, 2);
}

/* A root that maps no program is loaded first, and between programs. */
static void kernel_root(void)
{
    struct space *kernel = space_new(), *parent, *child;

    space_load(kernel);
    parent = parent_with(1);
    space_load(kernel);
    child = fork(parent);
    store(child, DATA, 1);
    space_load(kernel);
    store(parent, DATA, 2);
    space_load(kernel);
}

#define BIG 0x400000ull

static struct space *parent_with_big(void)
{
    struct space *parent = space_with(1);

    *(volatile u64 *)entry_mega(parent, BIG) =
        leaf((void *)MEGA_FRAME, USER_RW);
    must(do_store(parent, BIG, 100), "a first store");
    return parent;
}

static struct space *fork_with_big(struct space *parent)
{
    struct space *child = fork(parent);
    u64 given = leaf((void *)MEGA_FRAME, USER_R | PTE_COW);

    *(volatile u64 *)entry_mega(parent, BIG) = given;
    *(volatile u64 *)entry_mega(child, BIG) = given;
    fence();
    return child;
}

/* Splits the 2-MiB page, and copies one of its pages. */
static bool split_fault(struct space *space, u64 cause, u64 va)
{
    u64 *at = entry_mega(space, va), pte = *at, *last;

    if (va < BIG || !(pte & PTE_R))
        return cow_fault(space, cause, va);
    last = frame_new();
    for (u64 i = 0; i < 512; i++)
        last[i] = pte + (i << 10);
    *(volatile u64 *)at = leaf(last, PTE_V);
    fence();
    at = &last[va >> 12 & 511];
    copy_frame((void *)(MEGA_FRAME + MEGA), frame_of(*at));
    *(volatile u64 *)at = leaf((void *)(MEGA_FRAME + MEGA),
                               (*at & 0x3ff & ~(u64)PTE_COW) | PTE_W);
    fence_page(va);
    return true;
}

static void split(void)
{
    struct space *parent = parent_with_big(), *child = fork_with_big(parent);

    on_fault = split_fault;
    sees(child, BIG, 100);
    must(do_store(child, BIG + 0x5008, 1), "a store");
    sees(child, BIG + 0x5008, 1);
    sees(parent, BIG + 0x5008, 0);
}

/* Copies all of it. */
static bool big_fault(struct space *space, u64 cause, u64 va)
{
    u64 *at = entry_mega(space, va);

    if (va < BIG)
        return cow_fault(space, cause, va);
    for (u64 i = 0; i < MEGA; i += PAGE)
        copy_frame((void *)(MEGA_FRAME + MEGA + i), (void *)(MEGA_FRAME + i));
    *(volatile u64 *)at = leaf((void *)(MEGA_FRAME + MEGA), USER_RW);
    fence();
    return true;
}

static void big(void)
{
    struct space *parent = parent_with_big(), *child = fork_with_big(parent);

    on_fault = big_fault;
    sees(child, BIG, 100);
    store(child, BIG + 0x5008, 1);
    sees(parent, BIG + 0x5008, 0);
}

const struct scenario scenarios[] = {
    {"child-first", child_first},
    {"parent-first", parent_first},
    {"crosswise", crosswise},
    {"reading", reading},
    {"children", children},
    {"children-in-turn", children_in_turn},
    {"left-by-both", left_by_both},
    {"grandchild", grandchild},
    {"chain", chain},
    {"child-exits", child_exits},
    {"parent-exits", parent_exits},
    {"again", again},
    {"exec", exec},
    {"vfork", vfork},
    {"eager", eager},
    {"shared-memory", shared_memory},
    {"shared-protected", shared_protected},
    {"protected-before", protected_before},
    {"hidden", hidden},
    {"untouched", untouched},
    {"lazy", lazy},
    {"frames-again", frames_again},
    {"kernel-root", kernel_root},
    {"split", split},
    {"big", big},
    {NULL, NULL},
};
