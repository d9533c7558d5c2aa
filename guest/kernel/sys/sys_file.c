/*
 * System calls on open files.
 */
#include "sys/syscall.h"

#include "file/file.h"
#include "file/pipe.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "sys/timespec.h"
#include "task/timer.h"
#include "task/wait.h"

#define IOV_MAX 1024
#define IO_MAX 0x7ffff000 /* bytes of one transfer, as in Linux */
#define POLL_MAX 64

#define F_DUPFD 0
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define F_DUPFD_CLOEXEC 1030

struct iovec {
    u64 base;
    u64 len;
};

/* A call may sleep, and meanwhile nobody else can close the descriptor: it
 * is this process's own, and the process is in here. */
static i64 transfer(struct file *f, u64 buf, u64 n, bool writing)
{
    u32 mode;

    if (!f)
        return -EBADF;
    mode = f->flags & O_ACCMODE;
    if (mode == (writing ? O_RDONLY : O_WRONLY))
        return -EBADF;
    if (writing)
        return f->ops->write ? f->ops->write(f, buf, min_u64(n, IO_MAX))
                             : -EINVAL;
    if (f->inode && inode_is(f->inode, S_IFDIR))
        return -EISDIR;
    return f->ops->read ? f->ops->read(f, buf, min_u64(n, IO_MAX)) : -EINVAL;
}

i64 sys_read(const u64 *a)
{
    return transfer(fd_file(a[0]), a[1], a[2], false);
}

i64 sys_write(const u64 *a)
{
    return transfer(fd_file(a[0]), a[1], a[2], true);
}

static i64 transfer_vector(const u64 *a, bool writing)
{
    struct file *f = fd_file(a[0]);
    i64 total = 0;

    if (a[2] > IOV_MAX)
        return -EINVAL;
    for (u64 i = 0; i < a[2]; i++) {
        struct iovec v;
        i64 n;

        if (copy_from_user(&v, a[1] + i * sizeof(v), sizeof(v)))
            return total ? total : -EFAULT;
        if ((i64)v.len < 0)
            return total ? total : -EINVAL;
        if (!v.len)
            continue;
        n = transfer(f, v.base, v.len, writing);
        if (n < 0)
            return total ? total : n;
        total += n;
        if ((u64)n < v.len)
            break;
    }
    return total;
}

i64 sys_readv(const u64 *a)
{
    return transfer_vector(a, false);
}

i64 sys_writev(const u64 *a)
{
    return transfer_vector(a, true);
}

i64 sys_pread64(const u64 *a)
{
    struct file *f = fd_file(a[0]);
    u64 old;
    i64 n;

    if (!f)
        return -EBADF;
    if (!f->ops->seekable)
        return -ESPIPE;
    if ((i64)a[3] < 0)
        return -EINVAL;
    old = f->offset;
    f->offset = a[3];
    n = transfer(f, a[1], a[2], false);
    f->offset = old;
    return n;
}

i64 sys_lseek(const u64 *a)
{
    struct file *f = fd_file(a[0]);
    i64 to = (i64)a[1];

    if (!f)
        return -EBADF;
    if (!f->ops->seekable)
        return -ESPIPE;
    if (a[2] == 1)
        to += (i64)f->offset;
    else if (a[2] == 2)
        to += (i64)f->inode->size;
    if (to < 0)
        return -EINVAL;
    f->offset = (u64)to;
    return to;
}

i64 sys_ftruncate(const u64 *a)
{
    struct file *f = fd_file(a[0]);

    if (!f)
        return -EBADF;
    if (!f->inode || !inode_is(f->inode, S_IFREG) ||
        (f->flags & O_ACCMODE) == O_RDONLY || (i64)a[1] < 0)
        return -EINVAL;
    return file_truncate(f->inode, a[1]);
}

i64 sys_close(const u64 *a)
{
    return fd_close(a[0]);
}

static i64 dup_from(struct file *f, u64 from, bool cloexec)
{
    i64 fd;

    if (!f)
        return -EBADF;
    fd = fd_install(f, from, cloexec);
    if (fd >= 0)
        file_get(f);
    return fd;
}

i64 sys_dup(const u64 *a)
{
    return dup_from(fd_file(a[0]), 0, false);
}

i64 sys_dup3(const u64 *a)
{
    struct file *f = fd_file(a[0]);

    if (!f || a[1] >= fd_limit())
        return -EBADF;
    if (a[0] == a[1])
        return -EINVAL;
    fd_close(a[1]);
    return dup_from(f, a[1], (a[2] & O_CLOEXEC) != 0);
}

