/*
 * Kernels that err, as those of students do. Each scenario asserts what harm
 * the mistake did.
 */
#include "kernel.h"

static struct space *parent, *child;

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
}

static void make_two(void)
{
    parent = space_with(2);
    store(parent, DATA, 100);
    store(parent, DATA + PAGE, 101);
    child = fork(parent);
}

static void run_child(void)
{
    must(do_nothing(child), "the child runs");
    must(do_nothing(parent), "the parent goes on");
}

/* With keep-w-parent: what the parent stores, the child sees. */
static void parent_keeps_w(void)
{
    make_two();
    run_child();
    store(parent, DATA, 1);
    must(loaded(child, DATA) == 1, "the child sees the store");
    store(child, DATA, 2);
    must(loaded(parent, DATA) == 1, "the child has a copy now");
}

static void child_keeps_w(void)
{
    make_two();
    run_child();
    store(child, DATA, 1);
    must(loaded(parent, DATA) == 1, "the parent sees the store");
    store(parent, DATA, 2);
    must(loaded(child, DATA) == 1, "the parent has a copy now");
}

static void both_keep_w(void)
{
    make_two();
    run_child();
    store(child, DATA, 1);
    must(loaded(parent, DATA) == 1, "the parent sees the store");
}

/* With no-fork-fence: the parent's TLB still has W. */
static void stale_store(void)
{
    make_two();
    if (!option("parent-first"))
        run_child();
    store(parent, DATA, 1);
    must(loaded(child, DATA) == 1, "the child sees the store");
    fence();
    store(parent, DATA + PAGE, 2);
    must(loaded(child, DATA + PAGE) == 101, "after a fence all is well");
}

/* The kernel takes away the page that the program runs in, and the TLB has it
 * still. */
static void text_gone(void)
{
    parent = space_with(1);
    store(parent, DATA, 100);
    set(parent, TEXT, 0);
    must(do_nothing(parent), "the program goes on");
}

/* With no-cow-fence: the store faults again, and the kernel has nothing left
 * to do; it gives up, or tries forever. */
static void stale_fault(void)
{
    make_two();
    run_child();
    must(loaded(child, DATA) == 100, "the TLB knows the page");
    must(!do_store(child, DATA, 1), "the store keeps faulting");
    space_load(parent);
    space_free(child);
    must(do_nothing(parent), "the parent goes on");
}

/* With drop-twice: the frame that the parent maps is free, and is given out
 * for the child's next copy. */
static void given_again(void)
{
    make_two();
    store(child, DATA, 1);
    store(child, DATA + PAGE, 2);
    must(loaded(parent, DATA) == 2, "the parent's page is overwritten");
}

/* The same, and the frame is a new page of the child. */
static bool heap_fault(struct space *space, u64 cause, u64 va)
{
    if (get(space, va))
        return cow_fault(space, cause, va);
    set(space, va & -PAGE, leaf(frame_new(), USER_RW));
    fence_page(va);
    return true;
}

static void given_to_heap(void)
{
    make_two();
    on_fault = heap_fault;
    store(child, DATA, 1);
    store(child, STACK, 2);
    must(loaded(parent, DATA) == 2, "the parent's page is overwritten");
}

/* The same, and the frame is a page of a new process. */
static void given_to_other(void)
{
    struct space *other;

    make_two();
    run_child();
    frame_drop(frame_of(get(parent, DATA)));
    frame_drop(frame_of(get(parent, DATA)));
    /* The three tables of the new space come first. */
    frame_hold(frame_of(get(parent, DATA)));
    other = space_new();
    set(other, TEXT, leaf(agent, USER_RX));
    frame_drop(frame_of(get(parent, DATA)));
    set(other, STACK, leaf(frame_new(), USER_RW));
    store(other, STACK, 5);
    must(loaded(parent, DATA) == 5, "the parent's page is overwritten");
}

/* The same, and the frame becomes a page table. */
static void given_to_table(void)
{
    struct space *other;

    make_two();
    run_child();
    frame_drop(frame_of(get(parent, DATA)));
    frame_drop(frame_of(get(parent, DATA)));
    other = space_with(1);
    store(other, DATA, 1);
    must(loaded(parent, DATA) != 100, "the parent sees a page table");
}

/* With never-drop: the last owner copies. */
static void last_owner_copies(void)
{
    make_two();
    if (option("exit")) {
        must(do_nothing(child), "the child runs");
        store(parent, DATA + PAGE, 2);
        frame_hold(frame_of(get(parent, DATA)));
        space_load(parent);
        space_free(child);
        store(parent, DATA, 2);
        return;
    }
    store(child, DATA, 1);
    store(parent, DATA, 2);
    must(loaded(child, DATA) == 1, "apart");
}

