/*
 * Round robin: one run queue, a slice of one timer tick.
 *
 * A kernel thread runs in whatever address space is loaded (its root has
 * the same kernel half), so switching to one writes no satp.
 */
#include "task/sched.h"

#include "lib/csr.h"
#include "mm/mm.h"
#include "task/mark.h"
#include "task/switch.h"
#include "task/timer.h"

static struct list run_queue = LIST_INIT(run_queue);
static bool run_child_first;
static u64 switches;

void sched_init(bool child_first)
{
    run_child_first = child_first;
}

static struct task *pick_next(void)
{
    struct task *t;

    if (list_empty(&run_queue))
        return &idle_task;
    t = list_entry(run_queue.next, struct task, queue);
    list_del(&t->queue);
    return t;
}

/* FP registers are saved only if `prev` has changed them, and loaded only if
 * `next` can see them. */
static void switch_fp(struct task *prev, struct task *next)
{
    struct trapframe *from = task_trapframe(prev), *to = task_trapframe(next);

    if (prev->mm && (from->status & SSTATUS_FS) == SSTATUS_FS_DIRTY) {
        csr_set(sstatus, SSTATUS_FS);
        fp_save(prev);
        from->status &= ~(u64)SSTATUS_FS;
        from->status |= SSTATUS_FS_CLEAN;
    }
    if (next->mm && (to->status & SSTATUS_FS)) {
        csr_set(sstatus, SSTATUS_FS);
        fp_restore(next);
    }
    csr_clear(sstatus, SSTATUS_FS);
}

static void activate(const struct task *t)
{
    mm_activate(t->mm);
    mark_switch(t->pid, mm_satp(t->mm), t->comm);
}

void schedule(void)
{
    struct task *prev = current;
    struct task *next;

    prev->work &= ~(u32)WORK_RESCHED;
    if (prev->state == TASK_RUNNING && prev != &idle_task)
        list_add_tail(&prev->queue, &run_queue);
    next = pick_next();
    if (next == prev)
        return;
    switches++;
    task_check_stack(prev);
    switch_fp(prev, next);
    if (next->mm)
        activate(next);
    if (prev == &idle_task)
        timer_arm(false);
    switch_to(prev, next);
}

void sched_wake(struct task *t)
{
    if (t->state != TASK_SLEEPING)
        return;
    t->state = TASK_RUNNING;
    list_del(&t->queue);
    timer_del(t);
    list_add_tail(&t->queue, &run_queue);
    if (current == &idle_task)
        current->work |= WORK_RESCHED;
}

void sched_start(struct task *t)
{
    t->state = TASK_RUNNING;
    if (!run_child_first) {
        list_add_tail(&t->queue, &run_queue);
        return;
    }
    list_add_head(&t->queue, &run_queue);
    current->work |= WORK_RESCHED;
}

void sched_timer_interrupt(void)
{
    u64 now = time_now();
    struct task *t;

    while ((t = timer_due(now)) != NULL)
        sched_wake(t);
    current->run_ticks++;
    if (!list_empty(&run_queue))
        current->work |= WORK_RESCHED;
    timer_arm(false);
}

struct list *sched_run_queue(void)
{
    return &run_queue;
}

u64 sched_switches(void)
{
    return switches;
}

void idle_loop(void)
{
    for (;;) {
        irq_disable();
        while (list_empty(&run_queue)) {
            timer_arm(true);
            __asm__ volatile("wfi");
            irq_enable(); /* the interrupt that ended wfi is taken here */
            irq_disable();
        }
        schedule();
    }
}
