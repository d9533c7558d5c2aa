/*
 * Kernel threads, made by kthreadd (pid 2), which never ends.
 */
#ifndef PROC_KTHREAD_H
#define PROC_KTHREAD_H

struct task;

/* The body of kthreadd: waits for requests, makes threads, reaps them. */
int kthreadd(void *arg);

/* Asks kthreadd for a thread that runs fn(arg) with interrupts on; waits
 * until it exists. NULL when memory is short. The thread ends when fn
 * returns, with its value as status. */
struct task *kthread_create(int (*fn)(void *arg), void *arg, const char *name);

#endif
