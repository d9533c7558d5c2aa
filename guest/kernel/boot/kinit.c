/*
 * Task 1.
 *
 * It begins as a kernel thread, opens the terminal and becomes the program
 * that init= names. With boot=uapp it stays what it is and runs the programs
 * in the image.
 */
#include "boot/kinit.h"

#include "boot/options.h"
#include "boot/stdio.h"
#include "boot/uapp.h"
#include "dev/power.h"
#include "dev/printk.h"
#include "lib/errno.h"
#include "proc/exec.h"
#include "task/task.h"

static int add_args(struct exec_args *args, const struct options *o)
{
    char *rest = o->args, *word;
    int err = exec_args_add(args, o->init, false);

    while (!err && (word = options_next_word(&rest)) != NULL)
        err = exec_args_add(args, word, false);
    if (!err)
        err = exec_args_add(args, "PATH=/bin", true);
    return err ? err : exec_args_add(args, "HOME=/", true);
}

int kinit(void *arg)
{
    const struct options *o = arg;
    struct exec_args args;
    int err;

    current->fork_mode = o->fork_mode;
    current->pgid = current->sid = current->pid;
    if (o->uapp) {
        printk("%d programs have run, power off\n", uapp_run_all());
        power_off(0);
    }
    err = stdio_open();
    if (!err && !exec_args_init(&args))
        err = -ENOMEM;
    if (err)
        PANIC("no console for init (error %d)", -err);
    err = add_args(&args, o);
    if (!err)
        err = exec_path(o->init, &args);
    exec_args_free(&args);
    if (err)
        PANIC("cannot run %s (error %d)", o->init, -err);
    return 0;
}
