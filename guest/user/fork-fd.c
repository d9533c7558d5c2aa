/*
 * fork-fd: one open file under two processes. Parent and child each write
 * five bytes through the descriptor they share, the child adds a newline:
 * always eleven bytes, nothing overwritten, whoever comes first. Then what
 * else is shared (offset, status flags) and what is not (the descriptors).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"

#define FILE_NAME "/tmp/fork-fd.txt"

static int fd;

static void put(const char *text)
{
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        _exit(EXIT_FAILURE);
}

static void write_both(void)
{
    static const char *const outcomes[] = {"HelloWorld\n", "WorldHello\n",
                                           "World\nHello"};
    char text[32] = "";
    bool known = false;
    ssize_t n;
    pid_t pid = fork_or_die();

    if (pid == 0) {
        put("World");
        put("\n");
        _exit(EXIT_SUCCESS);
    }
    put("Hello");
    check(reap(pid) == 0, "both have written");
    check(lseek(fd, 0, SEEK_CUR) == 11, "the common offset is 11");
    lseek(fd, 0, SEEK_SET);
    n = read(fd, text, sizeof(text) - 1);
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++)
        known = known || strcmp(text, outcomes[i]) == 0;
    check(n == 11 && known, "the file has 11 bytes, each word whole");
}

static void share(void)
{
    pid_t pid = fork_or_die();

    if (pid == 0) {
        lseek(fd, 3, SEEK_SET);
        fcntl(fd, F_SETFL, O_APPEND);
        close(fd);
        _exit(EXIT_SUCCESS);
    }
    reap(pid);
    check(lseek(fd, 0, SEEK_CUR) == 3, "the child's lseek moved the parent");
    check(fcntl(fd, F_GETFL) & O_APPEND, "its O_APPEND holds here too");
    check(fcntl(fd, F_GETFD) >= 0, "its close does not");
}

static void duplicate(void)
{
    int other = dup(fd);

    lseek(fd, 7, SEEK_SET);
    check(lseek(other, 0, SEEK_CUR) == 7, "dup shares the offset as well");
    close(other);
    other = open(FILE_NAME, O_RDONLY);
    check(lseek(other, 0, SEEK_CUR) == 0, "a second open does not");
    close(other);
}

int main(void)
{
    fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0)
        die(FILE_NAME);
    write_both();
    share();
    duplicate();
    unlink(FILE_NAME);
    return check_verdict("fork-fd");
}
