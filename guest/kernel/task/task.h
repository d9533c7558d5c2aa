/*
 * Tasks: a process, or a thread of the kernel.
 *
 * Task 0 is the boot code turned idle; 1 is init, 2 is kthreadd; all but 0
 * are made by copy_process. A kernel thread has no mm.
 *
 * A task is in exactly one place: the run queue, the processor, a wait
 * queue (or only the timer's list), or it is a zombie that its parent has
 * not waited for yet. `queue` links it there.
 *
 * There is one hart, and the kernel runs with interrupts off wherever it
 * touches shared state; only the bodies of kernel threads and the idle loop
 * turn them on. That is the whole of the locking.
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "lib/layout.h"
#include "lib/list.h"
#include "lib/types.h"
#include "task/signal.h"
#include "task/trapframe.h"

enum task_state {
    TASK_RUNNING,  /* on the processor or in the run queue */
    TASK_SLEEPING, /* waits; the scheduler passes over it */
    TASK_ZOMBIE,   /* has ended; keeps only its status */
};

/* Reasons not to return to user code at once. */
#define WORK_RESCHED 1
#define WORK_SIGNAL 2

#define TASK_MAX 2048 /* system limit */
#define PID_MAX 32768
#define NOFILE_MAX 64 /* descriptors of a process */
#define COMM_SIZE 16
#define RLIM_INFINITY (~0ul)

struct rlimit {
    u64 cur;
    u64 max;
};

/* Tasks that wait for the same thing; task/wait.h says how. */
struct waitq {
    struct list waiters; /* tasks that sleep in it */
    struct list pollers; /* of tasks that wait for several things at once */
};

static inline void waitq_init(struct waitq *q)
{
    list_init(&q->waiters);
    list_init(&q->pollers);
}

struct completion;
struct mm;
struct fdtable;
struct inode;

struct task {
    u64 kernel_sp; /* top of the kernel stack minus a trap frame */
    u64 user_sp;   /* scratch of trap.S */
    struct context context;
    struct fpstate fp; /* when the frame's FS is not Off */

    u32 work; /* WORK_ bits */
    enum task_state state;
    int pid;
    int pgid;
    int sid;
    int exit_status; /* as wait4 reports it */
    char comm[COMM_SIZE];

    struct mm *mm;
    struct fdtable *files;
    struct inode *cwd;
    u32 umask;
    u8 fork_mode; /* FORK_ constants of uapi/fork.h */

    struct list all;    /* in the list of all tasks */
    struct list hash;   /* tasks whose pids hash alike */
    struct list queue;  /* run queue or wait queue */
    struct list timer;  /* in the timer's list while wake_time counts */
    u64 wake_time;      /* ticks of the timebase */
    bool interruptible; /* a signal ends the sleep */
    struct task *parent;
    struct list children;
    struct list sibling;
    struct waitq child_exit;
    struct completion *vfork_done; /* the parent waits for our exec or end */
    struct completion *wait_comp;  /* completed when the task ends */

    u64 pending; /* signals, bit n-1 */
    u64 blocked;
    u64 awaited;    /* signals that a sigtimedwait sleeps for */
    u64 saved_mask; /* to come back when the call that lent one is over */
    bool mask_is_lent;
    struct list sigqueue;      /* what is told with pending signals */
    u32 queued;                /* how many wait there */
    struct sigaction *actions; /* 64 of them; NULL: all default */

    struct rlimit nproc;
    struct rlimit nofile;
    int exit_signal; /* for the parent, 0: none */
    u64 set_tid;     /* user address that is to get our pid, once we run */
    u64 clear_tid;   /* user address to zero at the end */
    u64 start_time;
    u64 run_ticks; /* timer ticks that hit this task */
    u8 *kstack;
};

static_assert(offsetof(struct task, context) == TASK_CONTEXT, "trap.S");
static_assert(offsetof(struct task, fp) == TASK_FP, "trap.S");

register struct task *current __asm__("tp");

extern struct task idle_task;

static inline struct trapframe *task_trapframe(const struct task *t)
{
    return (struct trapframe *)t->kernel_sp;
}

/* Sets up task 0, which stands on `stack`, the list and the hash of tasks. */
void task_init(u8 *stack);

/* A task with its stack and a pid, otherwise zero; NULL when memory, pids
 * or TASK_MAX are exhausted, with the reason in *err. Not yet visible. */
struct task *task_alloc(int *err);

/* Undoes task_alloc, or ends a reaped zombie. */
void task_free(struct task *t);

/* Makes a task visible as a child of `parent`. */
void task_publish(struct task *t, struct task *parent);

/* Takes a reaped zombie out of all lists and frees it. */
void release_task(struct task *t);

struct task *task_find(int pid);
struct list *task_list(void);
u32 task_count(void);

void task_set_comm(struct task *t, const char *path);

/* Stack overflow has no page to run into; this finds it afterwards. */
void task_check_stack(const struct task *t);

#endif
