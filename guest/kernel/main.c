/*
 * The boot story: what the kernel finds and starts, in order.
 *
 * entry.S comes here on the boot stack with the MMU on. When start_kernel
 * has made tasks 1 and 2 it becomes task 0, which runs when nobody else
 * wants to.
 */
#include "boot/kinit.h"
#include "boot/memory.h"
#include "boot/options.h"
#include "check/selfcheck.h"
#include "dev/plic.h"
#include "dev/power.h"
#include "dev/printk.h"
#include "dev/sbi.h"
#include "dev/uart.h"
#include "file/chardev.h"
#include "file/tty.h"
#include "fs/inode.h"
#include "lib/csr.h"
#include "lib/fdt.h"
#include "lib/random.h"
#include "mm/mm.h"
#include "proc/fork.h"
#include "proc/kthread.h"
#include "proc/procfs.h"
#include "ram/frames.h"
#include "task/mark.h"
#include "task/sched.h"
#include "task/task.h"
#include "task/timer.h"
#include "uapi/fork.h"

#define MIB (1 << 20)

/* Of the boot code, then of task 0. */
u8 boot_stack[KSTACK_SIZE] __attribute__((aligned(16)));

_Noreturn void start_kernel(u64 hart, u64 dtb_pa);

static void find_devices(u64 hart)
{
    bool uart = uart_init();

    power_init();
    tty_init();
    if (uart && plic_init(hart)) {
        plic_enable(uart_irq());
        uart_enable_receive(true);
        csr_set(sie, SIE_SEIE);
    }
}

static void seed_random(void)
{
    int chosen = fdt_find_name("chosen");
    u32 len = 0;
    const void *seed = chosen < 0 ? NULL : fdt_prop(chosen, "rng-seed", &len);

    random_init(seed, len);
}

static void tell_memory(const struct boot_memory *mem)
{
    inform("memory    %lu MiB at 0x%lx, %lu frames free\n",
           (mem->ram_end - mem->ram_start) / MIB, mem->ram_start,
           frames_free_count());
    if (mem->ram_above)
        inform("          %lu MiB from 0x%lx on are out of reach, left alone\n",
               (mem->ram_above + MIB - 1) / MIB, mem->ram_end);
}

static void unpack_initrd(const struct boot_memory *mem)
{
    int files;

    if (!mem->initrd_size) {
        inform("initrd    none\n");
        return;
    }
    files = cpio_unpack(phys_to_virt(mem->initrd), mem->initrd_size);
    if (files < 0)
        PANIC("the initrd is no cpio archive (newc)");
    inform("initrd    %d files, %lu KiB at 0x%lx\n", files,
           mem->initrd_size / 1024, mem->initrd);
}

static void start_tasks(struct options *o)
{
    idle_task.cwd = inode_get(fs_root());
    idle_task.umask = 022;
    sched_init(o->child_first);
    if (!kernel_thread(kinit, o, "init") ||
        !kernel_thread(kthreadd, NULL, "kthreadd"))
        PANIC("no memory for the first tasks");
}

void start_kernel(u64 hart, u64 dtb_pa)
{
    static struct options options;
    struct boot_memory mem;
    u32 hz;

    if (!fdt_init(phys_to_virt(dtb_pa)))
        power_off(1);
    sbi_init();
    find_devices(hart);
    options_read(&options);
    if (options.quiet)
        inform_no_more();
    tty_begin(!options.no_echo, !options.no_onlcr, !options.no_edit);
    inform("emu kernel, hart %lu, SBI %u.%u (%s)\n", hart, sbi_version() >> 24,
           sbi_version() & 0xffffff, sbi_implementation());
    mark_init((enum mark_mode)options.marks);

    memory_init(dtb_pa, &mem);
    tell_memory(&mem);
    asid_init();
    inform("sv39      kernel at 0xffffffc080200000, %u asid bits\n",
           asid_bits());
    hz = fdt_u32(fdt_find_name("cpus"), "timebase-frequency", 10000000);
    timer_init(hz);
    inform("timer     %u Hz, %u ticks a second\n", hz, TICKS_PER_SECOND);
    seed_random();
    task_init(boot_stack);
    fs_init();
    unpack_initrd(&mem);
    chardev_init();
    procfs_init(options.cmdline);
    if (options.selfcheck)
        selfcheck_init();
    inform("fork      %s%s%s\n",
           options.fork_mode == FORK_COW ? "copy-on-write" : "eager",
           options.child_first ? ", child first" : "",
           options.selfcheck ? ", selfcheck" : "");
    if (!options.uapp)
        inform("init      %s\n", options.init ? options.init : options.argv);
    start_tasks(&options);
    idle_loop();
}
