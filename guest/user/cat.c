/*
 * cat [file …]: copies files, or standard input, to standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char buffer[4096];

static int fail(const char *name)
{
    fprintf(stderr, "cat: %s: %s\n", name, strerror(errno));
    return 1;
}

static int copy(int fd, const char *name)
{
    ssize_t n;

    while ((n = read(fd, buffer, sizeof(buffer))) > 0)
        for (ssize_t done = 0, m; done < n; done += m)
            if ((m = write(STDOUT_FILENO, buffer + done, n - done)) < 0)
                return fail("standard output");
    return n < 0 ? fail(name) : 0;
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc == 1)
        return copy(STDIN_FILENO, "standard input");
    for (int i = 1; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);

        if (fd < 0) {
            status = fail(argv[i]);
            continue;
        }
        status |= copy(fd, argv[i]);
        close(fd);
    }
    return status;
}
