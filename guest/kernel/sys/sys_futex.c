/*
 * futex(2): an operation with a word of user memory. Those that wait and wake
 * are here; those for the kernel to own a lock (FUTEX_LOCK_PI and so on) are
 * not, and programs are told.
 */
#include "sys/syscall.h"

#include "lib/errno.h"
#include "sys/timespec.h"
#include "task/futex.h"
#include "task/timer.h"
#include "task/wait.h"

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_PRIVATE 128
#define FUTEX_CLOCK_REALTIME 256 /* counts from boot like the other clock */

/* FUTEX_WAIT takes a length of time, FUTEX_WAIT_BITSET a moment. */
static int deadline_of(u64 user, bool is_moment, u64 *deadline)
{
    u64 ns;
    int err;

    *deadline = WAIT_FOREVER;
    if (!user)
        return 0;
    err = time_span(user, &ns);
    if (!err)
        *deadline = time_from_ns(ns) + (is_moment ? 0 : time_now());
    return err;
}

static i64 wait(const u64 *a, bool is_private, bool has_bitset)
{
    u32 bitset = has_bitset ? (u32)a[5] : FUTEX_ALL;
    u64 deadline;
    int err = deadline_of(a[3], has_bitset, &deadline);

    if (err)
        return err;
    if (!bitset)
        return -EINVAL;
    return futex_wait(a[0], is_private, (u32)a[2], bitset, deadline);
}

i64 sys_futex(const u64 *a)
{
    u32 command = (u32)a[1] & ~(u32)(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
    bool is_private = (a[1] & FUTEX_PRIVATE) != 0;

    if ((a[1] & FUTEX_CLOCK_REALTIME) && command != FUTEX_WAIT_BITSET)
        return -ENOSYS;
    switch (command) {
    case FUTEX_WAIT: return wait(a, is_private, false);
    case FUTEX_WAIT_BITSET: return wait(a, is_private, true);
    case FUTEX_WAKE: return futex_wake(a[0], is_private, (u32)a[2], FUTEX_ALL);
    case FUTEX_WAKE_BITSET:
        if (!(u32)a[5])
            return -EINVAL;
        return futex_wake(a[0], is_private, (u32)a[2], (u32)a[5]);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        if ((i32)a[2] < 0 || (i32)a[3] < 0)
            return -EINVAL;
        return futex_requeue(a[0], a[4], is_private, (u32)a[2], (u32)a[3],
                             command == FUTEX_CMP_REQUEUE, (u32)a[5]);
    default: return -ENOSYS;
    }
}
