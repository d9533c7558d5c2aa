/*
 * The tree of /proc.
 *
 * Only /proc itself is stored. The inodes of processes are made by each
 * look-up; `data` holds pid << 8 | kind. A file's text is made when it is
 * opened, so that one reader sees one moment however it reads.
 */
#include "proc/procfs.h"

#include "file/chardev.h"
#include "file/file.h"
#include "fs/path.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "proc/text.h"
#include "ram/slab.h"
#include "task/task.h"
#include "task/timer.h"

#define INO_BASE 0x10000
#define TEXT_SIZE 2048 /* first attempt */

enum kind {
    KIND_VMSTAT,
    KIND_MEMINFO,
    KIND_FRAMES,
    KIND_UPTIME,
    KIND_BOOTARGS,
    KIND_SELF,
    ROOT_KINDS,
    KIND_MAPS = ROOT_KINDS,
    KIND_STAT,
    KIND_STATUS,
    KIND_CMDLINE,
    KIND_COMM,
    KIND_EXE,
    KINDS,
    KIND_DIR = KINDS,
};

static const char *const names[KINDS] = {
    "vmstat", "meminfo", "frames", "uptime",  "cmdline", "self",
    "maps",   "stat",    "status", "cmdline", "comm",    "exe",
};

static const char *boot_args;

static struct task *task_of(const struct inode *i)
{
    return task_find((int)(i->data >> 8));
}

static void write_text(struct text *t, const struct inode *i)
{
    const struct task *task = task_of(i);
    u64 ms = time_to_ns(time_now()) / 10000000;

    switch ((enum kind)(i->data & 0xff)) {
    case KIND_VMSTAT: text_vmstat(t); break;
    case KIND_MEMINFO: text_meminfo(t); break;
    case KIND_FRAMES: text_frames(t); break;
    case KIND_UPTIME:
        text_add(t, "%lu.%02lu 0.00\n", ms / 100, ms % 100);
        break;
    case KIND_BOOTARGS: text_add(t, "%s\n", boot_args); break;
    case KIND_MAPS: text_maps(t, task); break;
    case KIND_STAT: text_stat(t, task); break;
    case KIND_STATUS: text_status(t, task); break;
    case KIND_CMDLINE: text_cmdline(t, task); break;
    case KIND_COMM: text_add(t, "%s\n", task->comm); break;
    default: break;
    }
}

static int text_open(struct file *f)
{
    struct text *t;
    size_t size = TEXT_SIZE;

    if ((f->inode->data & 0xff) >= ROOT_KINDS && !task_of(f->inode))
        return -ESRCH;
    t = kmalloc(sizeof(*t));
    if (!t)
        return -ENOMEM;
    for (;;) {
        *t = (struct text){kmalloc(size), size, 0};
        if (!t->buf) {
            kfree(t);
            return -ENOMEM;
        }
        write_text(t, f->inode);
        if (t->len < size)
            break;
        size = t->len + TEXT_SIZE;
        kfree(t->buf);
    }
    f->data = t;
    return 0;
}

static void text_release(struct file *f)
{
    struct text *t = f->data;

    if (t)
        kfree(t->buf);
    kfree(t);
}

static i64 text_read(struct file *f, u64 user_buf, size_t n)
{
    struct text *t = f->data;

    if (f->offset >= t->len)
        return 0;
    n = min_u64(n, t->len - f->offset);
    if (copy_to_user(user_buf, t->buf + f->offset, n))
        return -EFAULT;
    f->offset += n;
    return (i64)n;
}

static const struct file_ops text_ops = {
    .open = text_open,
    .release = text_release,
    .read = text_read,
    .seekable = true,
};

static i64 link_target(struct inode *link, char *buf, size_t size)
{
    if ((link->data & 0xff) == KIND_SELF)
        return snprintf(buf, size, "%d", current->pid);
    return -EINVAL;
}

static const struct inode_ops link_ops = {.readlink = link_target};

static struct inode *make(u64 pid, enum kind kind, struct inode *parent,
                          const struct inode_ops *dir_ops)
{
    bool is_link = kind == KIND_SELF;
    bool is_dir = kind == KIND_DIR;
    struct inode *i = inode_new(is_link  ? S_IFLNK | 0777
                                : is_dir ? S_IFDIR | 0555
                                         : S_IFREG | 0444);

    if (!i)
        return NULL;
    i->data = pid << 8 | kind;
    i->ino = INO_BASE + i->data;
    i->parent = is_dir ? parent : NULL;
    i->ops = is_dir ? dir_ops : is_link ? &link_ops : NULL;
    i->file_ops = is_dir || is_link ? NULL : &text_ops;
    return i;
}

static struct inode *pid_lookup(struct inode *dir, const char *name)
{
    struct task *task = task_of(dir);

    for (unsigned kind = ROOT_KINDS; task && kind < KINDS; kind++) {
        if (strcmp(name, names[kind]) != 0)
            continue;
        if (kind == KIND_EXE)
            return task->mm ? inode_get(task->mm->exe) : NULL;
        return make(dir->data >> 8, (enum kind)kind, dir, NULL);
    }
    return NULL;
}

static void list_file(struct listed *out, u64 pid, u64 kind)
{
    strlcpy(out->name, names[kind], NAME_SIZE);
    out->ino = INO_BASE + (pid << 8 | kind);
    out->mode = kind == KIND_SELF ? S_IFLNK : S_IFREG;
}

static bool pid_entry(struct inode *dir, u64 *at, struct listed *out)
{
    if (*at >= KINDS - ROOT_KINDS || !task_of(dir))
        return false;
    list_file(out, dir->data >> 8, ROOT_KINDS + (*at)++);
    return true;
}

static const struct inode_ops pid_ops = {
    .lookup = pid_lookup,
    .entry = pid_entry,
};

static struct inode *root_lookup(struct inode *dir, const char *name)
{
    i64 pid = parse_number(name);

    for (unsigned kind = 0; kind < ROOT_KINDS; kind++) {
        if (strcmp(name, names[kind]) == 0)
            return make(0, (enum kind)kind, dir, NULL);
    }
    if (pid < 0 || !task_find((int)pid))
        return NULL;
    return make((u64)pid, KIND_DIR, dir, &pid_ops);
}

/* The process with the lowest pid from `pid` up; NULL when there is none. */
static const struct task *task_from(u64 pid)
{
    const struct task *lowest = NULL;

    list_for_each (at, task_list()) {
        const struct task *t = list_entry(at, struct task, all);

        if ((u64)t->pid >= pid && (!lowest || t->pid < lowest->pid))
            lowest = t;
    }
    return lowest;
}

/* The fixed files, then the processes: a process's place is its pid's. */
static bool root_entry(struct inode *dir, u64 *at, struct listed *out)
{
    const struct task *t;

    (void)dir;
    if (*at < ROOT_KINDS) {
        list_file(out, 0, (*at)++);
        return true;
    }
    t = task_from(max_u64(*at - ROOT_KINDS, 1));
    if (!t)
        return false;
    snprintf(out->name, NAME_SIZE, "%d", t->pid);
    out->ino = INO_BASE + ((u64)t->pid << 8 | KIND_DIR);
    out->mode = S_IFDIR;
    *at = ROOT_KINDS + (u64)t->pid + 1;
    return true;
}

static const struct inode_ops root_ops = {
    .lookup = root_lookup,
    .entry = root_entry,
};

void procfs_init(const char *cmdline)
{
    boot_args = cmdline;
    chardev_dir(fs_root(), "proc")->ops = &root_ops;
}
