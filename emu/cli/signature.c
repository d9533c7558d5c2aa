/*
 * --signature: what architectural tests compare, the memory from the symbol
 * begin_signature up to end_signature at the end of the run.
 *
 * A line holds so many bytes, the one with the highest address first, so that
 * lines of a word show the word; the last one is filled up with zeros. This is
 * the format of riscv-isa-sim, which riscv-arch-test has made a standard.
 */
#include "cli/signature.h"

#include <stdlib.h>

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

int signature_write(const rvemu *machine, struct outfile *out, unsigned line,
                    struct rvemu_error *error)
{
    const char *path = out->path;
    uint64_t pa, size;
    uint8_t *bytes;

    if (rvemu_signature(machine, &pa, &size) < 0)
        return signature_check(machine, error);
    bytes = malloc(size + 1);
    if (!bytes || rvemu_read_ram(machine, pa, bytes, size) < 0) {
        free(bytes);
        return rvemu_error_set(error, "cannot write %s: %s", path,
                               "out of host memory");
    }
    for (uint64_t at = 0; at < size; at += line)
        write_line(out->file, bytes + at, size - at, line);
    free(bytes);
    return outfile_close(out, error);
}
