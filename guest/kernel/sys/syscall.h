/*
 * System calls: Linux riscv64 numbers, arguments in a0 to a5, a7 the number,
 * result or negated error in a0.
 *
 * Each call is a function of its six arguments.
 */
#ifndef SYS_SYSCALL_H
#define SYS_SYSCALL_H

#include "task/trapframe.h"

/* Serves a call: its arguments, its result or negated error. */
typedef i64 syscall_fn(const u64 *args);

#define SYSCALL(number, name) syscall_fn sys_##name;
#include "sys/syscalls.def"

/* Serves the ecall that led to this frame. */
void syscall_dispatch(struct trapframe *tf);

#endif
