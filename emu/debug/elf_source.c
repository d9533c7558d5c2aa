/* ELF files that stay open; see elf_source.h. */
#include "debug/elf_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe would wait, and libelf seeks: only a regular file will do. */
static int open_regular(const char *path, struct rvemu_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;

    if (fd < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close(fd);
    return error_set(error, "%s: is no regular file", path);
}

int elf_source_open(struct elf_source *source, const struct rvemu_image *image,
                    struct rvemu_error *error)
{
    *source = (struct elf_source){.name = image->path ? image->path : "image",
                                  .path = image->path,
                                  .fd = -1};
    elf_version(EV_CURRENT);
    if (image->data) {
        /* libelf only reads through this pointer. */
        source->elf = elf_memory((char *)(uintptr_t)image->data, image->size);
    } else {
        source->fd = open_regular(image->path, error);
        if (source->fd < 0)
            return -1;
        source->elf = elf_begin(source->fd, ELF_C_READ, NULL);
    }
    if (source->elf && elf_kind(source->elf) == ELF_K_ELF)
        return 0;
    error_set(error, "%s: is no ELF file", source->name);
    elf_source_close(source);
    return -1;
}

void elf_source_close(struct elf_source *source)
{
    if (!source->name)
        return;
    elf_end(source->elf);
    if (source->fd >= 0)
        close(source->fd);
    *source = (struct elf_source){0};
}

Elf_Scn *elf_source_section(const struct elf_source *source, const char *name)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    size_t names;

    if (elf_getshdrstrndx(source->elf, &names) < 0)
        return NULL;
    while ((section = elf_nextscn(source->elf, section))) {
        const char *found = NULL;

        if (gelf_getshdr(section, &header) && header.sh_type != SHT_NOBITS)
            found = elf_strptr(source->elf, names, header.sh_name);
        if (found && !strcmp(found, name))
            return section;
    }
    return NULL;
}

bool elf_source_has_debug(const struct elf_source *source)
{
    return elf_source_section(source, ".debug_info") ||
           elf_source_section(source, ".zdebug_info");
}

bool elf_source_is_debug_only(const struct elf_source *source)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    bool is_hollow = false;

    while ((section = elf_nextscn(source->elf, section))) {
        if (!gelf_getshdr(section, &header) ||
            !(header.sh_flags & SHF_EXECINSTR))
            continue;
        if (header.sh_type != SHT_NOBITS)
            return false;
        is_hollow = true;
    }
    return is_hollow;
}

bool elf_source_has_symbols(const struct elf_source *source)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(source->elf, section)))
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
            return true;
    return false;
}
