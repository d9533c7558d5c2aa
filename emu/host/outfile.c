/*
 * Files that a run leaves; see outfile.h.
 *
 * A file that gets its name when it is whole is written beside that and
 * renamed. What is no ordinary file (a pipe, /dev/stdout) is written to as it
 * is. /dev/stdout is not opened where it leads to a file: that would have a
 * place in the file of its own, and write over what stdout has written.
 */
#include "host/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_write(struct rvemu_error *error, const char *path, int why)
{
    return rvemu_error_set(error, "cannot write %s: %s", path, strerror(why));
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The standard stream that leads to this file, or -1. */
static int find_stream(const struct stat *status)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat stream;

        if (S_ISREG(status->st_mode) && fstat(fd, &stream) == 0 &&
            is_same(&stream, status))
            return fd;
    }
    return -1;
}

static int open_stream(struct outfile *out, int stream)
{
    int fd = fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

    if (fd < 0)
        return -1;
    out->file = fdopen(fd, "w");
    if (!out->file)
        close(fd);
    return out->file ? 0 : -1;
}

static int open_in_place(struct outfile *out, enum outfile_mode mode)
{
    out->file = fopen(out->path, mode == OUTFILE_BEHIND ? "ae" : "we");
    return out->file ? 0 : -1;
}

static int open_beside(struct outfile *out)
{
    size_t room = strlen(out->path) + 32;

    out->beside = malloc(room);
    if (!out->beside)
        return -1;
    snprintf(out->beside, room, "%s.%ld.part", out->path, (long)getpid());
    out->file = fopen(out->beside, "we");
    return out->file ? 0 : -1;
}

int outfile_open(struct outfile *out, const char *path, enum outfile_mode mode,
                 struct rvemu_error *error)
{
    struct stat status;
    bool is_there = stat(path, &status) == 0;
    int stream = is_there ? find_stream(&status) : -1;
    int failed, why;

    *out = (struct outfile){.path = path, .is_new = !is_there};
    if (stream >= 0)
        failed = open_stream(out, stream);
    else if (mode == OUTFILE_WHEN_WHOLE &&
             (!is_there || S_ISREG(status.st_mode)))
        failed = open_beside(out);
    else
        failed = open_in_place(out, mode);
    if (!failed)
        return 0;
    why = errno;
    free(out->beside);
    *out = (struct outfile){0};
    return cannot_write(error, path, why);
}

static void forget(struct outfile *out)
{
    free(out->beside);
    *out = (struct outfile){0};
}

int outfile_close(struct outfile *out, struct rvemu_error *error)
{
    const char *path = out->path;
    int why = 0;

    if (!out->file)
        return 0;
    errno = 0;
    if (fflush(out->file) || ferror(out->file))
        why = errno ? errno : EIO;
    if (fclose(out->file) && !why)
        why = errno;
    if (!why && out->beside && rename(out->beside, path) < 0)
        why = errno;
    if (why && out->beside)
        unlink(out->beside);
    forget(out);
    if (why)
        cannot_write(error, path, why);
    errno = why;
    return why ? -1 : 0;
}

void outfile_drop(struct outfile *out)
{
    if (!out->file)
        return;
    fclose(out->file);
    if (out->beside)
        unlink(out->beside);
    else if (out->is_new)
        unlink(out->path);
    forget(out);
}
