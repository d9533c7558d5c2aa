/*
 * file-map: a shared mapping of a file is the file. What one process writes,
 * another finds in its memory, and the other way round; when the file ends
 * earlier, so does what is mapped of it, in every process; when it grows, the
 * mapping has that, too. And memory gives nobody a right to the file that
 * opening it has not given.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

enum { PAGE = 4096, SIZE = 2 * PAGE };

static const char path[] = "/tmp/file-map";
static int fd;

/* The file, open and full of the letter a. */
static void make_file(void)
{
    char letters[512];

    memset(letters, 'a', sizeof(letters));
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0)
        die(path);
    for (int done = 0; done < SIZE; done += (int)sizeof(letters)) {
        if (write(fd, letters, sizeof(letters)) != sizeof(letters))
            die("write");
    }
}

static char *map(int file, size_t bytes, int prot, int flags)
{
    char *at = mmap(NULL, bytes, prot, flags, file, 0);

    if (at == MAP_FAILED)
        die("mmap");
    return at;
}

static char byte_of_file(off_t at)
{
    char c = 0;

    lseek(fd, at, SEEK_SET);
    return read(fd, &c, 1) == 1 ? c : 0;
}

static void write_at(off_t at, const char *text)
{
    lseek(fd, at, SEEK_SET);
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        die("write");
}

/* The signal that ends a process that reads a byte, 0 if none does. */
static int signal_of_load(const volatile char *at)
{
    pid_t pid = fork_or_die();
    int status;

    if (pid == 0)
        _exit(*at == 1);
    status = reap(pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void stays_read_only(void)
{
    int reader = open(path, O_RDONLY);
    char *shared = map(reader, PAGE, PROT_READ, MAP_SHARED);
    char *own = map(reader, PAGE, PROT_READ, MAP_PRIVATE);

    errno = 0;
    check(mprotect(shared, PAGE, PROT_READ | PROT_WRITE) < 0 && errno == EACCES,
          "a file opened for reading is not written through memory");
    check(mprotect(own, PAGE, PROT_READ | PROT_WRITE) == 0,
          "a copy of its page may be");
    own[0] = 'X';
    check(byte_of_file(0) == 'a' && shared[0] == 'a', "and is the copy's own");
    munmap(shared, PAGE);
    munmap(own, PAGE);
    close(reader);
}

static void is_the_file(void)
{
    volatile char *at = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);

    write_at(1, "b");
    check(at[1] == 'b', "what is written to the file is in memory");
    at[PAGE] = 'c';
    check(byte_of_file(PAGE) == 'c', "what is stored is in the file");
    munmap((void *)at, SIZE);
}

/* A child that has touched both pages looks at them again when the file has
 * one less. */
static void ends_with_it(void)
{
    volatile char *at = map(fd, SIZE, PROT_READ, MAP_SHARED);
    struct gate touched, cut;
    pid_t pid;
    int status;

    gate_init(&touched);
    gate_init(&cut);
    pid = fork_or_die();
    if (pid == 0) {
        if (at[0] + at[PAGE] == 0)
            _exit(1);
        gate_open(&touched);
        gate_wait(&cut);
        if (at[0] != 'a')
            _exit(2);
        _exit(at[PAGE]);
    }
    gate_wait(&touched);
    ftruncate(fd, 10);
    gate_open(&cut);
    status = reap(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS,
          "a page that the file has lost is SIGBUS, in another process, too");
    check(at[9] == 'a' && at[10] == 0,
          "in its last page what lies behind the end is zero");
    check(signal_of_load(at + PAGE) == SIGBUS, "behind that page is SIGBUS");
    gate_destroy(&touched);
    gate_destroy(&cut);
    munmap((void *)at, SIZE);
}

static void grows_with_it(void)
{
    volatile char *at = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);

    ftruncate(fd, SIZE);
    check(at[10] == 0 && at[PAGE] == 0,
          "a file that has grown has zeros there");
    write_at(SIZE - 3, "end");
    check(at[SIZE - 1] == 'd', "and is mapped as far as it goes now");
    munmap((void *)at, SIZE);
}

static void forgets_what_was_cut(void)
{
    char before = byte_of_file(100);

    ftruncate(fd, PAGE);
    ftruncate(fd, SIZE);
    check(before == byte_of_file(100) && byte_of_file(PAGE) == 0 &&
              byte_of_file(SIZE - 1) == 0,
          "what was cut off does not come back");
}

int main(void)
{
    make_file();
    stays_read_only();
    is_the_file();
    ends_with_it();
    grows_with_it();
    forgets_what_was_cut();
    unlink(path);
    return check_verdict("file-map");
}
