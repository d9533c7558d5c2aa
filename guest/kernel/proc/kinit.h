/* Task 1, from kernel thread to the first program. */
#ifndef PROC_KINIT_H
#define PROC_KINIT_H

/* The body of task 1; `arg` is the struct options. */
int kinit(void *arg);

/* Gives the current task descriptors 0, 1 and 2 on the terminal. */
int kinit_open_console(void);

#endif
