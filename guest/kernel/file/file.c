/*
 * Open files and descriptor tables; regular files.
 */
#include "file/file.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "ram/slab.h"
#include "task/task.h"

#define CHUNK 512 /* of a copy through the kernel's stack */

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

i64 fd_install(struct file *f, u64 from, bool cloexec)
{
    struct fdtable *t = current->files;

    for (u64 fd = from; fd < FD_MAX; fd++) {
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
 * two processes that share it never read or write the same bytes. */
static i64 regular_read(struct file *f, u64 user_buf, size_t n)
{
    u8 chunk[CHUNK];
    size_t done = 0;

    while (done < n) {
        i64 got =
            inode_read(f->inode, f->offset, chunk, min_u64(n - done, CHUNK));

        if (got <= 0)
            break;
        if (copy_to_user(user_buf + done, chunk, (size_t)got))
            return done ? (i64)done : -EFAULT;
        f->offset += (u64)got;
        done += (size_t)got;
    }
    return (i64)done;
}

static i64 regular_write(struct file *f, u64 user_buf, size_t n)
{
    u8 chunk[CHUNK];
    size_t done = 0;

    if (f->flags & O_APPEND)
        f->offset = f->inode->size;
    while (done < n) {
        size_t part = min_u64(n - done, CHUNK);
        i64 put;

        if (copy_from_user(chunk, user_buf + done, part))
            return done ? (i64)done : -EFAULT;
        put = inode_write(f->inode, f->offset, chunk, part);
        if (put < 0)
            return done ? (i64)done : put;
        f->offset += (u64)put;
        done += (size_t)put;
        if ((size_t)put < part)
            break;
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
