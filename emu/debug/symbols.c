/*
 * Names for addresses: what rvemu/symbols.h promises. One array over all
 * images, sorted by address; of several symbols at one address the last, of
 * the highest rank, names it.
 */
#include "debug/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/types.h"
#include "machine/elf_file.h"

struct symbol {
    u64 start;
    u64 end;    /* first address behind it */
    u8 rank;    /* of several at one address the highest names it */
    char *name; /* owned */
};

struct rvemu_symbols {
    struct symbol *symbol;
    size_t count;
    size_t room;
};

struct rvemu_symbols *rvemu_symbols_new(void)
{
    return calloc(1, sizeof(struct rvemu_symbols));
}

void rvemu_symbols_free(struct rvemu_symbols *symbols)
{
    if (!symbols)
        return;
    for (size_t i = 0; i < symbols->count; i++)
        free(symbols->symbol[i].name);
    free(symbols->symbol);
    free(symbols);
}

static int compare(const void *left, const void *right)
{
    const struct symbol *a = left, *b = right;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(b->name, a->name);
}

/* Sized functions and objects before labels, globals before locals; 0 for
 * what names no place: sections, files, mapping symbols ($x), local labels. */
static u8 rank_of(const GElf_Sym *sym, const char *name)
{
    unsigned type = GELF_ST_TYPE(sym->st_info);
    bool global = GELF_ST_BIND(sym->st_info) != STB_LOCAL;

    if (!name[0] || name[0] == '$' || !strncmp(name, ".L", 2) ||
        sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE)
        return 0;
    if (type == STT_FUNC || type == STT_OBJECT)
        return global ? 4 : 3;
    if (type == STT_NOTYPE)
        return global ? 2 : 1;
    return 0;
}

static bool append(struct rvemu_symbols *symbols, const struct symbol *symbol)
{
    if (symbols->count == symbols->room) {
        size_t room = symbols->room ? 2 * symbols->room : 256;
        struct symbol *grown =
            realloc(symbols->symbol, room * sizeof(*symbols->symbol));

        if (!grown)
            return false;
        symbols->symbol = grown;
        symbols->room = room;
    }
    symbols->symbol[symbols->count++] = *symbol;
    return true;
}

/* Symbols may share a name, or the end of one, so that names could take any
 * number of times the file's room: the bytes that they may take by and large,
 * and for each symbol. */
#define NAMES_ROOM 0x100000
#define NAME_ROOM 1536

/* An image whose symbols are being added. */
struct source {
    struct rvemu_symbols *symbols;
    u64 bias;
    u64 room;        /* bytes that names may still take */
    const char *why; /* a symbol could not be added */
};

static bool add_symbol(void *self, Elf *elf, const GElf_Sym *sym,
                       const char *name)
{
    struct source *source = self;
    size_t length = strlen(name) + 1;
    struct symbol symbol = {.start = sym->st_value + source->bias,
                            .rank = rank_of(sym, name)};
    Elf_Scn *section = elf_getscn(elf, sym->st_shndx);
    GElf_Shdr header;

    if (!symbol.rank || !section || !gelf_getshdr(section, &header) ||
        !(header.sh_flags & SHF_ALLOC))
        return true;
    symbol.end = symbol.start + sym->st_size;
    if (!sym->st_size)
        symbol.end = header.sh_addr + header.sh_size + source->bias;
    source->room += NAME_ROOM;
    if (length > source->room) {
        source->why = "broken ELF: the names of its symbols have no end";
        return false;
    }
    source->room -= length;
    symbol.name = strdup(name);
    if (symbol.name && append(source->symbols, &symbol))
        return true;
    free(symbol.name);
    source->why = "no memory for its symbols";
    return false;
}

int symbols_add_elf(struct rvemu_symbols *symbols, Elf *elf, const char *name,
                    u64 bias, struct rvemu_error *error)
{
    struct source source = {
        .symbols = symbols, .bias = bias, .room = NAMES_ROOM};
    bool all;

    if (!elf || elf_kind(elf) != ELF_K_ELF)
        return error_set(error, "%s: no ELF file to take symbols from", name);
    all = elf_file_symbols(elf, add_symbol, &source);
    if (symbols->count)
        qsort(symbols->symbol, symbols->count, sizeof(*symbols->symbol),
              compare);
    return all ? 0 : error_set(error, "%s: %s", name, source.why);
}

int rvemu_symbols_add(struct rvemu_symbols *symbols,
                      const struct rvemu_image *source, uint64_t bias,
                      struct rvemu_error *error)
{
    struct image image;
    Elf *elf;
    int result;

    if (image_open(&image, source, "image", error) < 0)
        return -1;
    elf = elf_file_open(&image);
    result = symbols_add_elf(symbols, elf, image.name, bias, error);
    elf_end(elf);
    image_close(&image);
    return result;
}

const char *rvemu_symbols_find(void *self, uint64_t address, uint64_t *offset)
{
    const struct rvemu_symbols *symbols = self;
    size_t low = 0, high = symbols->count;

    while (low < high) { /* all before low start at or below address */
        size_t middle = low + (high - low) / 2;

        if (symbols->symbol[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || address >= symbols->symbol[low - 1].end)
        return NULL;
    *offset = address - symbols->symbol[low - 1].start;
    return symbols->symbol[low - 1].name;
}

int rvemu_symbols_address(const struct rvemu_symbols *symbols, const char *name,
                          uint64_t *address)
{
    const struct symbol *best = NULL;
    bool several = false;

    for (size_t i = 0; i < symbols->count; i++) {
        const struct symbol *symbol = &symbols->symbol[i];

        if (strcmp(symbol->name, name) != 0 ||
            (best && symbol->rank < best->rank))
            continue;
        several = best && symbol->rank == best->rank &&
                  (several || symbol->start != best->start);
        best = symbol;
    }
    if (best)
        *address = best->start;
    return !best ? 1 : several ? 2 : 0;
}

const char *rvemu_symbols_next(const struct rvemu_symbols *symbols,
                               const char *begins, size_t *at)
{
    size_t length = strlen(begins);

    while (*at < symbols->count) {
        const char *name = symbols->symbol[(*at)++].name;

        if (!strncmp(name, begins, length))
            return name;
    }
    return NULL;
}
