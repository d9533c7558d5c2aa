/*
 * A user program, packed for the bundled kernel; see user_program.h.
 *
 * The entries of ours go in front of the archive's trailer (cpio.h). The
 * program's data lies on a page, so that the kernel can map it where it is.
 */
#include "cli/user_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cpio.h"

#define PAGE 4096
#define FOLDER "app"
#define ARGV "argv"
#define BOOT_ARGV_MAX 2000000 /* as the kernel has it, in uapi/boot.h */

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

/* What the kernel hands to the program: its path and the arguments, each with
 * its NUL. */
static void write_arguments(FILE *out, const char *path, char **arguments,
                            int count)
{
    fprintf(out, "/" FOLDER "/%s%c", base_name(path), 0);
    for (int i = 0; i < count; i++)
        fprintf(out, "%s%c", arguments[i], 0);
}

static int pack(struct user_program *program, const struct rvemu_image *initrd,
                const struct rvemu_image *file, const struct rvemu_image *argv,
                struct rvemu_error *error)
{
    char *archive = NULL, name[512];
    size_t length;
    FILE *out = open_memstream(&archive, &length);

    snprintf(name, sizeof(name), FOLDER "/%s", base_name(file->path));
    if (out) {
        fwrite(initrd->data, 1, find_trailer(initrd), out);
        write_entry(out, FOLDER, 0040755, "", 0, 4);
        write_entry(out, name, 0100755, file->data, file->size, PAGE);
        write_entry(out, ARGV, 0100444, argv->data, argv->size, 4);
        write_entry(out, CPIO_TRAILER, 0, "", 0, 4);
    }
    if (!out || fclose(out) != 0) {
        free(archive);
        return refuse(error, file->path, "out of host memory");
    }
    program->initrd = (struct rvemu_image){.data = archive, .size = length};
    return 0;
}

static int write_bootargs(struct user_program *program, const char *path,
                          const char *bootargs, struct rvemu_error *error)
{
    const char *before = bootargs ? bootargs : "";
    size_t room = strlen(before) + sizeof(" argv=/" ARGV);

    program->bootargs = malloc(room);
    if (!program->bootargs)
        return refuse(error, path, "out of host memory");
    snprintf(program->bootargs, room, "%s%sargv=/" ARGV, before,
             *before ? " " : "");
    return 0;
}

/* Packs with the arguments in memory. */
static int pack_all(struct user_program *program,
                    const struct rvemu_image *initrd,
                    const struct rvemu_image *file,
                    const struct rvemu_image *argv, const char *bootargs,
                    struct rvemu_error *error)
{
    if (argv->size > BOOT_ARGV_MAX)
        return rvemu_error_set(error,
                               "%s: its name and arguments have %zu bytes; the "
                               "bundled kernel takes %d",
                               file->path, argv->size, BOOT_ARGV_MAX);
    if (pack(program, initrd, file, argv, error) < 0 ||
        write_bootargs(program, file->path, bootargs, error) < 0) {
        user_program_close(program);
        return -1;
    }
    return 0;
}

int user_program_open(struct user_program *program,
                      const struct rvemu_image *initrd,
                      const struct rvemu_image *file, char **arguments,
                      int count, const char *bootargs,
                      struct rvemu_error *error)
{
    struct rvemu_image argv = {0};
    char *text = NULL;
    FILE *out = open_memstream(&text, &argv.size);
    int status;

    *program = (struct user_program){0};
    if (out)
        write_arguments(out, file->path, arguments, count);
    if (!out || fclose(out) != 0) {
        free(text);
        return refuse(error, file->path, "out of host memory");
    }
    argv.data = text;
    status = pack_all(program, initrd, file, &argv, bootargs, error);
    free(text);
    return status;
}

void user_program_close(struct user_program *program)
{
    free((void *)program->initrd.data);
    free(program->bootargs);
    *program = (struct user_program){0};
}
