/* Making tasks. */
#ifndef PROC_FORK_H
#define PROC_FORK_H

#include "task/task.h"

#define CLONE_VM 0x100
#define CLONE_FS 0x200
#define CLONE_FILES 0x400
#define CLONE_SIGHAND 0x800
#define CLONE_VFORK 0x4000
#define CLONE_PARENT_SETTID 0x100000
#define CLONE_CHILD_CLEARTID 0x200000
#define CLONE_SETTLS 0x80000
#define CLONE_CHILD_SETTID 0x1000000
#define CLONE_THREAD 0x10000
#define CLONE_SIGNAL_MASK 0xff
#define CLONE_FLAGS                                                        \
    (CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | \
     CLONE_SETTLS | CLONE_CHILD_SETTID | CLONE_SIGNAL_MASK)

struct clone_args {
    u64 flags;
    u64 stack; /* 0: the parent's */
    u64 parent_tid;
    u64 tls;
    u64 child_tid;
    /* For a kernel thread: what it runs, and its name. */
    int (*fn)(void *arg);
    void *arg;
    const char *name;
};

/* A copy of the current task, runnable but not started; NULL with the
 * reason in *err, and then nothing has changed. */
struct task *copy_process(const struct clone_args *args, int *err);

i64 sys_clone(const u64 *args);

/* Where a child, and where a kernel thread begins (fork.S). */
void fork_entry(void);
void kthread_entry(void);

/* The first thing a child does, before it returns to user code. */
void fork_begin(void);

/* A kernel thread whose parent is the current task. */
struct task *kernel_thread(int (*fn)(void *arg), void *arg, const char *name);

#endif
