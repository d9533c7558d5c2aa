/*
 * Signals: actions and sending.
 */
#ifndef TASK_SIGNAL_H
#define TASK_SIGNAL_H

#include "lib/types.h"
#include "uapi/signal.h"

#define SIG_COUNT 64

#define SIG_DFL 0
#define SIG_IGN 1

#define SA_RESTART 0x10000000
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000

#define SIG_BIT(sig) (1ul << ((sig)-1))
#define UNBLOCKABLE (SIG_BIT(SIGKILL) | SIG_BIT(SIGSTOP))

/* The kernel's struct sigaction of riscv64: no restorer. */
struct sigaction {
    u64 handler;
    u64 flags;
    u64 mask;
};

struct task;

/* The action that the task has set for a signal, and whether that, or the
 * default, is to ignore it. */
struct sigaction signal_action(const struct task *t, int sig);
bool signal_is_ignored(const struct task *t, int sig);

/* Makes `sig` pending and wakes the task if it sleeps interruptibly. What
 * the task ignores is dropped. */
void signal_send(struct task *t, int sig);

/* Sends `sig` to every member of a process group (0: to none, but tells whether
 * there are any); -ESRCH when the group is empty. */
int signal_send_group(int pgid, int sig);

/* A fault that the program must not survive by ignoring it. */
void signal_force(struct task *t, int sig);

/* True when a sleep has to end: something unblocked is pending. */
bool signal_pending(const struct task *t);

/* After a change of what is pending or blocked: whether there is something to
 * act on before the return to user code. */
void signal_update_work(struct task *t);

/* After exec: handlers become default, ignored stays ignored. */
void signal_reset(struct task *t);

#endif
