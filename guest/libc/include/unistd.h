/*
 * System calls and what is built from a few of them. Unless a line says
 * otherwise a function returns -1 and sets errno when it fails.
 */
#ifndef LIBC_UNISTD_H
#define LIBC_UNISTD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

extern char **environ;

/* Processes. */
pid_t fork(void);
int execve(const char *path, char *const argv[], char *const envp[]);
/* Looks for a name without a slash along PATH; passes environ on. */
int execvp(const char *name, char *const argv[]);
/* Ends the process without flushing stdio. */
void _exit(int status) __attribute__((noreturn));
pid_t getpid(void);
pid_t getppid(void);
uid_t getuid(void);
int setpgid(pid_t pid, pid_t group);
pid_t getpgid(pid_t pid);
int sched_yield(void);
/* Returns the seconds left when a signal came first. */
unsigned sleep(unsigned seconds);
int usleep(unsigned microseconds);

/* Files. */
ssize_t read(int fd, void *buffer, size_t bytes);
ssize_t write(int fd, const void *buffer, size_t bytes);
int close(int fd);
int ftruncate(int fd, off_t size);
off_t lseek(int fd, off_t offset, int whence);
int dup(int fd);
int dup2(int fd, int target);
int pipe(int fds[2]);
int pipe2(int fds[2], int flags);
int unlink(const char *path);
int rmdir(const char *path);
int chdir(const char *path);
char *getcwd(char *buffer, size_t bytes);
int isatty(int fd);
int tcsetpgrp(int fd, pid_t group);
pid_t tcgetpgrp(int fd);

/* Memory. */
void *sbrk(intptr_t bytes);

#endif
