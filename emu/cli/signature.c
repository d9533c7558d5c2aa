/*
 * --signature: what architectural tests compare, the memory from the symbol
 * begin_signature up to end_signature at the end of the run.
 *
 * A line holds so many bytes, the one with the highest address first, so that
 * lines of a word show the word; the last one is filled up with zeros. This is
 * the format of riscv-isa-sim, which riscv-arch-test has made a standard.
 *
 * A file appears under its name only when it is whole: it is written beside
 * it and renamed. What is no ordinary file (a pipe, /dev/stdout) is written
 * to as it is.
 */
#include "cli/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int signature_check(const rvemu *machine, struct rvemu_error *error)
{
    uint64_t pa, size;

    if (rvemu_signature(machine, &pa, &size) == 0)
        return 0;
    return rvemu_error_set(
        error, "--signature: the guest has no symbols begin_signature and "
               "end_signature with RAM between them");
}

static void write_line(FILE *out, const uint8_t *bytes, uint64_t count,
                       unsigned line)
{
    for (unsigned i = line; i > 0; i--)
        fprintf(out, "%02x", i <= count ? bytes[i - 1] : 0u);
    fputc('\n', out);
}

static int write_lines(FILE *out, const uint8_t *bytes, uint64_t size,
                       unsigned line)
{
    for (uint64_t at = 0; at < size; at += line)
        write_line(out, bytes + at, size - at, line);
    return fflush(out) || ferror(out) ? -1 : 0;
}

static bool is_ordinary(const char *path)
{
    struct stat status;

    return stat(path, &status) < 0 || S_ISREG(status.st_mode);
}

static int write_in_place(const char *path, const uint8_t *bytes, uint64_t size,
                          unsigned line)
{
    FILE *out = fopen(path, "w");
    int failed;

    if (!out)
        return -1;
    failed = write_lines(out, bytes, size, line);
    return fclose(out) ? -1 : failed;
}

static int write_beside(const char *path, const uint8_t *bytes, uint64_t size,
                        unsigned line)
{
    size_t room = strlen(path) + 32;
    char *name = malloc(room);
    int why, failed;

    if (!name)
        return -1;
    snprintf(name, room, "%s.%ld.part", path, (long)getpid());
    failed = write_in_place(name, bytes, size, line);
    if (!failed)
        failed = rename(name, path);
    why = errno;
    if (failed)
        unlink(name);
    free(name);
    errno = why;
    return failed;
}

int signature_write(const rvemu *machine, const char *path, unsigned line,
                    struct rvemu_error *error)
{
    uint64_t pa, size;
    uint8_t *bytes;
    int failed;

    if (rvemu_signature(machine, &pa, &size) < 0)
        return signature_check(machine, error);
    bytes = malloc(size + 1);
    failed = !bytes || rvemu_read_ram(machine, pa, bytes, size);
    if (!failed && is_ordinary(path))
        failed = write_beside(path, bytes, size, line);
    else if (!failed)
        failed = write_in_place(path, bytes, size, line);
    if (failed)
        rvemu_error_set(error, "cannot write %s: %s", path, strerror(errno));
    free(bytes);
    return failed ? -1 : 0;
}
