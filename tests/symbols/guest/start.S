/*
 * Where the program begins, with lines of its own; it ends by exit(), as
 * Linux has it.
 */
    .option norelax /* the ranges of units are not shortened with the code */
    .globl _start
    .type _start, @function
_start:
    li a0, 0
    call main
    li a7, 93
    ecall
1:
    j 1b
    .size _start, . - _start
