/*
 * The switch between two tasks, and the FP registers, which are switched only
 * when they are in use (switch.S).
 */
#ifndef TASK_SWITCH_H
#define TASK_SWITCH_H

struct task;

/* Leaves the registers of prev behind; returns when prev is switched to. */
void switch_to(struct task *prev, struct task *next);

/* What runs next in this task cannot complete an LR of what ran last. */
void drop_reservation(void);

/* FP registers from and to task->fp; sstatus.FS must not be Off. */
void fp_save(struct task *t);
void fp_restore(struct task *t);

#endif
