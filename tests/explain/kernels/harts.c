/*
 * Spaces on three harts. Hart 0 drives; what others do at the same time is
 * made to meet at known places.
 */
#include "kernel.h"

static struct space *space[3], thread[2];
static u64 where = DATA, what;

static void store_here(struct space *self, u64 va, u64 value)
{
    must(do_store(self, va, value), "the store is allowed");
}

static void run_0(void)
{
    must(do_nothing(space[0]), "it runs");
}

static void run_1(void)
{
    must(do_nothing(space[1]), "it runs");
}

static void run_2(void)
{
    must(do_nothing(space[2]), "it runs");
}

static void store_0(void)
{
    store_here(space[0], where, 10);
}

static void store_1(void)
{
    store_here(space[1], where, 11);
}

static void store_2(void)
{
    store_here(space[2], where, 12);
}

static void check_apart(void)
{
    must(loaded(space[0], DATA) == 10, "apart");
}

static void make_parent(void)
{
    space[0] = space_with(2);
    store_here(space[0], DATA, 100);
    store_here(space[0], DATA + PAGE, 101);
}

/* A parent and two children, each on a hart of its own. */
static void three(void)
{
    make_parent();
    space[1] = fork(space[0]);
    on_hart(1, run_1);
    space[2] = fork(space[0]);
    on_hart(2, run_2);
    on_hart(1, store_1);
    on_hart(2, store_2);
    store_0();
    check_apart();
}

/* A space that moves from hart to hart. */
static void wander(void)
{
    make_parent();
    on_hart(1, run_0);
    space[1] = fork(space[0]);
    on_hart(1, fence);
    on_hart(2, run_1);
    on_hart(1, store_1);
    on_hart(2, store_0);
    must(loaded(space[1], DATA) == 11, "apart");
}

static volatile unsigned arrived;

static void wait_for(unsigned wanted)
{
    while (arrived < wanted)
        ;
}

static void meet(unsigned wanted)
{
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    wait_for(wanted);
}

/* Hart 1's fault waits until hart 2's has been answered. */
static bool waiting_fault(struct space *self, u64 cause, u64 va)
{
    if (self == space[1])
        meet(2);
    return cow_fault(self, cause, va);
}

static void store_2_and_tell(void)
{
    store_2();
    meet(2);
}

static void overtake(void)
{
    make_parent();
    space[1] = fork(space[0]);
    on_hart(1, run_1);
    space[2] = fork(space[0]);
    on_hart(2, run_2);
    on_fault = waiting_fault;
    start_on_hart(1, store_1);
    wait_for(1);
    start_on_hart(2, store_2_and_tell);
    wait_for_hart(1);
    wait_for_hart(2);
    store_0();
    check_apart();
}

/* Both sides find two holders, both copy, and then both drop the frame. */
static bool racing_fault(struct space *self, u64 cause, u64 va)
{
    u64 pte = get(self, va);
    void *new;

    if (cause != STORE_FAULT || !(pte & PTE_COW))
        return false;
    must(frame_holders(frame_of(pte)) == 2, "two holders");
    meet(2);
    if (self == space[0])
        wait_for(3);
    new = frame_new();
    copy_frame(new, frame_of(pte));
    set(self, va & -PAGE, leaf(new, USER_RW));
    frame_drop(frame_of(pte));
    fence_page(va);
    if (self == space[1])
        meet(3);
    return true;
}

static void both_copy(void)
{
    void *old;

    make_parent();
    old = frame_of(get(space[0], DATA));
    space[1] = fork(space[0]);
    on_hart(1, run_1);
    on_fault = racing_fault;
    start_on_hart(1, store_1);
    store_0();
    wait_for_hart(1);
    must(!frame_holders(old), "nobody holds the frame");
}

static void thread_run(void)
{
    must(do_nothing(&thread[1]), "it runs");
}

static void thread_store(void)
{
    store_here(&thread[1], where, what);
}

/* Two programs in one root, as threads are. */
static void make_threads(void)
{
    make_parent();
    thread[1] = *space[0];
}

/* The fork fences its own hart only; a thread on another has W yet. */
static void thread_stale(void)
{
    make_threads();
    what = 50;
    on_hart(1, thread_store);
    space[1] = fork(space[0]);
    on_hart(2, run_1);
    what = 51;
    on_hart(1, thread_store);
    must(loaded(space[1], DATA) == 51, "the child sees the store");
}

/* The same with a fence: the thread copies. */
static void thread_fenced(void)
{
    make_threads();
    what = 50;
    on_hart(1, thread_store);
    space[1] = fork(space[0]);
    on_hart(1, fence);
    on_hart(2, run_1);
    what = 51;
    on_hart(1, thread_store);
    must(loaded(space[1], DATA) == 50, "apart");
    must(loaded(space[0], DATA) == 51, "threads share");
}

/* Two threads fault on one page; one copy is made. */
static bool second_fault(struct space *self, u64 cause, u64 va)
{
    if (self == &thread[1])
        meet(2);
    return cow_fault(self, cause, va);
}

static void thread_race(void)
{
    make_threads();
    on_hart(1, thread_run);
    space[1] = fork(space[0]);
    on_hart(1, fence);
    on_hart(2, run_1);
    on_fault = second_fault;
    what = 51;
    start_on_hart(1, thread_store);
    wait_for(1);
    store_here(space[0], DATA + 8, 52);
    meet(2);
    wait_for_hart(1);
    must(loaded(space[1], DATA) == 100, "apart");
    must(loaded(space[0], DATA) == 51, "threads share");
}

const struct scenario scenarios[] = {
    {"three", three},
    {"wander", wander},
    {"overtake", overtake},
    {"both-copy", both_copy},
    {"thread-stale", thread_stale},
    {"thread-fenced", thread_fenced},
    {"thread-race", thread_race},
    {NULL, NULL},
};
