/*
 * What is told with a signal: who sent it, or which fault made it.
 *
 * The first 48 bytes of Linux's siginfo_t, all of it that has a meaning.
 */
#ifndef TASK_SIGINFO_H
#define TASK_SIGINFO_H

#include "lib/types.h"
#include "uapi/signal.h"

struct siginfo {
    i32 signo, error, code, pad;
    u64 fields[4];
};

static_assert(sizeof(struct siginfo) == 48, "Linux's struct kernel_siginfo");

/* fields[] of a signal that a process sent, of SIGCHLD, and of a fault. The
 * user id beside the pid is 0 always. */
enum {
    SIGINFO_PID = 0,
    SIGINFO_VALUE = 1,
    SIGINFO_STATUS = 1,
    SIGINFO_ADDRESS = 0,
};

#endif
