/*
 * Forks that share thousands of pages, and stores to all of them: much to say,
 * in few lines. The kernel counts what it does and prints the counts, in
 * hexadecimal; folds.py compares.
 *
 * -append "pages=N" says how many pages there are.
 */
#include "kernel.h"

#define HEAP 0x1000000ull

static u64 copied, kept;

static bool count(struct space *space, u64 cause, u64 va)
{
    u64 pte = get(space, va);
    bool alone = pte && frame_holders(frame_of(pte)) == 1;
    bool done = cow_fault(space, cause, va);

    copied += done && !alone;
    kept += done && alone;
    return done;
}

static struct space *begin(u64 pages)
{
    struct space *space = space_with(0);

    on_fault = count;
    for (u64 i = 0; i < pages; i++)
        set(space, HEAP + i * PAGE, leaf(frame_new(), USER_RW));
    must(do_nothing(space), "the program runs");
    return space;
}

static void store(struct space *space, u64 page, u64 value)
{
    must(do_store(space, HEAP + page * PAGE + 8 * (page % 512), value),
         "the store is allowed");
}

static void report(void)
{
    print("copied ");
    print_hex(copied);
    print(" kept ");
    print_hex(kept);
    print("\n");
}

/* The child stores to all, from the first on, then the parent, from the last
 * on. */
static void both(void)
{
    u64 pages = option_number("pages", 16);
    struct space *parent = begin(pages), *child = fork(parent);

    for (u64 i = 0; i < pages; i++)
        store(child, i, 1);
    for (u64 i = pages; i > 0; i--)
        store(parent, i - 1, 2);
    report();
}

/* Page by page, each. */
static void in_turns(void)
{
    u64 pages = option_number("pages", 16);
    struct space *parent = begin(pages), *child = fork(parent);

    for (u64 i = 0; i < pages; i++) {
        store(parent, i, 1);
        store(child, i, 2);
    }
    report();
}

/* A byte on the console for each page, and a line for each hundred. */
static void talking(void)
{
    u64 pages = option_number("pages", 16);
    struct space *parent = begin(pages), *child = fork(parent);

    must(do_nothing(child) && do_nothing(parent), "both go on");
    for (u64 i = 0; i < pages; i++) {
        store(child, i, 1);
        print(i % 100 == 99 ? "\n" : ".");
    }
    store(parent, 0, 2);
    report();
}

/* Three children in turn, of which each ends before the next. */
static void again(void)
{
    u64 pages = option_number("pages", 16);
    struct space *parent = begin(pages);

    for (u64 n = 0; n < 3; n++) {
        struct space *child = fork(parent);

        for (u64 i = 0; i < pages; i++)
            store(child, i, n);
        space_load(parent);
        space_free(child);
        for (u64 i = 0; i < pages; i++)
            store(parent, i, n);
    }
    report();
}

/* The child stores to each third, the parent to all. */
static void thirds(void)
{
    u64 pages = option_number("pages", 16);
    struct space *parent = begin(pages), *child = fork(parent);

    for (u64 i = 0; i < pages; i += 3)
        store(child, i, 1);
    for (u64 i = 0; i < pages; i++)
        store(parent, i, 2);
    report();
}

/* No two stores are to pages that are near: line after line. */
static void scattered(void)
{
    u64 pages = option_number("pages", 16);
    struct space *parent = begin(pages), *child = fork(parent);

    for (u64 i = 0; i < pages; i += 10)
        store(child, i, 1);
    for (u64 i = 0; i < pages; i += 10)
        store(parent, i, 2);
    report();
}

const struct scenario scenarios[] = {
    {"both", both},   {"in-turns", in_turns},   {"talking", talking},
    {"again", again}, {"scattered", scattered}, {"thirds", thirds},
    {NULL, NULL},
};
