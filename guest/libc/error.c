/*
 * Words for error numbers and signals. The C library below has its own
 * numbering for both, so its tables would lie.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

static const char *const error_names[] = {
    [0] = "no error",
    [EPERM] = "operation not permitted",
    [ENOENT] = "no such file or directory",
    [ESRCH] = "no such process",
    [EINTR] = "interrupted system call",
    [EIO] = "input/output error",
    [ENXIO] = "no such device or address",
    [E2BIG] = "argument list too long",
    [ENOEXEC] = "exec format error",
    [EBADF] = "bad file descriptor",
    [ECHILD] = "no child processes",
    [EAGAIN] = "resource temporarily unavailable",
    [ENOMEM] = "out of memory",
    [EACCES] = "permission denied",
    [EFAULT] = "bad address",
    [EBUSY] = "device or resource busy",
    [EEXIST] = "file exists",
    [EXDEV] = "cross-device link",
    [ENODEV] = "no such device",
    [ENOTDIR] = "not a directory",
    [EISDIR] = "is a directory",
    [EINVAL] = "invalid argument",
    [ENFILE] = "too many open files in the system",
    [EMFILE] = "too many open files",
    [ENOTTY] = "not a terminal",
    [ETXTBSY] = "text file busy",
    [EFBIG] = "file too large",
    [ENOSPC] = "no space left",
    [ESPIPE] = "illegal seek",
    [EROFS] = "read-only file system",
    [EMLINK] = "too many links",
    [EPIPE] = "broken pipe",
    [ERANGE] = "result out of range",
    [ENAMETOOLONG] = "name too long",
    [ENOSYS] = "no such system call",
    [ENOTEMPTY] = "directory not empty",
    [ELOOP] = "too many symbolic links",
};

static const char *const signal_names[] = {
    [SIGHUP] = "hangup",
    [SIGINT] = "interrupt",
    [SIGQUIT] = "quit",
    [SIGILL] = "illegal instruction",
    [SIGTRAP] = "trap",
    [SIGABRT] = "aborted",
    [SIGBUS] = "bus error",
    [SIGFPE] = "arithmetic exception",
    [SIGKILL] = "killed",
    [SIGUSR1] = "user signal 1",
    [SIGSEGV] = "segmentation fault",
    [SIGUSR2] = "user signal 2",
    [SIGPIPE] = "broken pipe",
    [SIGALRM] = "alarm",
    [SIGTERM] = "terminated",
};

static char *lookup(const char *const *names, int count, int number)
{
    if (number < 0 || number >= count || names[number] == NULL)
        return (char *)"unknown";
    return (char *)names[number];
}

char *strerror(int number)
{
    return lookup(error_names, sizeof(error_names) / sizeof(*error_names),
                  number);
}

char *strsignal(int number)
{
    return lookup(signal_names, sizeof(signal_names) / sizeof(*signal_names),
                  number);
}
