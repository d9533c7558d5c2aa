/*
 * The system call instruction, and the numbers of Linux riscv64 that this
 * library uses. Number in a7, arguments in a0 to a5, result in a0: a value
 * in [-4095, -1] is a negated error number.
 */
#ifndef LIBC_SYSCALL_H
#define LIBC_SYSCALL_H

#include <errno.h>

enum {
    SYS_getcwd = 17,
    SYS_dup = 23,
    SYS_dup3 = 24,
    SYS_fcntl = 25,
    SYS_ioctl = 29,
    SYS_mkdirat = 34,
    SYS_unlinkat = 35,
    SYS_ftruncate = 46,
    SYS_chdir = 49,
    SYS_openat = 56,
    SYS_close = 57,
    SYS_pipe2 = 59,
    SYS_getdents64 = 61,
    SYS_lseek = 62,
    SYS_read = 63,
    SYS_write = 64,
    SYS_ppoll = 73,
    SYS_newfstatat = 79,
    SYS_fstat = 80,
    SYS_exit_group = 94,
    SYS_futex = 98,
    SYS_nanosleep = 101,
    SYS_clock_gettime = 113,
    SYS_sched_yield = 124,
    SYS_kill = 129,
    SYS_tkill = 130,
    SYS_tgkill = 131,
    SYS_rt_sigaction = 134,
    SYS_rt_sigprocmask = 135,
    SYS_rt_sigtimedwait = 137,
    SYS_rt_sigqueueinfo = 138,
    SYS_setpgid = 154,
    SYS_getpgid = 155,
    SYS_uname = 160,
    SYS_prctl = 167,
    SYS_getpid = 172,
    SYS_getppid = 173,
    SYS_getuid = 174,
    SYS_brk = 214,
    SYS_munmap = 215,
    SYS_clone = 220,
    SYS_execve = 221,
    SYS_mmap = 222,
    SYS_mprotect = 226,
    SYS_wait4 = 260,
    SYS_prlimit64 = 261,
};

static inline long syscall6(long number, long a, long b, long c, long d, long e,
                            long f)
{
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;
    register long a7 __asm__("a7") = number;

    __asm__ volatile("ecall"
                     : "+r"(a0)
                     : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
                     : "memory");
    return a0;
}

/* Turns a raw result into the C convention: -1 and errno. */
static inline long syscall_result(long raw)
{
    if ((unsigned long)raw < -4095ul)
        return raw;
    errno = (int)-raw;
    return -1;
}

#define SYSCALL_PICK(s, n, a, b, c, d, e, f, ...)                          \
    syscall_result(syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), \
                            (long)(e), (long)(f)))
/* syscall(number, up to six arguments) */
#define syscall(...) SYSCALL_PICK(0, __VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

#endif
