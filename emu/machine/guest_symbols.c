/*
 * A guest's symbols, for the few names in guest_symbols.h.
 *
 * A symbol's value is a virtual address; the program header that covers it
 * says where it is loaded. The end of a segment counts as covered if nothing
 * else begins there, since the end of a range may lie there. A value that no
 * header covers stands for itself: a linker script may choose any address.
 */
#include "machine/guest_symbols.h"

#include <string.h>

#include "machine/elf_file.h"

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

/* Of several symbols of one name the first counts. */
static bool keep(void *self, Elf *elf, const GElf_Sym *symbol, const char *name)
{
    struct guest_symbols *out = self;

    for (unsigned i = 0; symbol->st_shndx != SHN_UNDEF && i < SYMBOLS; i++) {
        if (!out->has[i] && !strcmp(name, names[i])) {
            out->has[i] = true;
            out->pa[i] = load_address(elf, symbol->st_value);
        }
    }
    return true;
}

void guest_symbols_find(const struct image *image, struct guest_symbols *out)
{
    Elf *elf = elf_file_open(image);

    *out = (struct guest_symbols){0};
    if (!elf)
        return;
    elf_file_symbols(elf, keep, out);
    elf_end(elf);
}
