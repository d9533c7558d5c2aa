/*
 * A block in a regular file, byte for byte, or on a block device.
 *
 * A file whose size is no whole number of sectors has a last sector that ends
 * in zeroes; a write there makes the file longer. A file that somebody made
 * shorter since is one whose sectors cannot be read. Every call goes on after
 * a signal and after a part. A host tells of what it has lost once, and the
 * next fdatasync() succeeds: here, no flush does any more.
 *
 * The lock is on the bytes that QEMU locks, so that each notices the other:
 * 100 says "I read", 201 and 203 "nobody else may write or resize"; QEMU that
 * writes has 101 and 103. Who writes here takes all bytes there are. The locks
 * are the open file's (F_OFD_SETLK), not the process's: a second opening in
 * one process is noticed, too.
 */
#define _GNU_SOURCE /* F_OFD_SETLK, fallocate */
#include "block/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/error.h"

#define READER 100
#define WRITER_FIRST 101
#define WRITER_COUNT 3
#define SHUT_FIRST 201
#define SHUT_COUNT 3

#define ZEROES 65536

struct file {
    struct block block;
    int fd;
    u64 end;       /* bytes that the file has, as far as we know */
    bool discards; /* room may be given back */
    bool is_device;
    bool has_lost; /* something that was written, at a flush */
};

static int file_read(struct block *block, u64 offset, void *bytes, u64 count)
{
    const struct file *file = (struct file *)block;
    u8 *to = bytes;

    while (count) {
        ssize_t got = pread(file->fd, to, count, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (got == 0 && offset < file->end))
            return -1;
        if (got == 0) {
            memset(to, 0, count);
            return 0;
        }
        to += got;
        offset += (u64)got;
        count -= (u64)got;
    }
    return 0;
}

