/*
 * Where new tasks begin: both go on as if they came back from a trap.
 */
#include "task/trapframe.h"

    .text
/* The child of a fork starts here, with sp at its frame. */
    .globl fork_entry
fork_entry:
    call fork_begin
    j return_to_user

/* A kernel thread starts here: s0 is its function, s1 the argument. It may
 * return, if it has put a program into its user frame. */
    .globl kthread_entry
kthread_entry:
    mv a0, s1
    jalr s0
    ld sp, TASK_KERNEL_SP(tp)
    j return_to_user
