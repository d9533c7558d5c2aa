/*
 * pipes: bytes between processes. More than a pipe holds goes through three
 * processes and arrives in order; a reader sees the end only when the last
 * writer has closed, not before; a writer without readers gets SIGPIPE, or
 * EPIPE when it ignores that; small writes of several writers stay whole.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

enum {
    CHUNK = 3000,
    TOTAL = 300000,
    WRITERS = 4,
    RECORDS = 50,
    RECORD = 64,
};

static void make_pipe(int fds[2])
{
    if (pipe(fds) < 0)
        die("pipe");
}

static unsigned char byte_at(long position)
{
    return (unsigned char)(position * 31 + (position >> 8));
}

static void produce(int fd)
{
    unsigned char chunk[CHUNK];

    for (long at = 0; at < TOTAL; at += CHUNK) {
        for (int i = 0; i < CHUNK; i++)
            chunk[i] = byte_at(at + i);
        for (int done = 0; done < CHUNK;) {
            ssize_t n = write(fd, chunk + done, CHUNK - done);

            if (n <= 0)
                _exit(EXIT_FAILURE);
            done += n;
        }
    }
    _exit(EXIT_SUCCESS);
}

/* Reads and writes in sizes that fit neither side's. */
static void relay(int from, int to)
{
    unsigned char chunk[777];
    ssize_t n;

    while ((n = read(from, chunk, sizeof(chunk))) > 0)
        if (write(to, chunk, n) != n)
            _exit(EXIT_FAILURE);
    _exit(n == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void chain(void)
{
    unsigned char chunk[4096];
    int first[2], second[2];
    pid_t producer, relayer;
    long at = 0;
    bool right = true;
    ssize_t n;

    make_pipe(first);
    make_pipe(second);
    producer = fork_or_die();
    if (producer == 0)
        produce(first[1]);
    relayer = fork_or_die();
    if (relayer == 0) {
        close(first[1]);
        close(second[0]);
        relay(first[0], second[1]);
    }
    close(first[0]);
    close(first[1]);
    close(second[1]);
    while ((n = read(second[0], chunk, sizeof(chunk))) > 0)
        for (ssize_t i = 0; i < n; i++)
            right = right && chunk[i] == byte_at(at++);
    close(second[0]);
    check(n == 0 && at == TOTAL && right,
          "%d bytes came through two pipes in order", TOTAL);
    check(reap(producer) == 0 && reap(relayer) == 0, "nobody failed");
}

static void end_of_file(void)
{
    struct gate gate;
    int fds[2];
    char byte;
    pid_t pid;

    gate_init(&gate);
    make_pipe(fds);
    pid = fork_or_die();
    if (pid == 0) {
        close(fds[0]);
        gate_wait(&gate);
        _exit(write(fds[1], "x", 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    close(fds[1]);
    gate_open(&gate);
    check(read(fds[0], &byte, 1) == 1 && byte == 'x',
          "no end while a writer has it open");
    check(read(fds[0], &byte, 1) == 0, "the end when it has closed");
    reap(pid);
    close(fds[0]);
    gate_destroy(&gate);
}

static void no_reader(void)
{
    int fds[2];
    int status;
    pid_t pid;

    make_pipe(fds);
    close(fds[0]);
    pid = fork_or_die();
    if (pid == 0) {
        write(fds[1], "x", 1);
        _exit(EXIT_SUCCESS);
    }
    status = reap(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE,
          "nobody reads: SIGPIPE");
    signal(SIGPIPE, SIG_IGN);
    check(write(fds[1], "x", 1) == -1 && errno == EPIPE, "SIGPIPE ignored: %s",
          strerror(errno));
    signal(SIGPIPE, SIG_DFL);
    close(fds[1]);
}

static void write_records(int fd, int writer)
{
    char record[RECORD];

    memset(record, 'a' + writer, sizeof(record));
    for (int i = 0; i < RECORDS; i++)
        if (write(fd, record, sizeof(record)) != sizeof(record))
            _exit(EXIT_FAILURE);
    _exit(EXIT_SUCCESS);
}

static bool read_record(int fd, char *record)
{
    int done = 0;
    ssize_t n;

    while (done < RECORD && (n = read(fd, record + done, RECORD - done)) > 0)
        done += n;
    return done == RECORD;
}

static void whole_records(void)
{
    char record[RECORD];
    int fds[2];
    int count = 0;
    bool whole = true;

    make_pipe(fds);
    for (int i = 0; i < WRITERS; i++)
        if (fork_or_die() == 0)
            write_records(fds[1], i);
    close(fds[1]);
    for (; read_record(fds[0], record); count++)
        for (int i = 1; i < RECORD; i++)
            whole = whole && record[i] == record[0];
    close(fds[0]);
    while (wait(NULL) > 0)
        ;
    check(whole && count == WRITERS * RECORDS,
          "%d records of %d writers, each whole", count, WRITERS);
}

int main(void)
{
    chain();
    end_of_file();
    no_reader();
    whole_records();
    return check_verdict("pipes");
}
