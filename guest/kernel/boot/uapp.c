/*
 * boot=uapp: a section of the image holds programs.
 *
 *   "UAPP\0" | table of 64-bit offsets from the table's start, ended by 0 |
 *   ELF files
 *
 * The table follows the five bytes at once, so it is not aligned. Each
 * program runs in a process of its own; the next one starts when the
 * completion says that it has ended. A kernel thread computes beside the
 * first of them and compares: it is preempted like any program, and must
 * find its registers as they were.
 */
#include "boot/uapp.h"

#include "boot/stdio.h"
#include "dev/printk.h"
#include "file/chardev.h"
#include "fs/inode.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/exec.h"
#include "proc/exit.h"
#include "proc/fork.h"
#include "proc/kthread.h"
#include "task/wait.h"

extern const u8 uapp_start[], uapp_end[];

struct app {
    const u8 *elf;
    u64 size;
    char name[16];
};

#define BESIDE_TURNS 20
#define BESIDE_STEPS 100000 /* of a turn: about half a time slice */

struct beside {
    u64 intact; /* turns whose results were right */
    struct completion ended;
};

/* The same sequence twice, each in a register of its own, from one seed. */
static bool compute(u64 seed)
{
    u64 a = seed, b = seed;

    for (u64 i = 0; i < BESIDE_STEPS; i++) {
        a = a * 5 + i;
        b = b * 5 + i;
        /* Or the compiler would see that they are equal. */
        __asm__ volatile("" : "+r"(a), "+r"(b));
    }
    return a == b;
}

static int compute_beside(void *arg)
{
    struct beside *beside = arg;

    for (u64 turn = 0; turn < BESIDE_TURNS; turn++)
        beside->intact += compute(turn);
    complete(&beside->ended);
    return 0;
}

static u64 table_entry(unsigned i)
{
    u64 offset;

    memcpy(&offset, uapp_start + 5 + 8 * i, sizeof(offset));
    return offset;
}

static int run_app(void *arg)
{
    struct app *app = arg;
    struct inode *file = inode_new(S_IFREG | 0555);
    struct exec_args args;
    int err = -ENOMEM;

    if (file && exec_args_init(&args)) {
        file->image = app->elf;
        file->size = file->image_size = app->size;
        err = exec_args_add(&args, app->name, false);
        if (!err)
            err = stdio_open();
        if (!err)
            err = exec_inode(file, app->name, &args);
        exec_args_free(&args);
    }
    inode_put(file);
    if (err)
        do_exit(127 << 8);
    return 0;
}

static void run_one(unsigned i)
{
    u64 start = table_entry(i), next = table_entry(i + 1);
    u64 end = next ? next : (u64)(uapp_end - uapp_start) - 5;
    struct app app = {uapp_start + 5 + start, end - start, ""};
    struct completion ended;
    struct task *t;

    snprintf(app.name, sizeof(app.name), "uapp%u", i);
    completion_init(&ended);
    t = kernel_thread(run_app, &app, app.name);
    if (!t)
        PANIC("no memory for %s", app.name);
    t->wait_comp = &ended;
    wait_for_completion(&ended);
    printk("%s: status %d\n", app.name,
           t->exit_status & 0x7f ? 128 + (t->exit_status & 0x7f)
                                 : t->exit_status >> 8);
    while (exit_reap_any(current))
        ;
}

int uapp_run_all(void)
{
    struct beside beside = {0};
    unsigned i = 0;

    if (uapp_end - uapp_start < 13 || memcmp(uapp_start, "UAPP", 5) != 0)
        return 0;
    completion_init(&beside.ended);
    if (!kthread_create(compute_beside, &beside, "beside"))
        PANIC("no memory for a kernel thread");
    for (; table_entry(i); i++)
        run_one(i);
    wait_for_completion(&beside.ended);
    printk("kernel thread: %lu of %d turns right\n", beside.intact,
           BESIDE_TURNS);
    return (int)i;
}
