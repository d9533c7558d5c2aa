/*
 * The symbol table of a guest, for the few names in symbols.h.
 *
 * A symbol's value is a virtual address; the program header that covers it
 * says where it is loaded. The end of a segment counts as covered if nothing
 * else begins there, since the end of a range may lie there. A value that none
 * covers stands for itself: a linker script may choose any address.
 */
#include "machine/symbols.h"

#include <string.h>

#include <gelf.h>

static const char *const names[SYMBOLS] = {
    [SYMBOL_TOHOST] = "tohost",
    [SYMBOL_FROMHOST] = "fromhost",
    [SYMBOL_BEGIN_SIGNATURE] = "begin_signature",
    [SYMBOL_END_SIGNATURE] = "end_signature",
};

static bool covers(const GElf_Phdr *segment, u64 va, bool at_end)
{
    u64 offset = va - segment->p_vaddr;

    if (segment->p_type != PT_LOAD)
        return false;
    return at_end ? offset == segment->p_memsz : offset < segment->p_memsz;
}

static u64 load_address(Elf *elf, u64 va)
{
    size_t count;

    if (elf_getphdrnum(elf, &count) != 0)
        return va;
    for (int at_end = 0; at_end <= 1; at_end++) {
        for (size_t i = 0; i < count; i++) {
            GElf_Phdr segment;

            if (gelf_getphdr(elf, (int)i, &segment) &&
                covers(&segment, va, at_end))
                return va - segment.p_vaddr + segment.p_paddr;
        }
    }
    return va;
}

static void keep(Elf *elf, const GElf_Sym *symbol, const char *name,
                 struct guest_symbols *out)
{
    if (!name || symbol->st_shndx == SHN_UNDEF)
        return;
    for (unsigned i = 0; i < SYMBOLS; i++) {
        if (!out->has[i] && !strcmp(name, names[i])) {
            out->has[i] = true;
            out->pa[i] = load_address(elf, symbol->st_value);
        }
    }
}

static void search(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                   struct guest_symbols *out)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Sym symbol;

    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++)
        keep(elf, &symbol, elf_strptr(elf, header->sh_link, symbol.st_name),
             out);
}

void guest_symbols_find(const struct image *image, struct guest_symbols *out)
{
    Elf_Scn *section = NULL;
    Elf *elf;

    *out = (struct guest_symbols){0};
    elf_version(EV_CURRENT);
    /* libelf only reads through this pointer. */
    elf = elf_memory((char *)(uintptr_t)image->bytes, image->size);
    if (!elf)
        return;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr header;

        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
            search(elf, section, &header, out);
    }
    elf_end(elf);
}
