/*
 * Files, directories, pipes, terminals, and the name of the system. Thin
 * coats over system calls; the *at calls are used where Linux riscv64 has no
 * other.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "syscall.h"

/* Terminal requests, asm-generic. */
#define TCGETS 0x5401
#define TIOCGPGRP 0x540f
#define TIOCSPGRP 0x5410

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list args;

        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    long value;

    va_start(args, command);
    value = va_arg(args, long);
    va_end(args);
    return (int)syscall(SYS_fcntl, fd, command, value);
}

ssize_t read(int fd, void *buffer, size_t bytes)
{
    return syscall(SYS_read, fd, buffer, bytes);
}

ssize_t write(int fd, const void *buffer, size_t bytes)
{
    return syscall(SYS_write, fd, buffer, bytes);
}

int close(int fd)
{
    return (int)syscall(SYS_close, fd);
}

int ftruncate(int fd, off_t size)
{
    return (int)syscall(SYS_ftruncate, fd, size);
}

off_t lseek(int fd, off_t offset, int whence)
{
    return syscall(SYS_lseek, fd, offset, whence);
}

int dup(int fd)
{
    return (int)syscall(SYS_dup, fd);
}

/* dup3 refuses what dup2 allows: a descriptor onto itself. */
int dup2(int fd, int target)
{
    if (fd == target)
        return fcntl(fd, F_GETFD, 0l) < 0 ? -1 : fd;
    return (int)syscall(SYS_dup3, fd, target, 0);
}

int pipe2(int fds[2], int flags)
{
    return (int)syscall(SYS_pipe2, fds, flags);
}

int pipe(int fds[2])
{
    return pipe2(fds, 0);
}

int unlink(const char *path)
{
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdir(const char *path, mode_t mode)
{
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int chdir(const char *path)
{
    return (int)syscall(SYS_chdir, path);
}

char *getcwd(char *buffer, size_t bytes)
{
    return syscall(SYS_getcwd, buffer, bytes) < 0 ? NULL : buffer;
}

int stat(const char *path, struct stat *out)
{
    return (int)syscall(SYS_newfstatat, AT_FDCWD, path, out, 0);
}

int fstat(int fd, struct stat *out)
{
    return (int)syscall(SYS_fstat, fd, out);
}

int isatty(int fd)
{
    char settings[64];

    return syscall(SYS_ioctl, fd, TCGETS, settings) == 0;
}

int tcsetpgrp(int fd, pid_t group)
{
    return (int)syscall(SYS_ioctl, fd, TIOCSPGRP, &group);
}

pid_t tcgetpgrp(int fd)
{
    pid_t group;

    return syscall(SYS_ioctl, fd, TIOCGPGRP, &group) < 0 ? -1 : group;
}

int uname(struct utsname *out)
{
    return (int)syscall(SYS_uname, out);
}

struct dir {
    int fd;
    long next; /* where the next record starts in records */
    long end;
    char records[2048] __attribute__((aligned(8)));
};

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir;

    if (fd < 0)
        return NULL;
    dir = malloc(sizeof(*dir));
    if (dir == NULL) {
        close(fd);
        return NULL;
    }
    dir->fd = fd;
    dir->next = dir->end = 0;
    return dir;
}

struct dirent *readdir(DIR *dir)
{
    struct dirent *entry;

    if (dir->next >= dir->end) {
        dir->end = syscall(SYS_getdents64, dir->fd, dir->records,
                           sizeof(dir->records));
        dir->next = 0;
        if (dir->end <= 0)
            return NULL;
    }
    entry = (struct dirent *)(dir->records + dir->next);
    dir->next += entry->d_reclen;
    return entry;
}

int closedir(DIR *dir)
{
    int result = close(dir->fd);

    free(dir);
    return result;
}
