/*
 * A limit on the host's time where nothing waits by the loop: while files are
 * opened and read, before there is a machine. See alarm.c.
 */
#ifndef HOST_ALARM_H
#define HOST_ALARM_H

#include <signal.h>
#include <stdint.h>

/* What was there before. */
struct alarm {
    struct sigaction action;
    sigset_t mask;
};

/* From so many ns from now on, whatever blocks (open() of a FIFO, read() of a
 * pipe) fails with EINTR, until alarm_stop(). SIGALRM is in use meanwhile. 0
 * ns: never. */
void alarm_start(struct alarm *alarm, uint64_t ns);
void alarm_stop(const struct alarm *alarm);

#endif
