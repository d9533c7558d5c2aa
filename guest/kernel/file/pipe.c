/*
 * Pipes: a ring of one page, readers, writers.
 *
 * A writer of at most PIPE_BUF bytes waits until all of them fit, so such
 * writes are never interleaved. A reader sees end of file when the last
 * writer has closed, a writer EPIPE and SIGPIPE when the last reader has.
 */
#include "file/pipe.h"

#include "file/file.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "ram/frames.h"
#include "ram/slab.h"
#include "task/wait.h"

#define PIPE_SIZE PAGE_SIZE
#define PIPE_BUF PAGE_SIZE

struct pipe {
    u32 ends[2]; /* open descriptions: readers, writers */
    u64 head;    /* bytes ever written; head - tail are in the ring */
    u64 tail;
    u8 *ring;
    struct waitq changed;
};

enum {
    READERS,
    WRITERS,
};

static void pipe_free(struct pipe *p)
{
    frames_free(p->ring, 0);
    kfree(p);
}

static void close_end(struct file *f, unsigned end)
{
    struct pipe *p = f->data;

    p->ends[end]--;
    waitq_wake_all(&p->changed);
    if (!p->ends[READERS] && !p->ends[WRITERS])
        pipe_free(p);
}

static void read_release(struct file *f)
{
    close_end(f, READERS);
}

static void write_release(struct file *f)
{
    close_end(f, WRITERS);
}

static i64 pipe_read(struct file *f, u64 user_buf, size_t n)
{
    struct pipe *p = f->data;
    size_t done = 0;

    while (n && p->head == p->tail) {
        int err;

        if (!p->ends[WRITERS])
            return 0;
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        err = waitq_sleep(&p->changed, true, WAIT_FOREVER);
        if (err)
            return err;
    }
    while (done < n && p->head != p->tail) {
        u64 at = p->tail % PIPE_SIZE;
        size_t part = min_u64(n - done, p->head - p->tail);

        part = min_u64(part, PIPE_SIZE - at);
        if (copy_to_user(user_buf + done, p->ring + at, part))
            return done ? (i64)done : -EFAULT;
        p->tail += part;
        done += part;
    }
    waitq_wake_all(&p->changed);
    return (i64)done;
}

static u64 room(const struct pipe *p)
{
    return PIPE_SIZE - (p->head - p->tail);
}

/* Waits until there is enough room to go on. */
static int wait_for_room(struct file *f, size_t left)
{
    struct pipe *p = f->data;
    u64 need = left <= PIPE_BUF ? left : 1;

    while (p->ends[READERS] && room(p) < need) {
        int err;

        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        err = waitq_sleep(&p->changed, true, WAIT_FOREVER);
        if (err)
            return err;
    }
    if (p->ends[READERS])
        return 0;
    signal_send_kernel(current, SIGPIPE);
    return -EPIPE;
}

static i64 pipe_write(struct file *f, u64 user_buf, size_t n)
{
    struct pipe *p = f->data;
    size_t done = 0;

    while (done < n) {
        int err = wait_for_room(f, n <= PIPE_BUF ? n - done : PIPE_BUF + 1);
        u64 at = p->head % PIPE_SIZE;
        size_t part;

        if (err)
            return done ? (i64)done : err;
        part = min_u64(min_u64(n - done, room(p)), PIPE_SIZE - at);
        if (copy_from_user(p->ring + at, user_buf + done, part))
            return done ? (i64)done : -EFAULT;
        p->head += part;
        done += part;
        waitq_wake_all(&p->changed);
    }
    return (i64)done;
}

static u32 read_poll(struct file *f)
{
    struct pipe *p = f->data;

    return (p->head != p->tail ? POLLIN : 0) | (p->ends[WRITERS] ? 0 : POLLHUP);
}

static u32 write_poll(struct file *f)
{
    struct pipe *p = f->data;

    return (room(p) >= PIPE_BUF ? POLLOUT : 0) |
           (p->ends[READERS] ? 0 : POLLERR);
}

static struct waitq *poll_queue(struct file *f)
{
    struct pipe *p = f->data;

    return &p->changed;
}

static const struct file_ops read_ops = {
    .read = pipe_read,
    .release = read_release,
    .poll = read_poll,
    .poll_queue = poll_queue,
};

static const struct file_ops write_ops = {
    .write = pipe_write,
    .release = write_release,
    .poll = write_poll,
    .poll_queue = poll_queue,
};

int pipe_create(u32 flags, struct file *ends[2])
{
    struct pipe *p = kzalloc(sizeof(*p));

    if (!p)
        return -ENOMEM;
    p->ring = frames_alloc(0, FRAME_KERNEL);
    ends[0] = file_new(&read_ops, NULL, O_RDONLY | flags);
    ends[1] = file_new(&write_ops, NULL, O_WRONLY | flags);
    if (p->ring && ends[0] && ends[1]) {
        waitq_init(&p->changed);
        p->ends[READERS] = p->ends[WRITERS] = 1;
        ends[0]->data = ends[1]->data = p;
        return 0;
    }
    for (unsigned i = 0; i < 2; i++) {
        if (ends[i]) {
            ends[i]->ops = &directory_ops; /* has no release */
            file_put(ends[i]);
        }
    }
    if (p->ring)
        frames_free(p->ring, 0);
    kfree(p);
    return -ENOMEM;
}
