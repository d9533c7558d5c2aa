/*
 * Open files: what a descriptor stands for.
 *
 * A struct file is one open-file description: position and status flags live
 * here, so that fork and dup share them. It is counted by descriptors that
 * name it, plus one while a call uses it.
 */
#ifndef FILE_FILE_H
#define FILE_FILE_H

#include "fs/inode.h"
#include "lib/types.h"

#define FD_MAX 64 /* bits of fdtable.cloexec */

#define O_ACCMODE 3
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_DIRECTORY 0200000
#define O_NOFOLLOW 0400000
#define O_CLOEXEC 02000000
#define O_SETTABLE (O_APPEND | O_NONBLOCK)

#define POLLIN 1
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 16

struct waitq;

struct file {
    u32 refs;
    u32 flags; /* O_ access mode and status */
    u64 offset;
    struct inode *inode; /* counted; NULL for pipes */
    const struct file_ops *ops;
    void *data;
};

/* What a kind of file can do; NULL means EINVAL (ENOTTY for ioctl). User
 * buffers are user addresses. */
struct file_ops {
    int (*open)(struct file *f);
    void (*release)(struct file *f);
    i64 (*read)(struct file *f, u64 user_buf, size_t n);
    i64 (*write)(struct file *f, u64 user_buf, size_t n);
    i64 (*ioctl)(struct file *f, u64 command, u64 user_arg);
    /* POLL bits that hold now, and the queue that is woken when they change;
     * NULL, both: always ready. */
    u32 (*poll)(struct file *f);
    struct waitq *(*poll_queue)(struct file *f);
    bool seekable;
};

/* The descriptors of a process. */
struct fdtable {
    u32 refs;
    u64 cloexec; /* bit fd */
    struct file *fd[FD_MAX];
};

struct file *file_new(const struct file_ops *ops, struct inode *inode,
                      u32 flags);
struct file *file_get(struct file *f);
void file_put(struct file *f);

/* Opens an inode; takes its own reference. */
int file_open(struct inode *i, u32 flags, struct file **out);

struct fdtable *fdtable_new(void);
struct fdtable *fdtable_copy(const struct fdtable *from);
void fdtable_put(struct fdtable *t);
void fdtable_close_on_exec(struct fdtable *t);

/* The file behind a descriptor of the current process, not counted: valid
 * until something closes it. NULL when there is none. */
struct file *fd_file(u64 fd);

/* Below it are the descriptors that the current process may open. */
u64 fd_limit(void);

/* Gives `f` the lowest free descriptor from `from` up: it, or -EMFILE. */
i64 fd_install(struct file *f, u64 from, bool cloexec);

/* Closes a descriptor; -EBADF. */
int fd_close(u64 fd);

/* Kinds of file. */
extern const struct file_ops regular_ops;
extern const struct file_ops directory_ops;
extern const struct file_ops tty_ops;

/* For selfcheck: how many files are open, and how many references they
 * have. */
u64 file_total_refs(void);

#endif
