/*
 * Signals as Linux riscv64 numbers them. They hide those of the C library
 * below, which are others.
 */
#ifndef LIBC_SIGNAL_H
#define LIBC_SIGNAL_H

#include <sys/types.h>

#include "uapi/signal.h"

#define SA_NOCLDWAIT 2
#define SA_SIGINFO 4
#define SA_RESTART 0x10000000

typedef void (*sighandler_t)(int);

#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)
#define SIG_ERR ((sighandler_t)-1)

union sigval {
    int sival_int;
    void *sival_ptr;
};

/* What is told with a signal: of a fault, of one that was sent, of SIGCHLD. A
 * handler with SA_SIGINFO gets it as its second argument. */
typedef struct {
    int si_signo, si_errno, si_code, si_unused;
    union {
        void *si_addr;
        struct {
            pid_t si_pid;
            uid_t si_uid;
            union {
                int si_status;
                union sigval si_value;
            };
        };
        char si_size[112];
    };
} siginfo_t;

/* The kernel's own layout; sa_restorer does not exist on RISC-V, where the
 * kernel maps a page to return from handlers. */
struct sigaction {
    union {
        sighandler_t sa_handler;
        void (*sa_sigaction)(int, siginfo_t *, void *);
    };
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
/* Sends a value along; signals from SIGRTMIN on are each kept. */
int sigqueue(pid_t pid, int number, union sigval value);
/* Takes a signal of a set, all of them blocked: its number, or -1. */
struct timespec;
int sigtimedwait(const unsigned long *set, siginfo_t *info,
                 const struct timespec *timeout);
int raise(int number);

#endif
