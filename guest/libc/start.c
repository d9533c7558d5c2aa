/*
 * From _start to main, and the three standard streams.
 *
 * stdout collects a line at a time, whatever it is connected to: a line is
 * one write, lines of parent and child never mix, and nothing but an
 * unfinished line is left in the buffer when a process forks. exit()
 * flushes, _exit() does not. stderr is not buffered.
 */
#include <stdio-bufio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv, char **envp);
void start_program(long *stack) __attribute__((noreturn));

/* _init and _fini are what exit() of the C library expects to find. */
void _init(void);
void _fini(void);

static char stdin_buffer[BUFSIZ];
static char stdout_buffer[BUFSIZ];
static char stderr_buffer[1];

static struct __file_bufio stdin_file =
    FDEV_SETUP_BUFIO(STDIN_FILENO, stdin_buffer, sizeof(stdin_buffer), read,
                     write, lseek, close, __SRD, 0);
static struct __file_bufio stdout_file =
    FDEV_SETUP_BUFIO(STDOUT_FILENO, stdout_buffer, sizeof(stdout_buffer), read,
                     write, lseek, close, __SWR, __BLBF);
static struct __file_bufio stderr_file =
    FDEV_SETUP_BUFIO(STDERR_FILENO, stderr_buffer, sizeof(stderr_buffer), read,
                     write, lseek, close, __SWR, 0);

FILE *const stdin = &stdin_file.xfile.cfile.file;
FILE *const stdout = &stdout_file.xfile.cfile.file;
FILE *const stderr = &stderr_file.xfile.cfile.file;

void _init(void)
{
}

void _fini(void)
{
}

static void flush_stdout(void)
{
    fflush(stdout);
}

/* stack: argc, argv…, NULL, envp…, NULL, auxiliary vector. */
void start_program(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);

    environ = argv + argc + 1;
    atexit(flush_stdout);
    exit(main(argc, argv, environ));
}
