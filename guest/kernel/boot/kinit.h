/* Task 1, from kernel thread to the first program. */
#ifndef BOOT_KINIT_H
#define BOOT_KINIT_H

/* The body of task 1; `arg` is the struct options. */
int kinit(void *arg);

#endif