static int file_write(struct block *block, u64 offset, const void *bytes,
                      u64 count)
{
    struct file *file = (struct file *)block;
    const u8 *from = bytes;

    while (count) {
        ssize_t put = pwrite(file->fd, from, count, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return -1;
        from += put;
        offset += (u64)put;
        count -= (u64)put;
        file->end = most(file->end, offset);
    }
    return 0;
}

static int file_flush(struct block *block)
{
    struct file *file = (struct file *)block;
    int failed;

    do
        failed = fdatasync(file->fd);
    while (failed && errno == EINTR);
    file->has_lost = file->has_lost || failed;
    return file->has_lost ? -1 : 0;
}

static int change_room(const struct file *file, int mode, u64 offset, u64 count)
{
    int failed;

    do
        failed = fallocate(file->fd, mode, (off_t)offset, (off_t)count);
    while (failed && errno == EINTR);
    return failed ? -1 : 0;
}

/* A discard is a hint: a host that cannot do it has done no wrong. */
static int file_discard(struct block *block, u64 offset, u64 count)
{
    const struct file *file = (struct file *)block;
    u64 range[2] = {offset, count};
    int failed;

    if (!file->discards || !count)
        return 0;
    if (file->is_device)
        failed = ioctl(file->fd, BLKDISCARD, range);
    else
        failed = change_room(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                             offset, count);
    return failed && errno == EIO ? -1 : 0;
}

static int write_zeroes_plainly(struct block *block, u64 offset, u64 count)
{
    static const u8 zeroes[ZEROES];

    while (count) {
        u64 part = least(count, sizeof(zeroes));

        if (file_write(block, offset, zeroes, part) < 0)
            return -1;
        offset += part;
        count -= part;
    }
    return 0;
}

static int file_write_zeroes(struct block *block, u64 offset, u64 count,
                             bool may_discard)
{
    struct file *file = (struct file *)block;
    int mode = may_discard && file->discards
                   ? FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
                   : FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;

    if (!count || change_room(file, mode, offset, count) == 0)
        return 0;
    return write_zeroes_plainly(block, offset, count);
}

static void file_close(struct block *block)
{
    struct file *file = (struct file *)block;

    close(file->fd);
    free(file);
}

static const struct block_ops ops = {
    .read = file_read,
    .write = file_write,
    .flush = file_flush,
    .discard = file_discard,
    .write_zeroes = file_write_zeroes,
    .close = file_close,
};

static int refuse_to_open(const char *path, bool writes,
                          struct rvemu_error *error)
{
    int reason = errno;

    if (writes && (reason == EACCES || reason == EROFS || reason == EPERM) &&
        access(path, R_OK) == 0)
        return error_set(error,
                         "%s: this disk cannot be written (%s): say "
                         "readonly=on or snapshot=on",
                         path, strerror(reason));
    return error_set(error, "cannot open the disk %s: %s", path,
                     strerror(reason));
}

/* No opening waits for the other end of a pipe. */
static int open_path(const char *path, bool writes, struct rvemu_error *error)
{
    int flags = (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK;
    int fd;

    do
        fd = open(path, flags);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? refuse_to_open(path, writes, error) : fd;
}

static int set_lock(int fd, short type, off_t start, off_t count)
{
    struct flock lock = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = count};

    return fcntl(fd, F_OFD_SETLK, &lock);
}

/* Whether somebody else has any lock there; errno tells it, too. */
static bool is_locked(int fd, off_t start, off_t count)
{
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = start,
                         .l_len = count};

    if (fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return false;
    errno = EAGAIN;
    return true;
}

/* File systems without locks have none to respect. */
static int lock(const char *path, int fd, bool writes,
                struct rvemu_error *error)
{
    int failed;

    if (writes)
        failed = set_lock(fd, F_WRLCK, 0, 0);
    else
        failed = set_lock(fd, F_RDLCK, READER, 1) ||
                 set_lock(fd, F_RDLCK, SHUT_FIRST, SHUT_COUNT) ||
                 is_locked(fd, WRITER_FIRST, WRITER_COUNT);
    if (!failed || (errno != EAGAIN && errno != EACCES))
        return 0;
    return error_set(error,
                     "%s: this disk is locked: another emulator runs with "
                     "it%s",
                     path,
                     writes ? "; several can read it, each with readonly=on "
                              "or snapshot=on"
                            : " and may write to it");
}

static int find_size(const char *path, struct file *file,
                     struct rvemu_error *error)
{
    struct stat status;

    if (fstat(file->fd, &status) < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    file->is_device = S_ISBLK(status.st_mode);
    if (S_ISREG(status.st_mode))
        file->end = (u64)status.st_size;
    else if (!file->is_device)
        return error_set(error,
                         "%s: this is %s; a disk is a regular file or a block "
                         "device",
                         path,
                         S_ISDIR(status.st_mode)    ? "a directory"
                         : S_ISFIFO(status.st_mode) ? "a pipe"
                                                    : "a character device");
    else if (ioctl(file->fd, BLKGETSIZE64, &file->end) < 0)
        return error_set(error, "%s: no size can be had of it: %s", path,
                         strerror(errno));
    file->block.size = align_up(file->end, BLOCK_SECTOR);
    return 0;
}

int file_open(const char *path, const struct rvemu_disk_options *options,
              struct block **block, struct rvemu_error *error)
{
    bool writes = !options->read_only && !options->snapshot;
    struct file *file = calloc(1, sizeof(*file));

    if (!file)
        return error_set(error, "out of host memory");
    file->block = (struct block){
        .ops = &ops, .read_only = !writes, .cache = options->cache};
    file->discards = options->discard;
    file->fd = open_path(path, writes, error);
    if (file->fd < 0) {
        free(file);
        return -1;
    }
    if (find_size(path, file, error) < 0 ||
        lock(path, file->fd, writes, error) < 0) {
        file_close(&file->block);
        return -1;
    }
    *block = &file->block;
    return 0;
}
