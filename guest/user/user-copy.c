/*
 * user-copy: the kernel reads and writes a process's memory as the process
 * itself would. Buffers lie over several pages that were touched in reverse,
 * so that neighbours are not neighbours in memory; over pages nobody has
 * touched yet; over pages still shared after a fork, where the kernel's own
 * store must copy; and where there is nothing, or nothing allowed: EFAULT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

#define FILE_NAME "/tmp/user-copy"

enum { PAGE = 4096, PAGES = 3, MARGIN = 100 };

static const char constant[16] = "constant";
/* Volatile, or the compiler would refuse what the kernel is to refuse. */
static void *volatile nowhere = (void *)8;
static int file;

static char *map(int prot)
{
    char *area =
        mmap(NULL, PAGES * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (area == MAP_FAILED)
        die("mmap");
    return area;
}

static char pattern(long position)
{
    return (char)('!' + position % 89);
}

static bool write_at_start(const char *from, size_t bytes)
{
    lseek(file, 0, SEEK_SET);
    return write(file, from, bytes) == (ssize_t)bytes;
}

static bool read_from_start(char *to, size_t bytes)
{
    lseek(file, 0, SEEK_SET);
    return read(file, to, bytes) == (ssize_t)bytes;
}

/* All of three pages but MARGIN bytes on either side. */
static const size_t SPAN = PAGES * PAGE - 2 * MARGIN;

static void scattered_pages(void)
{
    char *source = map(PROT_READ | PROT_WRITE);
    char *target = map(PROT_READ | PROT_WRITE);
    bool same = true;

    for (int i = PAGES - 1; i >= 0; i--)
        source[i * PAGE] = target[i * PAGE] = 1;
    for (size_t i = 0; i < SPAN; i++)
        source[MARGIN + i] = pattern((long)i);
    check(write_at_start(source + MARGIN, SPAN), "write from three pages");
    check(read_from_start(target + MARGIN, SPAN), "read into three pages");
    for (size_t i = 0; i < SPAN; i++)
        same = same && target[MARGIN + i] == pattern((long)i);
    check(same && target[MARGIN - 1] == 0 && target[MARGIN + SPAN] == 0,
          "every byte is there, and none beside them");
    munmap(source, PAGES * PAGE);
    munmap(target, PAGES * PAGE);
}

static void untouched_pages(void)
{
    char *target = map(PROT_READ | PROT_WRITE);
    char *zeros = map(PROT_READ | PROT_WRITE);
    bool same = true;

    check(read_from_start(target + MARGIN, SPAN),
          "read into pages nobody has touched");
    for (size_t i = 0; i < SPAN; i++)
        same = same && target[MARGIN + i] == pattern((long)i);
    check(same, "every byte is there");
    check(write_at_start(zeros + MARGIN, SPAN),
          "write from pages nobody has touched");
    check(read_from_start(target + MARGIN, SPAN), "read it back");
    for (size_t i = 0; i < SPAN; i++)
        same = same && target[MARGIN + i] == 0;
    check(same, "they were zero");
    munmap(target, PAGES * PAGE);
    munmap(zeros, PAGES * PAGE);
}

static bool all_are(const char *area, char value)
{
    for (long i = 0; i < PAGES * PAGE; i++)
        if (area[i] != value)
            return false;
    return true;
}

static void shared_pages(void)
{
    char *area = map(PROT_READ | PROT_WRITE);
    struct gate gate;
    pid_t pid;

    gate_init(&gate);
    memset(area, 'c', PAGES * PAGE);
    write_at_start(area, PAGES * PAGE);
    memset(area, 'p', PAGES * PAGE);
    pid = fork_or_die();
    if (pid == 0) {
        bool good = read_from_start(area, PAGES * PAGE) && all_are(area, 'c');

        gate_open(&gate);
        _exit(good ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    gate_wait(&gate);
    check(all_are(area, 'p'), "read into shared pages: the parent's are as "
                              "they were");
    check(reap(pid) == 0, "and the child's are its own");
    gate_destroy(&gate);
    munmap(area, PAGES * PAGE);
}

static void refused(const char *name, bool reads, void *buffer, size_t bytes)
{
    ssize_t n;

    lseek(file, 0, SEEK_SET);
    n = reads ? read(file, buffer, bytes) : write(file, buffer, bytes);
    check(n == -1 && errno == EFAULT, "%s: %s", name,
          n < 0 ? strerror(errno) : "accepted");
}

static void bad_pointers(void)
{
    char *read_only = map(PROT_READ);
    int fds[2];

    refused("write from 0", false, NULL, 16);
    refused("write from the kernel", false, (void *)-4096l, 16);
    refused("write from the middle of nowhere", false, (void *)(1l << 50), 16);
    refused("write that wraps round", false, (void *)-8l, 64);
    refused("read into 0", true, NULL, 16);
    refused("read into the kernel", true, (void *)-4096l, 16);
    refused("read into a constant", true, (void *)constant, 16);
    refused("read into text", true, (void *)bad_pointers, 16);
    refused("read into a read-only map", true, read_only, 16);
    check(pipe(nowhere) == -1 && errno == EFAULT, "pipe at 8: %s",
          strerror(errno));
    check(open(nowhere, O_RDONLY) == -1 && errno == EFAULT, "open of 8: %s",
          strerror(errno));
    check(pipe(fds) == 0, "and the kernel lives on");
    munmap(read_only, PAGES * PAGE);
}

int main(void)
{
    file = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (file < 0)
        die(FILE_NAME);
    scattered_pages();
    untouched_pages();
    shared_pages();
    bad_pointers();
    unlink(FILE_NAME);
    return check_verdict("user-copy");
}
