/*
 * A user program, packed for the bundled kernel; see user_program.h.
 *
 * The entries of ours go in front of the archive's trailer (cpio.h). The
 * program's data lies on a page, so that the kernel can map it where it is.
 */
#include "cli/user_program.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cpio.h"

#define PAGE 4096
#define FOLDER "app"

static int refuse(struct rvemu_error *error, const char *path, const char *why)
{
    return rvemu_error_set(error, "%s: %s", path, why);
}

/* Where the trailer of an archive starts; its size if it has none. */
static size_t find_trailer(const struct rvemu_image *archive)
{
    struct cpio_entry entry;
    size_t at = 0;

    while (cpio_next(archive, &at, &entry))
        continue;
    return at;
}

/* Zeros up to the next multiple of boundary. */
static void write_padding(FILE *out, long boundary)
{
    while (ftell(out) % boundary)
        fputc(0, out);
}

/* The name is followed by as many zeros as put the data on a boundary. */
static void write_entry(FILE *out, const char *name, unsigned mode,
                        const void *data, size_t size, size_t boundary)
{
    size_t start = (size_t)ftell(out) + CPIO_HEADER;
    size_t data_at = start + strlen(name) + 1;

    data_at = (data_at + boundary - 1) / boundary * boundary;
    fprintf(out, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
            0u, mode, 0u, 0u, 1u, 0u, size, 0u, 0u, 0u, 0u, data_at - start,
            0u);
    fwrite(name, 1, strlen(name) + 1, out);
    write_padding(out, (long)boundary);
    fwrite(data, 1, size, out);
    write_padding(out, 4);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int pack(struct user_program *program, const struct rvemu_image *initrd,
                const struct rvemu_image *file, struct rvemu_error *error)
{
    char *archive = NULL, name[256];
    size_t length;
    FILE *out = open_memstream(&archive, &length);

    snprintf(name, sizeof(name), FOLDER "/%s", base_name(file->path));
    if (out) {
        fwrite(initrd->data, 1, find_trailer(initrd), out);
        write_entry(out, FOLDER, 0040755, "", 0, 4);
        write_entry(out, name, 0100755, file->data, file->size, PAGE);
        write_entry(out, CPIO_TRAILER, 0, "", 0, 4);
    }
    if (!out || fclose(out) != 0) {
        free(archive);
        return refuse(error, file->path, "out of host memory");
    }
    program->initrd = (struct rvemu_image){.data = archive, .size = length};
    return 0;
}

/* The kernel splits its command line at blanks and knows no quotes. */
static bool is_one_word(const char *text)
{
    for (const char *at = text; *at; at++)
        if (isspace((unsigned char)*at))
            return false;
    return *text != '\0';
}

static int write_bootargs(struct user_program *program, const char *path,
                          char **arguments, int count, const char *bootargs,
                          struct rvemu_error *error)
{
    size_t length;
    FILE *out = open_memstream(&program->bootargs, &length);

    if (!out)
        return refuse(error, path, "out of host memory");
    if (bootargs)
        fprintf(out, "%s ", bootargs);
    fprintf(out, "init=/" FOLDER "/%s", base_name(path));
    for (int i = 0; i < count; i++)
        fprintf(out, " %s", arguments[i]);
    return fclose(out) == 0 ? 0 : refuse(error, path, "out of host memory");
}

int user_program_open(struct user_program *program,
                      const struct rvemu_image *initrd,
                      const struct rvemu_image *file, char **arguments,
                      int count, const char *bootargs,
                      struct rvemu_error *error)
{
    const char *path = file->path;

    *program = (struct user_program){0};
    if (!is_one_word(base_name(path)))
        return refuse(error, path, "a program's name may have no blanks");
    for (int i = 0; i < count; i++)
        if (!is_one_word(arguments[i]))
            return refuse(error, path,
                          "its arguments may not be empty or have blanks: "
                          "they travel on the kernel's command line");
    if (pack(program, initrd, file, error) < 0 ||
        write_bootargs(program, path, arguments, count, bootargs, error) < 0) {
        user_program_close(program);
        return -1;
    }
    return 0;
}

void user_program_close(struct user_program *program)
{
    free((void *)program->initrd.data);
    free(program->bootargs);
    *program = (struct user_program){0};
}
