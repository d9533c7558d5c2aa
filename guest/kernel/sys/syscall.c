/*
 * The way of a system call to its function, and of calls that there are none
 * for.
 */
#include "sys/syscall.h"

#include "dev/printk.h"
#include "lib/errno.h"
#include "sys/takes.h"
#include "task/task.h"

#define SYSCALL_MAX 512

i64 sys_absent(const u64 *a)
{
    (void)a;
    return -ENOSYS;
}

/* Before a call that takes only some arguments comes a look at them. */
#define BITS(i, set) (!(a[i] & ~(u64)(set)))
#define ONE(i, set) (a[i] < 64 && ((u64)(set) >> a[i] & 1))
#define ALL(i, set) ((a[i] & (set)) == (set))
#define IS(i, value) (a[i] == (value))
#define SYSCALL(number, name)
#define TAKES(number, name, what)                \
    static i64 checked_##name(const u64 *a)      \
    {                                            \
        return (what) ? sys_##name(a) : -EINVAL; \
    }
#include "sys/syscalls.def"

static syscall_fn *const table[SYSCALL_MAX] = {
#define SYSCALL(number, name) [number] = sys_##name,
#define TAKES(number, name, what) [number] = checked_##name,
#include "sys/syscalls.def"
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
    syscall_fn *fn = number < SYSCALL_MAX ? table[number] : NULL;

    tf->orig_a0 = tf->regs[REG_A0];
    if (fn) {
        tf->regs[REG_A0] = (u64)fn(&tf->regs[REG_A0]);
        return;
    }
    tell_once(number);
    tf->regs[REG_A0] = (u64)-ENOSYS;
}
