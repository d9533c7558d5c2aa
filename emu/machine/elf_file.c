/* ELF files in memory; see elf_file.h. */
#include "machine/elf_file.h"

Elf *elf_file_open(const struct image *image)
{
    elf_version(EV_CURRENT);
    /* libelf only reads through this pointer. */
    return elf_memory((char *)(uintptr_t)image->bytes, image->size);
}

static bool symbols_of(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                       elf_symbol_fn *call, void *self)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Sym symbol;

    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);

        if (name && !call(self, elf, &symbol, name))
            return false;
    }
    return true;
}

/* A file that said of many tables that they lie in one place would have more
 * symbols than bytes. */
bool elf_file_symbols(Elf *elf, elf_symbol_fn *call, void *self)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(elf, section)))
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
            return symbols_of(elf, section, &header, call, self);
    return true;
}
