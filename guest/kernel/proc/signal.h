/*
 * Signals: actions, sending and delivery.
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include "lib/types.h"
#include "uapi/signal.h"

#define SIG_COUNT 64

#define SIG_DFL 0
#define SIG_IGN 1

#define SIG_BIT(sig) (1ul << ((sig)-1))

/* The kernel's struct sigaction of riscv64: no restorer. */
struct sigaction {
    u64 handler;
    u64 flags;
    u64 mask;
};

struct task;
struct trapframe;

/* Makes `sig` pending and wakes the task if it sleeps interruptibly. What
 * the task ignores is dropped. */
void signal_send(struct task *t, int sig);

/* To every member of a process group; -ESRCH when it has none. */
int signal_send_group(int pgid, int sig);

/* A fault that the program must not survive by ignoring it. */
void signal_force(struct task *t, int sig);

/* True when a sleep has to end: something unblocked is pending. */
bool signal_pending(const struct task *t);

/* Acts on pending signals before the return to user code: ends the task, or
 * puts a handler's frame on its stack. */
void signal_deliver(struct trapframe *tf);

/* After exec: handlers become default, ignored stays ignored. */
void signal_reset(struct task *t);

/* Maps the page with the return trampoline into a new space. */
struct mm;
int signal_map_trampoline(struct mm *mm);

#endif
