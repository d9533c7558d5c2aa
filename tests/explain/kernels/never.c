/*
 * What is no fork, however much two spaces share.
 */
#include "kernel.h"

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
    must(loaded(space, va) == value, "the store is seen");
}

/* A page's worth of text that was loaded into a frame of its own. */
static void *text_frame(void)
{
    void *frame = frame_new();

    copy_frame(frame, agent);
    __asm__ volatile("fence.i");
    return frame;
}

/* Two pages of text and one of data, as exec would map them. */
static struct space *program(void *text, void *more)
{
    struct space *space = space_with(1);

    set(space, TEXT, leaf(text, USER_RX));
    set(space, TEXT + PAGE, leaf(more, USER_RX));
    return space;
}

/* A second process of the same program, built from nothing. */
static void spawn(void)
{
    void *text = text_frame(), *more = text_frame();
    struct space *one = program(text, more), *two = program(text, more);

    store(one, DATA, 1);
    store(two, DATA, 2);
    store(one, DATA, 3);
}

/* The same; the first loads the text through writable entries, then takes W
 * away. */
static void spawn_loaded(void)
{
    void *text = text_frame(), *more = text_frame();
    struct space *one = program(text, more), *two;

    set(one, TEXT, leaf(text, USER_RX | PTE_W));
    set(one, TEXT + PAGE, leaf(more, USER_RX | PTE_W));
    if (!option("unloaded"))
        space_load(one);
    if (option("stored")) {
        must(do_store(one, TEXT + PAGE, 0), "a store to text in the making");
        must(do_nothing(one), "a call that protects");
    }
    set(one, TEXT, leaf(text, USER_RX));
    set(one, TEXT + PAGE, leaf(more, USER_RX));
    fence();
    store(one, DATA, 1);
    two = program(text, more);
    store(two, DATA, 2);
    store(one, DATA, 3);
}

/* The first one calls for it, as posix_spawn() would. */
static void spawn_called(void)
{
    void *text = text_frame(), *more = text_frame();
    struct space *one = program(text, more), *two;

    set(one, TEXT + PAGE, leaf(more, USER_RX | PTE_W));
    store(one, TEXT + PAGE, 0);
    set(one, TEXT + PAGE, leaf(more, USER_RX));
    fence();
    must(do_nothing(one), "the call");
    two = program(text, more);
    must(do_nothing(two), "it runs");
    must(do_nothing(one), "it goes on");
}

/* Constants, initialised by the first and then read-only in both. */
static void constants(void)
{
    void *frame = frame_new();
    struct space *one = space_with(1), *two;

    set(one, STACK, leaf(frame, USER_RW));
    store(one, STACK, 42);
    set(one, STACK, leaf(frame, USER_R));
    fence();
    two = space_with(1);
    set(two, STACK, leaf(frame, USER_R));
    must(loaded(two, STACK) == 42, "the constant");
    store(two, DATA, 1);
    store(one, DATA, 2);
}

/* The same frame at another address. */
static void elsewhere(void)
{
    void *frame = frame_new();
    struct space *one = space_with(1), *two = space_with(1);

    set(one, STACK, leaf(frame, USER_RW));
    store(one, STACK, 42);
    set(one, STACK, leaf(frame, USER_R));
    fence();
    set(two, STACK + 3 * PAGE, leaf(frame, USER_R));
    must(loaded(two, STACK + 3 * PAGE) == 42, "the constant");
}

/* Two processes attach the same writable memory. */
static void attached(void)
{
    void *frame = frame_new();
    struct space *one = space_with(1), *two = space_with(1);

    must(do_nothing(one) && do_nothing(two), "both run");
    set(one, STACK, leaf(frame, USER_RW));
    set(two, STACK, leaf(frame, USER_RW));
    store(one, STACK, 1);
    must(loaded(two, STACK) == 1, "memory is shared");
    store(two, STACK, 2);
    must(loaded(one, STACK) == 2, "memory is shared");
}

/* One protects and unprotects its own page, which nobody shares. */
static void protect(void)
{
    struct space *one = space_with(2);

    for (unsigned i = 0; i < 3; i++) {
        store(one, DATA, i);
        set(one, DATA, get(one, DATA) & ~(u64)PTE_W);
        fence();
        must(loaded(one, DATA) == i, "it can be read");
        set(one, DATA, get(one, DATA) | PTE_W);
        fence();
    }
}

/* No program ever runs: a kernel tries its own tables. */
static void no_user(void)
{
    void *frame = frame_new(), *own = frame_new();
    struct space *one = space_new(), *two = space_new();

    set(one, DATA, leaf(frame, USER_RW));
    set(two, STACK, leaf(own, USER_RW));
    space_load(one);
    set(one, DATA, leaf(frame, USER_R));
    fence();
    set(two, DATA, leaf(frame, USER_R));
    space_load(two);
    fence();
    space_load(one);
}

/* The same frame of zeroes for all that was only read; a store gets a frame
 * of its own. No fork has a part in it. */
static void *zeroes;

static bool zero_fault(struct space *space, u64 cause, u64 va)
{
    void *frame = cause == STORE_FAULT ? frame_new() : zeroes;

    set(space, va & -PAGE,
        leaf(frame, cause == STORE_FAULT ? USER_RW : USER_R));
    fence_page(va);
    return true;
}

static void zero_page(void)
{
    struct space *one = space_with(1), *two = space_with(1);

    zeroes = frame_new();
    on_fault = zero_fault;
    must(loaded(one, STACK) == 0, "a zero");
    must(loaded(two, STACK) == 0, "a zero");
    must(loaded(one, STACK + PAGE) == 0, "a zero");
    store(one, STACK, 1);
    store(two, STACK, 2);
}

/* Heap that grows page by page. */
static void first_touch(void)
{
    struct space *one = space_with(1);

    zeroes = frame_new();
    on_fault = zero_fault;
    for (u64 i = 0; i < 4; i++)
        store(one, STACK + i * PAGE, i);
}

/* A program replaces itself: a new root, and the old one is freed. */
static void exec(void)
{
    struct space *one = space_with(2), *two;

    store(one, DATA, 1);
    two = space_with(2);
    space_load(two);
    space_free(one);
    store(two, DATA, 2);
    must(loaded(two, DATA + PAGE) == 0, "fresh memory");
}

/* One root, used by one process after another. */
static void one_after_another(void)
{
    for (u64 i = 0; i < 3; i++) {
        struct space *space = space_with(2);

        store(space, DATA, i);
        csr_write(satp, 0);
        space_free(space);
    }
}

/* Text that a debugger writes to: W for a while. */
static void breakpoint(void)
{
    void *text = text_frame();
    struct space *one = program(text, text_frame());

    store(one, DATA, 1);
    set(one, TEXT, leaf(text, USER_RX | PTE_W));
    fence();
    ((volatile u64 *)text)[100] = 0;
    set(one, TEXT, leaf(text, USER_RX));
    fence();
    store(one, DATA, 2);
}

const struct scenario scenarios[] = {
    {"spawn", spawn},
    {"spawn-loaded", spawn_loaded},
    {"spawn-called", spawn_called},
    {"constants", constants},
    {"elsewhere", elsewhere},
    {"attached", attached},
    {"protect", protect},
    {"no-user", no_user},
    {"zero-page", zero_page},
    {"first-touch", first_touch},
    {"exec", exec},
    {"one-after-another", one_after_another},
    {"breakpoint", breakpoint},
    {NULL, NULL},
};
