/*
 * Task 1.
 *
 * It begins as a kernel thread, opens the terminal and becomes the program
 * that init= or argv= names. With boot=uapp it stays what it is and runs the
 * programs in the image.
 */
#include "boot/kinit.h"

#include "boot/options.h"
#include "boot/stdio.h"
#include "boot/uapp.h"
#include "dev/power.h"
#include "dev/printk.h"
#include "fs/path.h"
#include "lib/errno.h"
#include "proc/exec.h"
#include "task/task.h"

/* Init and its arguments as the words of the command line. */
static int add_words(struct exec_args *args, const struct options *o)
{
    char *rest = o->args, *word;
    int err = exec_args_add(args, o->init, false);

    while (!err && (word = options_next_word(&rest)) != NULL)
        err = exec_args_add(args, word, false);
    return err;
}

/* Or from a file, which can have any there may be. */
static int add_file(struct exec_args *args, const char *path)
{
    struct inode *file;
    int err = path_lookup(fs_root(), path, true, &file);

    if (err)
        return err;
    err = exec_args_read(args, file);
    inode_put(file);
    return err;
}

static int add_args(struct exec_args *args, const struct options *o)
{
    int err = o->argv ? add_file(args, o->argv) : add_words(args, o);

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
        err = exec_path(args.strings, &args);
    if (err)
        PANIC("cannot run %s (error %d)", o->init ? o->init : o->argv, -err);
    exec_args_free(&args);
    return 0;
}
