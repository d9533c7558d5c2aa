/*
 * Open files and descriptor tables; regular files.
 */
#include "file/file.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "ram/slab.h"
#include "task/task.h"

static_assert(NOFILE_MAX <= FD_MAX, "the table holds them");

static u64 total_refs;

struct file *file_new(const struct file_ops *ops, struct inode *inode,
                      u32 flags)
{
    struct file *f = kzalloc(sizeof(*f));

    if (!f)
        return NULL;
    f->refs = 1;
    total_refs++;
    f->flags = flags;
    f->inode = inode_get(inode);
    f->ops = ops;
    return f;
}

struct file *file_get(struct file *f)
{
    if (f) {
        f->refs++;
        total_refs++;
    }
    return f;
}

void file_put(struct file *f)
{
    total_refs--;
    if (--f->refs)
        return;
    if (f->ops->release)
        f->ops->release(f);
    inode_put(f->inode);
    kfree(f);
}

u64 file_total_refs(void)
{
    return total_refs;
}

static const struct file_ops *ops_of(const struct inode *i)
{
    if (i->file_ops)
        return i->file_ops;
    if (inode_is(i, S_IFREG))
        return &regular_ops;
    return inode_is(i, S_IFDIR) ? &directory_ops : NULL;
}

int file_open(struct inode *i, u32 flags, struct file **out)
{
    const struct file_ops *ops = ops_of(i);
    struct file *f;
    int err;

    if (!ops)
        return -ENXIO;
    if (inode_is(i, S_IFDIR) && (flags & O_ACCMODE) != O_RDONLY)
        return -EISDIR;
    f = file_new(ops, i, flags & (O_ACCMODE | O_SETTABLE));
    if (!f)
        return -ENOMEM;
    err = ops->open ? ops->open(f) : 0;
    if (!err && (flags & O_TRUNC) && inode_is(i, S_IFREG))
        err = file_truncate(i, 0);
    if (err) {
        file_put(f);
        return err;
    }
    *out = f;
    return 0;
}

struct fdtable *fdtable_new(void)
{
    struct fdtable *t = kzalloc(sizeof(*t));

    if (t)
        t->refs = 1;
    return t;
}

struct fdtable *fdtable_copy(const struct fdtable *from)
{
    struct fdtable *t = kmalloc(sizeof(*t));

    if (!t)
        return NULL;
    *t = *from;
    t->refs = 1;
    for (unsigned fd = 0; fd < FD_MAX; fd++)
        file_get(t->fd[fd]);
    return t;
}

void fdtable_put(struct fdtable *t)
{
    if (!t || --t->refs)
        return;
    for (unsigned fd = 0; fd < FD_MAX; fd++) {
        if (t->fd[fd])
            file_put(t->fd[fd]);
    }
    kfree(t);
}

void fdtable_close_on_exec(struct fdtable *t)
{
    for (unsigned fd = 0; fd < FD_MAX; fd++) {
        if (t->cloexec >> fd & 1) {
            file_put(t->fd[fd]);
            t->fd[fd] = NULL;
        }
    }
    t->cloexec = 0;
}

struct file *fd_file(u64 fd)
{
    return fd < FD_MAX ? current->files->fd[fd] : NULL;
}

u64 fd_limit(void)
{
    return min_u64(current->nofile.cur, FD_MAX);
}

i64 fd_install(struct file *f, u64 from, bool cloexec)
{
    struct fdtable *t = current->files;

    for (u64 fd = from; fd < fd_limit(); fd++) {
        if (t->fd[fd])
            continue;
        t->fd[fd] = f;
        t->cloexec &= ~(1ul << fd);
        t->cloexec |= (u64)cloexec << fd;
        return (i64)fd;
    }
    return -EMFILE;
}

int fd_close(u64 fd)
{
    struct fdtable *t = current->files;
    struct file *f = fd_file(fd);

    if (!f)
        return -EBADF;
    t->fd[fd] = NULL;
    t->cloexec &= ~(1ul << fd);
    file_put(f);
    return 0;
}

/* The position moves by what was transferred, in one step with the transfer:
 * two processes that share it never read or write the same bytes. These go
 * straight between the program's pages and the file's. */
static i64 regular_read(struct file *f, u64 user_buf, size_t n)
{
    struct inode *i = f->inode;
    size_t done = 0, part;

    if (f->offset >= i->size)
        return 0;
    n = min_u64(n, i->size - f->offset);
    for (; done < n; done += part) {
        const void *from;

        part = n - done;
        from = inode_peek(i, f->offset, &part);
        if (copy_to_user(user_buf + done, from, part))
            return done ? (i64)done : -EFAULT;
        f->offset += part;
    }
    return (i64)done;
}

static int write_part(struct file *f, u64 user_buf, size_t *n)
{
    void *to;
    int err = inode_poke(f->inode, f->offset, n, &to);

    if (err)
        return err;
    if (copy_from_user(to, user_buf, *n)) {
        f->inode->tail_dirty = true; /* some of it may be there */
        return -EFAULT;
    }
    f->offset += *n;
    inode_extend(f->inode, f->offset);
    return 0;
}

static i64 regular_write(struct file *f, u64 user_buf, size_t n)
{
    size_t done = 0, part;

    if (f->flags & O_APPEND)
        f->offset = f->inode->size;
    for (; done < n; done += part) {
        int err;

        part = n - done;
        err = write_part(f, user_buf + done, &part);
        if (err)
            return done ? (i64)done : err;
    }
    return (i64)done;
}

const struct file_ops regular_ops = {
    .read = regular_read,
    .write = regular_write,
    .seekable = true,
};

const struct file_ops directory_ops = {
    .seekable = true,
};
