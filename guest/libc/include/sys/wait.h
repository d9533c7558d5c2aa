/*
 * Waiting for children and reading their status word: bits 0 to 6 hold the
 * signal that ended the child, bits 8 to 15 its exit status.
 */
#ifndef LIBC_SYS_WAIT_H
#define LIBC_SYS_WAIT_H

#include <sys/types.h>

#define WNOHANG 1
#define WUNTRACED 2

/* Newer picolibc defines these in <stdlib.h>, to the same effect. */
#undef WEXITSTATUS
#undef WTERMSIG
#undef WIFEXITED
#undef WIFSIGNALED
#undef WIFSTOPPED
#define WEXITSTATUS(status) (((status) >> 8) & 0xff)
#define WTERMSIG(status) ((status)&0x7f)
#define WIFEXITED(status) (WTERMSIG(status) == 0)
#define WIFSIGNALED(status) (WTERMSIG(status) != 0 && WTERMSIG(status) != 0x7f)
#define WIFSTOPPED(status) (((status)&0xff) == 0x7f)

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);

#endif
