/*
 * System calls: Linux riscv64 numbers, arguments in a0 to a5, a7 the number,
 * result or negated error in a0.
 *
 * Each call is a function of its six arguments.
 */
#ifndef SYS_SYSCALL_H
#define SYS_SYSCALL_H

#include "task/trapframe.h"

typedef i64 (*syscall_fn)(const u64 *args);

void syscall_dispatch(struct trapframe *tf);

/* All calls, grouped by the file they are in. */
i64 sys_exit(const u64 *args);
i64 sys_wait4(const u64 *args);
i64 sys_clone(const u64 *args);
i64 sys_execve(const u64 *args);

i64 sys_kill(const u64 *args);
i64 sys_rt_sigaction(const u64 *args);
i64 sys_rt_sigprocmask(const u64 *args);
i64 sys_rt_sigpending(const u64 *args);
i64 sys_rt_sigreturn(const u64 *args);
i64 sys_rt_sigsuspend(const u64 *args);

i64 sys_getpid(const u64 *args);
i64 sys_getppid(const u64 *args);
i64 sys_zero(const u64 *args); /* getuid and others: always 0 */
i64 sys_setpgid(const u64 *args);
i64 sys_getpgid(const u64 *args);
i64 sys_getsid(const u64 *args);
i64 sys_setsid(const u64 *args);
i64 sys_set_tid_address(const u64 *args);
i64 sys_uname(const u64 *args);
i64 sys_umask(const u64 *args);
i64 sys_prctl(const u64 *args);
i64 sys_prlimit64(const u64 *args);
i64 sys_getrandom(const u64 *args);
i64 sys_futex(const u64 *args);
i64 sys_sched_yield(const u64 *args);
i64 sys_sysinfo(const u64 *args);

i64 sys_nanosleep(const u64 *args);
i64 sys_clock_nanosleep(const u64 *args);
i64 sys_clock_gettime(const u64 *args);
i64 sys_clock_getres(const u64 *args);
i64 sys_gettimeofday(const u64 *args);
i64 sys_times(const u64 *args);

i64 sys_brk(const u64 *args);
i64 sys_mmap(const u64 *args);
i64 sys_munmap(const u64 *args);
i64 sys_mprotect(const u64 *args);
i64 sys_madvise(const u64 *args);

i64 sys_read(const u64 *args);
i64 sys_write(const u64 *args);
i64 sys_readv(const u64 *args);
i64 sys_writev(const u64 *args);
i64 sys_pread64(const u64 *args);
i64 sys_lseek(const u64 *args);
i64 sys_close(const u64 *args);
i64 sys_dup(const u64 *args);
i64 sys_dup3(const u64 *args);
i64 sys_fcntl(const u64 *args);
i64 sys_ioctl(const u64 *args);
i64 sys_pipe2(const u64 *args);
i64 sys_ppoll(const u64 *args);
i64 sys_ftruncate(const u64 *args);

i64 sys_openat(const u64 *args);
i64 sys_getdents64(const u64 *args);
i64 sys_fstat(const u64 *args);
i64 sys_newfstatat(const u64 *args);
i64 sys_faccessat(const u64 *args);
i64 sys_readlinkat(const u64 *args);
i64 sys_mkdirat(const u64 *args);
i64 sys_unlinkat(const u64 *args);
i64 sys_getcwd(const u64 *args);
i64 sys_chdir(const u64 *args);

#endif
