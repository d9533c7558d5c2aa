/*
 * maps [PID]: a process's memory areas, from /proc/PID/maps; its own when
 * no number is given.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/check.h"

static char buffer[4096];

int main(int argc, char **argv)
{
    char path[64];
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/maps", argc > 1 ? argv[1] : "self");
    fd = open(path, O_RDONLY);
    if (fd < 0)
        die(path);
    while ((n = read(fd, buffer, sizeof(buffer))) > 0)
        if (write(STDOUT_FILENO, buffer, n) != n)
            die("write");
    return 0;
}