i64 sys_fcntl(const u64 *a)
{
    struct file *f = fd_file(a[0]);
    struct fdtable *t = current->files;

    if (!f)
        return -EBADF;
    switch (a[1]) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        if (a[2] >= fd_limit())
            return -EINVAL;
        return dup_from(f, a[2], a[1] == F_DUPFD_CLOEXEC);
    case F_GETFD: return (i64)(t->cloexec >> a[0] & 1);
    case F_SETFD:
        t->cloexec = (t->cloexec & ~(1ul << a[0])) | (a[2] & 1) << a[0];
        return 0;
    case F_GETFL: return f->flags;
    case F_SETFL:
        f->flags = (f->flags & ~(u32)O_SETTABLE) | ((u32)a[2] & O_SETTABLE);
        return 0;
    default: return -EINVAL;
    }
}

i64 sys_ioctl(const u64 *a)
{
    struct file *f = fd_file(a[0]);

    if (!f)
        return -EBADF;
    return f->ops->ioctl ? f->ops->ioctl(f, a[1], a[2]) : -ENOTTY;
}

i64 sys_pipe2(const u64 *a)
{
    bool cloexec = (a[1] & O_CLOEXEC) != 0;
    struct file *ends[2];
    int fds[2], err;

    err = pipe_create(a[1] & O_NONBLOCK, ends);
    if (err)
        return err;
    for (unsigned i = 0; i < 2; i++) {
        fds[i] = (int)fd_install(ends[i], 0, cloexec);
        if (fds[i] < 0)
            goto no_descriptor;
    }
    if (copy_to_user(a[0], fds, sizeof(fds)) == 0)
        return 0;
    fd_close((u64)fds[0]);
    fd_close((u64)fds[1]);
    return -EFAULT;
no_descriptor:
    if (ends[0] == fd_file((u64)fds[0]))
        fd_close((u64)fds[0]);
    else
        file_put(ends[0]);
    file_put(ends[1]);
    return -EMFILE;
}

struct pollfd {
    i32 fd;
    u16 events;
    u16 revents;
};

static i64 poll_once(struct pollfd *set, u64 n)
{
    i64 ready = 0;

    for (u64 i = 0; i < n; i++) {
        struct file *f = fd_file((u64)(i64)set[i].fd);

        set[i].revents = 0;
        if (set[i].fd < 0)
            continue;
        if (!f)
            set[i].revents = 0x20; /* POLLNVAL */
        else if (f->ops->poll)
            set[i].revents =
                f->ops->poll(f) & (set[i].events | POLLERR | POLLHUP);
        else
            set[i].revents = set[i].events & (POLLIN | POLLOUT);
        ready += set[i].revents != 0;
    }
    return ready;
}

/* Hangs a poller into the queue of each file that has one. */
static void hang_pollers(const struct pollfd *set, u64 n,
                         struct poller *pollers)
{
    for (u64 i = 0; i < n; i++) {
        struct file *f = fd_file((u64)(i64)set[i].fd);

        list_init(&pollers[i].link);
        if (f && f->ops->poll_queue)
            waitq_poll(f->ops->poll_queue(f), &pollers[i]);
    }
}

/* To look and to sleep is one step, as interrupts are off: nothing that gets
 * ready in between is missed. */
static i64 poll_until(struct pollfd *set, u64 n, u64 end)
{
    struct poller pollers[POLL_MAX];
    i64 ready;
    int err = 0;

    hang_pollers(set, n, pollers);
    while (!(ready = poll_once(set, n)) && err != -ERESTARTSYS) {
        if (time_now() >= end)
            break;
        err = waitq_sleep(NULL, true, end);
    }
    for (u64 i = 0; i < n; i++)
        waitq_unpoll(&pollers[i]);
    return ready || err != -ERESTARTSYS ? ready : -EINTR;
}

i64 sys_ppoll(const u64 *a)
{
    struct pollfd set[POLL_MAX];
    u64 end = WAIT_FOREVER, mask;
    i64 ready;
    int err;

    if (a[1] > POLL_MAX || (a[3] && a[4] != sizeof(mask)))
        return -EINVAL;
    if (copy_from_user(set, a[0], a[1] * sizeof(*set)) ||
        (a[3] && copy_from_user(&mask, a[3], sizeof(mask))))
        return -EFAULT;
    err = a[2] ? time_end_of(a[2], &end) : 0;
    if (err)
        return err;
    if (a[3])
        signal_lend_mask(current, mask);
    ready = poll_until(set, a[1], end);
    if (ready == -EINTR)
        return ready; /* the handler runs with the mask that was lent */
    signal_return_mask(current);
    return copy_to_user(a[0], set, a[1] * sizeof(*set)) ? -EFAULT : ready;
}
