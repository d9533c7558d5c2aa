/* The files of a --symbols; see symbol_files.h. */
#define _GNU_SOURCE /* asprintf */
#include "cli/symbol_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int refuse(struct rvemu_error *error,
                  const struct options_symbols *option, const char *why)
{
    return rvemu_error_set(error, "--symbols %s: %s", option->text, why);
}

static int take_file(const char *path, const struct options_symbols *option,
                     symbol_file_fn *call, void *self,
                     struct rvemu_error *error)
{
    const struct rvemu_image image = {.path = path};
    enum rvemu_binary_kind kind;
    struct rvemu_error why;

    if (rvemu_binary_kind(&image, option->base, &kind, &why) < 0 ||
        call(self, path, option, kind, &why) < 0)
        return rvemu_error_set(error, "--symbols: %s", why.text);
    return 0;
}

/* Takes a file of a folder, unless it is none of those that count. */
static int take_member(const char *path, const struct options_symbols *option,
                       symbol_file_fn *call, void *self, unsigned *taken,
                       struct rvemu_error *error)
{
    const struct rvemu_image image = {.path = path};
    enum rvemu_binary_kind kind;
    struct rvemu_error ignored;

    if (rvemu_binary_kind(&image, option->base, &kind, &ignored) < 0 ||
        kind == RVEMU_BINARY_DEBUG)
        return 0;
    ++*taken;
    return take_file(path, option, call, self, error);
}

static int take_folder(const char *path, const struct options_symbols *option,
                       symbol_file_fn *call, void *self,
                       struct rvemu_error *error)
{
    struct dirent **entry;
    int count = scandir(path, &entry, NULL, alphasort), failed = 0;
    unsigned taken = 0;

    if (count < 0)
        return refuse(error, option, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *member = NULL;

        if (!failed && asprintf(&member, "%s/%s", path, entry[i]->d_name) < 0)
            failed = refuse(error, option, "out of host memory");
        else if (!failed)
            failed = take_member(member, option, call, self, &taken, error);
        free(member);
        free(entry[i]);
    }
    free(entry);
    if (!failed && !taken)
        return refuse(error, option,
                      "no file in this folder is a linked ELF file for "
                      "64-bit RISC-V");
    return failed;
}

int symbol_files_each(const struct options_symbols *option,
                      symbol_file_fn *call, void *self,
                      struct rvemu_error *error)
{
    char *path = strndup(option->text, (size_t)option->length);
    struct stat status;
    int failed;

    if (!path)
        return refuse(error, option, "out of host memory");
    if (stat(path, &status) < 0)
        failed = refuse(error, option, strerror(errno));
    else if (S_ISDIR(status.st_mode))
        failed = take_folder(path, option, call, self, error);
    else
        failed = take_file(path, option, call, self, error);
    free(path);
    return failed;
}
