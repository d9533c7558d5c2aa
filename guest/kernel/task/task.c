/*
 * The table of tasks: pids, look-up, life and death of struct task.
 *
 * Pids are given out upwards and wrap at PID_MAX; 0, 1 and 2 go to the first
 * three tasks because those are made first.
 */
#include "task/task.h"

#include "dev/printk.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "ram/frames.h"
#include "ram/slab.h"

#define HASH_SIZE 256
#define STACK_CANARY 0x6b7473206b636174

struct task idle_task;

static struct list all_tasks = LIST_INIT(all_tasks);
static struct list pid_hash[HASH_SIZE];
static u32 live_tasks;
static int last_pid;

static unsigned kstack_order(void)
{
    return KSTACK_SIZE / PAGE_SIZE - 1;
}

static void init_lists(struct task *t)
{
    list_init(&t->all);
    list_init(&t->hash);
    list_init(&t->queue);
    list_init(&t->timer);
    list_init(&t->children);
    list_init(&t->sibling);
    list_init(&t->sigqueue);
    waitq_init(&t->child_exit);
}

void task_init(u8 *stack)
{
    struct task *t = &idle_task;

    for (unsigned i = 0; i < HASH_SIZE; i++)
        list_init(&pid_hash[i]);
    init_lists(t);
    t->kstack = stack;
    *(u64 *)t->kstack = STACK_CANARY;
    t->nproc = (struct rlimit){TASK_MAX, TASK_MAX};
    t->nofile = (struct rlimit){NOFILE_MAX, NOFILE_MAX};
    task_set_comm(t, "swapper");
    task_publish(t, t);
    list_del(&t->sibling);
}

static int next_pid(void)
{
    do {
        if (++last_pid >= PID_MAX)
            last_pid = 3;
    } while (task_find(last_pid));
    return last_pid;
}

struct task *task_alloc(int *err)
{
    struct task *t;

    *err = -EAGAIN;
    if (live_tasks >= TASK_MAX)
        return NULL;
    *err = -ENOMEM;
    t = kzalloc(sizeof(*t));
    if (!t)
        return NULL;
    t->kstack = frames_alloc(kstack_order(), FRAME_KERNEL);
    if (!t->kstack) {
        kfree(t);
        return NULL;
    }
    *(u64 *)t->kstack = STACK_CANARY;
    t->kernel_sp = (u64)t->kstack + KSTACK_SIZE - TRAPFRAME_SIZE;
    init_lists(t);
    return t;
}

void task_free(struct task *t)
{
    frames_free(t->kstack, kstack_order());
    kfree(t->actions);
    kfree(t);
}

void task_publish(struct task *t, struct task *parent)
{
    t->pid = t == &idle_task ? 0 : next_pid();
    t->parent = parent;
    list_add_tail(&t->sibling, &parent->children);
    list_add_tail(&t->all, &all_tasks);
    list_add_head(&t->hash, &pid_hash[t->pid % HASH_SIZE]);
    live_tasks++;
}

void release_task(struct task *t)
{
    list_del(&t->sibling);
    list_del(&t->all);
    list_del(&t->hash);
    live_tasks--;
    task_free(t);
}

struct task *task_find(int pid)
{
    if (pid < 0)
        return NULL;
    list_for_each (at, &pid_hash[pid % HASH_SIZE]) {
        struct task *t = list_entry(at, struct task, hash);

        if (t->pid == pid)
            return t;
    }
    return NULL;
}

struct list *task_list(void)
{
    return &all_tasks;
}

u32 task_count(void)
{
    return live_tasks;
}

void task_set_comm(struct task *t, const char *path)
{
    const char *name = path;

    for (const char *s = path; *s; s++) {
        if (*s == '/' && s[1])
            name = s + 1;
    }
    memset(t->comm, 0, COMM_SIZE);
    strlcpy(t->comm, name, COMM_SIZE);
}

void task_check_stack(const struct task *t)
{
    if (*(const u64 *)t->kstack != STACK_CANARY)
        PANIC("pid %d (%s): kernel stack overflow", t->pid, t->comm);
}
