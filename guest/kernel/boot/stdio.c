/* The terminal of a first process; see stdio.h. */
#include "boot/stdio.h"

#include "file/file.h"
#include "fs/path.h"
#include "lib/errno.h"
#include "task/task.h"

int stdio_open(void)
{
    struct inode *console;
    struct file *f;
    int err;

    if (!current->files)
        current->files = fdtable_new();
    if (!current->files)
        return -ENOMEM;
    err = path_lookup(fs_root(), "/dev/console", true, &console);
    if (err)
        return err;
    err = file_open(console, O_RDWR, &f);
    inode_put(console);
    if (err)
        return err;
    fd_install(f, 0, false);
    fd_install(file_get(f), 1, false);
    fd_install(file_get(f), 2, false);
    return 0;
}
