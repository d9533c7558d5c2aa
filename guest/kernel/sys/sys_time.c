/*
 * System calls about time. CLOCK_REALTIME counts from boot like all others:
 * the machine's time is its steps.
 */
#include "sys/syscall.h"

#include "lib/errno.h"
#include "mm/mm.h"
#include "sys/takes.h"
#include "sys/timespec.h"
#include "task/timer.h"
#include "task/wait.h"

#define NS_PER_SECOND 1000000000l
#define SECONDS_MAX (1ul << 32) /* longer sleeps last no longer */

struct timespec {
    i64 sec;
    i64 nsec;
};

int time_span(u64 user, u64 *ns)
{
    struct timespec ts;

    if (copy_from_user(&ts, user, sizeof(ts)))
        return -EFAULT;
    if (ts.sec < 0 || ts.nsec < 0 || ts.nsec >= NS_PER_SECOND)
        return -EINVAL;
    *ns = min_u64((u64)ts.sec, SECONDS_MAX) * NS_PER_SECOND + (u64)ts.nsec;
    return 0;
}

int time_end_of(u64 user, u64 *end)
{
    u64 ns;
    int err = time_span(user, &ns);

    if (!err)
        *end = time_now() + time_from_ns(ns);
    return err;
}

static int put_span(u64 user, u64 ns)
{
    struct timespec ts = {(i64)(ns / NS_PER_SECOND), (i64)(ns % NS_PER_SECOND)};

    return user ? copy_to_user(user, &ts, sizeof(ts)) : 0;
}

static i64 sleep_until(u64 deadline, u64 user_left)
{
    while (time_now() < deadline) {
        if (waitq_sleep(NULL, true, deadline) != -ERESTARTSYS)
            continue;
        if (put_span(user_left, time_to_ns(deadline - time_now())))
            return -EFAULT;
        return -EINTR;
    }
    return 0;
}

i64 sys_nanosleep(const u64 *a)
{
    u64 ns;
    int err = time_span(a[0], &ns);

    return err ? err : sleep_until(time_now() + time_from_ns(ns), a[1]);
}

i64 sys_clock_nanosleep(const u64 *a)
{
    u64 ns;
    int err = time_span(a[2], &ns);

    if (err)
        return err;
    if (a[1] & TIMER_ABSTIME)
        return sleep_until(time_from_ns(ns), 0);
    return sleep_until(time_now() + time_from_ns(ns), a[3]);
}

/* CPU time is counted in ticks of the scheduler. */
static bool is_cpu_clock(u64 clock)
{
    return clock == CLOCK_PROCESS_CPUTIME || clock == CLOCK_THREAD_CPUTIME;
}

i64 sys_clock_gettime(const u64 *a)
{
    const u64 tick_ns = NS_PER_SECOND / TICKS_PER_SECOND;

    if (is_cpu_clock(a[0]))
        return put_span(a[1], current->run_ticks * tick_ns);
    return put_span(a[1], time_to_ns(time_now()));
}

i64 sys_clock_getres(const u64 *a)
{
    u64 rate = is_cpu_clock(a[0]) ? TICKS_PER_SECOND : time_hz();

    return put_span(a[1], NS_PER_SECOND / rate);
}

i64 sys_gettimeofday(const u64 *a)
{
    u64 us = time_to_ns(time_now()) / 1000;
    i64 tv[2] = {(i64)(us / 1000000), (i64)(us % 1000000)};
    const i32 zone[2] = {0, 0}; /* UTC, no summer time */

    if (a[1] && copy_to_user(a[1], zone, sizeof(zone)))
        return -EFAULT;
    return a[0] ? copy_to_user(a[0], tv, sizeof(tv)) : 0;
}

i64 sys_times(const u64 *a)
{
    i64 usage[4] = {(i64)current->run_ticks * USER_HZ / TICKS_PER_SECOND};

    if (a[0] && copy_to_user(a[0], usage, sizeof(usage)))
        return -EFAULT;
    return (i64)(time_now() / (time_hz() / USER_HZ));
}
