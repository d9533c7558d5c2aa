/*
 * Three harts store to one page that a fork has shared three times, all at
 * once. The handler's lock is what keeps them from the counts of frames and the
 * pool while another is there.
 */
#include "kernel.h"

static struct space *space[3];
static volatile unsigned arrived;
static volatile unsigned pool;

static void lock(volatile unsigned *word)
{
    while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
        ;
}

static void unlock(volatile unsigned *word)
{
    __atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

static inline __attribute__((always_inline)) void set_entry(struct space *self,
                                                            u64 va, u64 pte)
{
    *(volatile u64 *)entry(self, va, false) = pte;
    fence_page(va);
}

/* Copies, or gives W back to the last that holds the frame. */
static bool locked_fault(struct space *self, u64 cause, u64 va)
{
    void *old, *new;

    if (cause != STORE_FAULT)
        return false;
    lock(&pool);
    old = frame_of(get(self, va));
    if (frame_holders(old) == 1) {
        set_entry(self, va, leaf(old, USER_RW));
    } else {
        new = frame_new();
        copy_frame(new, old);
        set_entry(self, va, leaf(new, USER_RW));
        frame_drop(old);
    }
    unlock(&pool);
    return true;
}

/* Stores when the others are about to. */
static void store_at_once(unsigned hart)
{
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    while (arrived < 3)
        ;
    do_store(space[hart], DATA, 10 + hart);
}

static void store_0(void)
{
    store_at_once(0);
}

static void store_1(void)
{
    store_at_once(1);
}

static void store_2(void)
{
    store_at_once(2);
}

static void run_1(void)
{
    do_nothing(space[1]);
}

static void run_2(void)
{
    do_nothing(space[2]);
}

static void run_all(void)
{
    do_nothing(space[0]);
    on_hart(1, run_1);
    on_hart(2, run_2);
}

static void race(void)
{
    space[0] = space_with(1);
    do_store(space[0], DATA, 100);
    space[1] = fork(space[0]);
    on_hart(1, run_1);
    space[2] = fork(space[0]);
    on_hart(2, run_2);
    on_fault = locked_fault;
    start_on_hart(1, store_1);
    start_on_hart(2, store_2);
    store_0();
    wait_for_hart(1);
    wait_for_hart(2);
    run_all();
    for (u64 i = 0; i < 3; i++)
        must(loaded(space[i], DATA) == 10 + i, "apart");
}

const struct scenario scenarios[] = {
    {"race", race},
    {NULL, NULL},
};
