/*
 * Signal numbers as Linux riscv64 has them, and the codes that say why one
 * came.
 */
#ifndef UAPI_SIGNAL_H
#define UAPI_SIGNAL_H

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGWINCH 28
#define SIGRTMIN 32 /* each one that is sent counts, from here on */

/* Of any signal: sent by kill, by the kernel, with a value, to a thread. */
#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_QUEUE -1
#define SI_TKILL -6
/* Of a fault: no such instruction; nothing is mapped there; what is there does
 * not allow it; an address that is not a multiple; a file that ends before;
 * ebreak. */
#define ILL_ILLOPC 1
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define TRAP_BRKPT 1
/* Of SIGCHLD: the child left, or a signal ended it. */
#define CLD_EXITED 1
#define CLD_KILLED 2

#endif
