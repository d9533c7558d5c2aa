/*
 * Signals: actions and sending.
 */
#ifndef TASK_SIGNAL_H
#define TASK_SIGNAL_H

#include "lib/types.h"
#include "task/siginfo.h"

#define SIG_COUNT 64
#define SIGQUEUE_MAX 1024 /* that wait in one task, each with its siginfo */

#define SIG_DFL 0
#define SIG_IGN 1

#define SA_NOCLDWAIT 2
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

/* Makes a signal pending, with what is told, and wakes the task if that ends
 * its sleep. What the task ignores is dropped. -EAGAIN: no more can wait, and
 * the sender wanted its value to arrive. */
int signal_send(struct task *t, const struct siginfo *info);

/* Likewise for a signal of the kernel's own. */
void signal_send_kernel(struct task *t, int sig);

/* Sends to every member of a process group (signal 0: to none, but tells
 * whether there are any); -ESRCH when the group is empty. */
int signal_send_group(int pgid, const struct siginfo *info);

/* A fault that the program must not survive by ignoring it: why (a code of the
 * signal), and the address. */
void signal_force(struct task *t, int sig, int code, u64 address);

/* sigqueue.c: what waits in a task. Takes the oldest of one signal; forgets all
 * of a set of signals. */
int sigqueue_add(struct task *t, const struct siginfo *info);
void sigqueue_take(struct task *t, int sig, struct siginfo *info);
void sigqueue_discard(struct task *t, u64 set);

/* Another mask for the time of one call: the old one comes back when the call
 * ends, behind the handler of whatever ended it. */
void signal_lend_mask(struct task *t, u64 set);
void signal_return_mask(struct task *t);

/* True when a sleep has to end: something unblocked is pending. */
bool signal_pending(const struct task *t);

/* After a change of what is pending or blocked: whether there is something to
 * act on before the return to user code. */
void signal_update_work(struct task *t);

/* After exec: handlers become default, ignored stays ignored. */
void signal_reset(struct task *t);

#endif
