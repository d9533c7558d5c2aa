/*
 * wc [-lwc] [file …]: counts lines, words and bytes.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct counts {
    long lines, words, bytes;
};

static char buffer[4096];
static bool show_lines, show_words, show_bytes;

static int count(int fd, struct counts *out)
{
    bool in_word = false;
    ssize_t n;

    memset(out, 0, sizeof(*out));
    while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
        out->bytes += n;
        for (ssize_t i = 0; i < n; i++) {
            bool space = isspace((unsigned char)buffer[i]);

            out->lines += buffer[i] == '\n';
            out->words += !space && !in_word;
            in_word = !space;
        }
    }
    return n < 0 ? -1 : 0;
}

static void show(const struct counts *counts, const char *name)
{
    const char *between = "";

    if (show_lines) {
        printf("%ld", counts->lines);
        between = " ";
    }
    if (show_words) {
        printf("%s%ld", between, counts->words);
        between = " ";
    }
    if (show_bytes)
        printf("%s%ld", between, counts->bytes);
    printf(name != NULL ? " %s\n" : "\n", name);
}

static int fail(const char *name)
{
    fprintf(stderr, "wc: %s: %s\n", name, strerror(errno));
    return 1;
}

static int count_file(const char *name)
{
    struct counts counts;
    int fd = open(name, O_RDONLY);
    int result;

    if (fd < 0)
        return fail(name);
    result = count(fd, &counts);
    close(fd);
    if (result < 0)
        return fail(name);
    show(&counts, name);
    return 0;
}

int main(int argc, char **argv)
{
    struct counts counts;
    int status = 0;
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        show_lines |= strchr(argv[i], 'l') != NULL;
        show_words |= strchr(argv[i], 'w') != NULL;
        show_bytes |= strchr(argv[i], 'c') != NULL;
    }
    if (!show_lines && !show_words && !show_bytes)
        show_lines = show_words = show_bytes = true;
    if (i == argc) {
        if (count(STDIN_FILENO, &counts) < 0)
            return fail("standard input");
        show(&counts, NULL);
    }
    for (; i < argc; i++)
        status |= count_file(argv[i]);
    return status;
}
