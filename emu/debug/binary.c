/*
 * Binaries: what rvemu/binary.h promises, put together from symbols, lines
 * and variables.
 *
 * The file is opened when it is first asked about. What it lacks, symbols or
 * DWARF, is then looked for in its separate debug file, whose addresses are
 * its own.
 *
 * A guest's faults come from few places and go to few: what was found of an
 * address stays at hand, until another takes its place.
 */
#include "debug/binary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/lines.h"
#include "debug/separate.h"
#include "debug/symbols.h"
#include "debug/variables.h"
#include "machine/elf_file.h"

#define ANSWERS 256    /* a power of two */
#define ANSWER_TEXT 96 /* longer names are looked for again */

/* What was found of an address. */
struct answer {
    u64 address;
    enum { OF_PLACE = 1, OF_DATA = 2, OF_OWN = 4 } of; /* what was asked for */
    bool has_place, has_data, is_own;
    struct rvemu_place place;
    char data[ANSWER_TEXT];
};

struct rvemu_binary {
    struct rvemu_image image; /* its path is owned */
    const char *module;
    const char *root;
    bool loaded;
    int failed; /* -1: error says why */
    struct rvemu_error error;
    struct elf_source file;
    struct elf_source separate;
    char *separate_path; /* owned */
    struct rvemu_symbols *symbols;
    bool has_lines;
    struct lines lines;
    struct variables variables;
    struct answer *answer; /* ANSWERS, by a hash of the address; or NULL */
};

int binary_check(const struct elf_source *source, u64 *low,
                 struct rvemu_error *error)
{
    GElf_Ehdr header;
    bool loads = false;

    if (gelf_getclass(source->elf) != ELFCLASS64 ||
        !gelf_getehdr(source->elf, &header) ||
        header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_RISCV)
        return error_set(error, "%s: is no ELF file for 64-bit RISC-V",
                         source->name);
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        return error_set(error, "%s: is not linked: names need addresses",
                         source->name);
    if (header.e_phnum > ELF_FILE_SEGMENTS_MAX)
        return error_set(error, "%s: more than %zu program headers",
                         source->name, ELF_FILE_SEGMENTS_MAX);
    *low = UINT64_MAX;
    for (int i = 0; i < header.e_phnum; i++) {
        GElf_Phdr segment;

        if (!gelf_getphdr(source->elf, i, &segment) ||
            segment.p_type != PT_LOAD || !segment.p_memsz)
            continue;
        loads = true;
        if (segment.p_vaddr < *low)
            *low = segment.p_vaddr;
    }
    if (loads)
        return 0;
    return error_set(error, "%s: has no loadable segment", source->name);
}

int rvemu_binary_kind(const struct rvemu_image *image, uint64_t base,
                      enum rvemu_binary_kind *kind, struct rvemu_error *error)
{
    struct elf_source source;
    u64 low;
    int failed;

    if (elf_source_open(&source, image, error) < 0)
        return -1;
    failed = binary_check(&source, &low, error);
    if (!failed && low + base >= BINARY_KERNEL_BASE)
        *kind = RVEMU_BINARY_KERNEL;
    else if (!failed)
        *kind = elf_source_is_debug_only(&source) ? RVEMU_BINARY_DEBUG
                                                  : RVEMU_BINARY_PROGRAM;
    elf_source_close(&source);
    return failed;
}

struct rvemu_binary *binary_new(const struct rvemu_image *image,
                                const char *module, const char *root)
{
    struct rvemu_binary *b = calloc(1, sizeof(*b));

    if (!b)
        return NULL;
    b->image = *image;
    b->module = module;
    b->root = root;
    b->symbols = rvemu_symbols_new();
    if (image->path)
        b->image.path = strdup(image->path);
    if (b->symbols && !image->path == !b->image.path)
        return b;
    rvemu_binary_free(b);
    return NULL;
}

struct rvemu_binary *rvemu_binary_new(const struct rvemu_image *image)
{
    return binary_new(image, LIBDW_MODULE, SEPARATE_ROOT);
}

