/*
 * A limit on the host's time; see alarm.h.
 *
 * The signal does nothing but end what blocks. It comes again and again, as
 * the first one may come just before a call that blocks.
 */
#include "host/alarm.h"

#include <stddef.h>
#include <sys/time.h>

#define AGAIN_US 10000
#define US 1000u
#define SECOND 1000000000u

static void on_alarm(int number)
{
}

void alarm_start(struct alarm *alarm, uint64_t ns)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval timer = {
        .it_interval.tv_usec = AGAIN_US,
        .it_value = {.tv_sec = (time_t)(ns / SECOND),
                     .tv_usec = (suseconds_t)(ns % SECOND / US)}};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigaction(SIGALRM, &action, &alarm->action);
    sigprocmask(SIG_UNBLOCK, &set, &alarm->mask);
    if (ns && ns < US)
        timer.it_value.tv_usec = 1;
    setitimer(ITIMER_REAL, &timer, NULL);
}

void alarm_stop(const struct alarm *alarm)
{
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    sigprocmask(SIG_SETMASK, &alarm->mask, NULL);
    sigaction(SIGALRM, &alarm->action, NULL);
}