/* The same in a system call, after another that cannot have forked. */
static void last_owner_calls(void)
{
    make_two();
    store(child, DATA, 1);
    store(parent, DATA + PAGE, 2);
    must(do_nothing(parent), "a system call");
    must(cow_fault(parent, STORE_FAULT, DATA), "the page may be stored to");
    must(do_nothing(parent), "it goes on");
}

/* Who copies is the last that has run, but for a child that is still to run. */
static void copied_for_child(void)
{
    make_two();
    store(child, DATA, 1);
    if (option("stored"))
        store(parent, DATA + PAGE, 2);
    else
        must(do_nothing(parent), "a system call");
    must(fork(parent) != NULL, "another child");
    store(parent, DATA, 2);
}

/* A copy's entry has W and no R, which no hart takes. */
static bool rightless_fault(struct space *space, u64 cause, u64 va)
{
    (void)cause;
    va &= -PAGE;
    if (get(space, va) & PTE_R) {
        set(space, va, leaf(frame_new(), USER_RW & ~(u64)PTE_R));
        fence();
    }
    return true;
}

static void rightless(void)
{
    make_two();
    run_child();
    on_fault = rightless_fault;
    store(child, DATA, 1);
}

/* With text-too: a store to text goes through, for all that share it. */
static void text_writable(void)
{
    void *text = frame_new();

    copy_frame(text, agent);
    __asm__ volatile("fence.i");
    parent = space_with(1);
    set(parent, TEXT, leaf(text, USER_RX));
    store(parent, DATA, 100);
    if (option("forked")) {
        child = fork(parent);
        run_child();
    }
    store(parent, TEXT + 0x698, 1);
    if (option("forked"))
        must(loaded(child, TEXT + 0x698) == 1, "the child sees the store");
}

/* With wrong-copy: the bytes differ. */
static void wrong_copy(void)
{
    make_two();
    run_child();
    store(child, DATA, 1);
    must(loaded(child, DATA + 800) == 1, "the copy is none");
}

/* A fresh page instead of a copy. */
static bool blank_fault(struct space *space, u64 cause, u64 va)
{
    if (cause != STORE_FAULT || !get(space, va))
        return false;
    set(space, va & -PAGE, leaf(frame_new(), USER_RW));
    fence_page(va);
    return true;
}

static void blank(void)
{
    make_two();
    run_child();
    on_fault = blank_fault;
    store(child, DATA + 8, 1);
    must(loaded(child, DATA) == 0, "the page was not copied");
}

/* The handler gives W back and copies nothing. */
static bool uncopied_fault(struct space *space, u64 cause, u64 va)
{
    if (cause != STORE_FAULT || !get(space, va))
        return false;
    set(space, va & -PAGE, get(space, va) | PTE_W);
    fence_page(va);
    return true;
}

static void uncopied(void)
{
    make_two();
    run_child();
    on_fault = uncopied_fault;
    store(child, DATA, 1);
    must(loaded(parent, DATA) == 1, "the parent sees the store");
}

/* The same of the parent, before the child has run. */
static void uncopied_early(void)
{
    make_two();
    on_fault = uncopied_fault;
    store(parent, DATA, 1);
    must(loaded(child, DATA) == 1, "the child sees the store");
}

/* A call like mprotect() gives W back and copies nothing. */
static void unprotected(void)
{
    make_two();
    run_child();
    set(child, DATA, get(child, DATA) | PTE_W);
    fence();
    store(child, DATA, 1);
    must(loaded(parent, DATA) == 1, "the parent sees the store");
}

/* No mistake: the child's tables are freed as they are, and nobody could tell
 * from them that the child has ended. */
static void ended_unseen(void)
{
    make_two();
    run_child();
    space_load(parent);
    frame_drop(frame_of(get(parent, DATA)));
    store(parent, DATA, 1);
}

const struct scenario scenarios[] = {
    {"parent-keeps-w", parent_keeps_w},
    {"child-keeps-w", child_keeps_w},
    {"both-keep-w", both_keep_w},
    {"stale-store", stale_store},
    {"stale-fault", stale_fault},
    {"text-gone", text_gone},
    {"given-again", given_again},
    {"given-to-heap", given_to_heap},
    {"given-to-other", given_to_other},
    {"given-to-table", given_to_table},
    {"last-owner-copies", last_owner_copies},
    {"last-owner-calls", last_owner_calls},
    {"copied-for-child", copied_for_child},
    {"rightless", rightless},
    {"text-writable", text_writable},
    {"wrong-copy", wrong_copy},
    {"blank", blank},
    {"uncopied", uncopied},
    {"uncopied-early", uncopied_early},
    {"unprotected", unprotected},
    {"ended-unseen", ended_unseen},
    {NULL, NULL},
};