void rvemu_binary_free(struct rvemu_binary *b)
{
    if (!b)
        return;
    free(b->answer);
    variables_free(&b->variables);
    lines_close(&b->lines);
    rvemu_symbols_free(b->symbols);
    elf_source_close(&b->separate);
    elf_source_close(&b->file);
    free(b->separate_path);
    free((char *)(uintptr_t)b->image.path);
    free(b);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *rvemu_binary_name(const struct rvemu_binary *b)
{
    return b->image.path ? last_part(b->image.path) : "image";
}

static int load(struct rvemu_binary *b, struct rvemu_error *error)
{
    const struct elf_source *named = &b->file, *described = &b->file;

    if (elf_source_open(&b->file, &b->image, error) < 0)
        return -1;
    if ((!elf_source_has_symbols(&b->file) ||
         !elf_source_has_debug(&b->file)) &&
        separate_open(&b->file, b->root, &b->separate, &b->separate_path)) {
        if (!elf_source_has_symbols(&b->file))
            named = &b->separate;
        if (!elf_source_has_debug(&b->file))
            described = &b->separate;
    }
    if (symbols_add_elf(b->symbols, named->elf, named->name, 0, error) < 0)
        return -1;
    if (!elf_source_has_debug(described))
        return 0;
    if (lines_open(&b->lines, described, b->module, error) < 0)
        return -1;
    b->has_lines = true;
    return 0;
}

int rvemu_binary_load(struct rvemu_binary *b, struct rvemu_error *error)
{
    if (!b->loaded)
        b->failed = load(b, &b->error);
    b->loaded = true;
    if (b->failed)
        *error = b->error;
    return b->failed;
}

bool rvemu_binary_has_symbol(struct rvemu_binary *b, const char *name)
{
    struct rvemu_error ignored;
    u64 address;

    rvemu_binary_load(b, &ignored);
    return rvemu_symbols_address(b->symbols, name, &address) != 1;
}

/* Whether the file has anything to say of an address: units and variables
 * that the linker left out are still described, at address 0. */
static bool prepare(struct rvemu_binary *b, u64 address)
{
    struct rvemu_error ignored;
    size_t count;

    rvemu_binary_load(b, &ignored);
    if (!b->file.elf || elf_getphdrnum(b->file.elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;

        if (gelf_getphdr(b->file.elf, (int)i, &segment) &&
            segment.p_type == PT_LOAD &&
            address - segment.p_vaddr < segment.p_memsz)
            return true;
    }
    return false;
}

/* Where what is found of an address is kept; NULL when memory is lacking. */
static struct answer *answer_of(struct rvemu_binary *b, u64 address)
{
    struct answer *answer;

    if (!b->answer)
        b->answer = calloc(ANSWERS, sizeof(*b->answer));
    if (!b->answer)
        return NULL;
    answer = &b->answer[(address * 0x9e3779b97f4a7c15) >> 32 & (ANSWERS - 1)];
    if (answer->address != address)
        *answer = (struct answer){.address = address};
    return answer;
}

static bool find_place(struct rvemu_binary *b, u64 address,
                       struct rvemu_place *place)
{
    *place = (struct rvemu_place){0};
    if (!prepare(b, address))
        return false;
    place->symbol = rvemu_symbols_find(b->symbols, address, &place->offset);
    if (b->has_lines &&
        lines_find(&b->lines, address, &place->path, &place->line))
        place->file = last_part(place->path);
    return place->symbol || place->path;
}

bool rvemu_binary_place(struct rvemu_binary *b, uint64_t address,
                        struct rvemu_place *place)
{
    struct answer *answer = answer_of(b, address);

    if (!answer)
        return find_place(b, address, place);
    if (!(answer->of & OF_PLACE))
        answer->has_place = find_place(b, address, &answer->place);
    answer->of |= OF_PLACE;
    *place = answer->place;
    return answer->has_place;
}

static bool find_data(struct rvemu_binary *b, u64 address, char *out,
                      size_t size)
{
    const char *symbol;
    u64 offset;

    *out = '\0';
    if (!prepare(b, address))
        return false;
    if (b->has_lines &&
        variables_name(&b->variables, &b->lines, address, out, size))
        return true;
    symbol = rvemu_symbols_find(b->symbols, address, &offset);
    if (symbol && offset)
        snprintf(out, size, "%s+0x%" PRIx64, symbol, offset);
    else if (symbol)
        snprintf(out, size, "%s", symbol);
    return symbol != NULL;
}

bool rvemu_binary_data(struct rvemu_binary *b, uint64_t address, char *out,
                       size_t size)
{
    struct answer *answer = answer_of(b, address);

    if (!answer)
        return find_data(b, address, out, size);
    if (!(answer->of & OF_DATA))
        answer->has_data = find_data(b, address, answer->data, ANSWER_TEXT);
    answer->of |= OF_DATA;
    if (strlen(answer->data) == ANSWER_TEXT - 1)
        return find_data(b, address, out, size);
    snprintf(out, size, "%s", answer->data);
    return answer->has_data;
}

static bool find_own(struct rvemu_binary *b, u64 address)
{
    return prepare(b, address) && b->has_lines &&
           (lines_cover(&b->lines, address) ||
            variables_cover(&b->variables, &b->lines, address));
}

bool rvemu_binary_is_own(struct rvemu_binary *b, uint64_t address)
{
    struct answer *answer = answer_of(b, address);

    if (!answer)
        return find_own(b, address);
    if (!(answer->of & OF_OWN))
        answer->is_own = find_own(b, address);
    answer->of |= OF_OWN;
    return answer->is_own;
}

bool rvemu_binary_tells_own(struct rvemu_binary *b)
{
    struct rvemu_error ignored;

    rvemu_binary_load(b, &ignored);
    return b->has_lines;
}

bool rvemu_binary_own_near(struct rvemu_binary *b, uint64_t first,
                           uint64_t last, char *out, size_t size)
{
    u64 address;

    *out = '\0';
    if (!rvemu_binary_tells_own(b) ||
        !variables_meet(&b->variables, &b->lines, first, last, &address) ||
        !prepare(b, address) ||
        !variables_name(&b->variables, &b->lines, address, out, size))
        return false;
    out[strcspn(out, ".[+")] = '\0';
    return *out != '\0';
}
