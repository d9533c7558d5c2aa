/*
 * The table of system calls, and what happens to calls that are not there.
 */
#include "sys/syscall.h"

#include "dev/printk.h"
#include "lib/errno.h"
#include "task/task.h"

#define SYSCALL_MAX 512

/* Present, but with nothing to do; programs have their answer ready. */
static i64 sys_absent(const u64 *a)
{
    (void)a;
    return -ENOSYS;
}

static const syscall_fn table[SYSCALL_MAX] = {
    [17] = sys_getcwd,
    [23] = sys_dup,
    [24] = sys_dup3,
    [25] = sys_fcntl,
    [29] = sys_ioctl,
    [34] = sys_mkdirat,
    [35] = sys_unlinkat,
    [46] = sys_ftruncate,
    [48] = sys_faccessat,
    [49] = sys_chdir,
    [56] = sys_openat,
    [57] = sys_close,
    [59] = sys_pipe2,
    [61] = sys_getdents64,
    [62] = sys_lseek,
    [63] = sys_read,
    [64] = sys_write,
    [65] = sys_readv,
    [66] = sys_writev,
    [67] = sys_pread64,
    [71] = sys_absent, /* sendfile */
    [73] = sys_ppoll,
    [78] = sys_readlinkat,
    [79] = sys_newfstatat,
    [80] = sys_fstat,
    [93] = sys_exit,
    [94] = sys_exit, /* exit_group: there is one thread */
    [96] = sys_set_tid_address,
    [98] = sys_futex,
    [99] = sys_zero, /* set_robust_list */
    [101] = sys_nanosleep,
    [113] = sys_clock_gettime,
    [114] = sys_clock_getres,
    [115] = sys_clock_nanosleep,
    [124] = sys_sched_yield,
    [129] = sys_kill,
    [133] = sys_rt_sigsuspend,
    [134] = sys_rt_sigaction,
    [135] = sys_rt_sigprocmask,
    [136] = sys_rt_sigpending,
    [139] = sys_rt_sigreturn,
    [153] = sys_times,
    [154] = sys_setpgid,
    [155] = sys_getpgid,
    [156] = sys_getsid,
    [157] = sys_setsid,
    [160] = sys_uname,
    [166] = sys_umask,
    [167] = sys_prctl,
    [169] = sys_gettimeofday,
    [172] = sys_getpid,
    [173] = sys_getppid,
    [174] = sys_zero, /* getuid, geteuid, getgid, getegid */
    [175] = sys_zero,
    [176] = sys_zero,
    [177] = sys_zero,
    [178] = sys_getpid, /* gettid */
    [179] = sys_sysinfo,
    [214] = sys_brk,
    [215] = sys_munmap,
    [220] = sys_clone,
    [221] = sys_execve,
    [222] = sys_mmap,
    [226] = sys_mprotect,
    [233] = sys_madvise,
    [258] = sys_absent, /* riscv_hwprobe */
    [260] = sys_wait4,
    [261] = sys_prlimit64,
    [278] = sys_getrandom,
    [293] = sys_absent, /* rseq */
    [439] = sys_faccessat,
};

static void tell_once(u64 number)
{
    static u64 told[SYSCALL_MAX / 64];

    if (number >= SYSCALL_MAX || (told[number / 64] >> number % 64 & 1))
        return;
    told[number / 64] |= 1ul << number % 64;
    printk("pid %d (%s): no system call %lu\n", current->pid, current->comm,
           number);
}

void syscall_dispatch(struct trapframe *tf)
{
    u64 number = tf->regs[REG_A7];
    syscall_fn fn = number < SYSCALL_MAX ? table[number] : NULL;

    tf->orig_a0 = tf->regs[REG_A0];
    if (fn) {
        tf->regs[REG_A0] = (u64)fn(&tf->regs[REG_A0]);
        return;
    }
    tell_once(number);
    tf->regs[REG_A0] = (u64)-ENOSYS;
}
