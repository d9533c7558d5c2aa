/*
 * Where the kernel starts a program: sp points at argc, argv and envp as
 * execve laid them out. The thread pointer is set to the only TLS block
 * there is, the linked image itself, because a process here is one thread.
 */
    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la tp, __tls_start
    mv a0, sp
    andi sp, sp, -16
    li fp, 0
    tail start_program
