/*
 * Signals as Linux riscv64 numbers them. They hide those of the C library
 * below, which are others.
 */
#ifndef LIBC_SIGNAL_H
#define LIBC_SIGNAL_H

#include <sys/types.h>

#include "uapi/signal.h"

#define SA_RESTART 0x10000000

typedef void (*sighandler_t)(int);

#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)
#define SIG_ERR ((sighandler_t)-1)

/* The kernel's own layout; sa_restorer does not exist on RISC-V, where the
 * kernel maps a page to return from handlers. */
struct sigaction {
    sighandler_t sa_handler;
    unsigned long sa_flags;
    unsigned long sa_mask;
};

int sigaction(int number, const struct sigaction *act, struct sigaction *old);
/* A set is a word: bit n - 1 stands for signal n. */
#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

int sigprocmask(int how, const unsigned long *set, unsigned long *old);
/* Sets the action, with SA_RESTART; returns the former one or SIG_ERR. */
sighandler_t signal(int number, sighandler_t handler);
int kill(pid_t pid, int number);
int raise(int number);

#endif
