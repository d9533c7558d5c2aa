/* ELF files for fuzzers; see elf_maker.h. ELF specification; RISC-V ELF psABI,
 * "Attributes". */
#include "elf_maker.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MAX 12
#define RISCV_ATTRIBUTES 0x70000003 /* SHT_RISCV_ATTRIBUTES */

void buffer_put(struct buffer *b, const void *bytes, size_t count)
{
    if (b->size + count > b->room) {
        b->room = 2 * (b->size + count);
        b->bytes = realloc(b->bytes, b->room);
        if (!b->bytes)
            abort();
    }
    if (bytes)
        memcpy(b->bytes + b->size, bytes, count);
    else
        memset(b->bytes + b->size, 0, count);
    b->size += count;
}

void buffer_number(struct buffer *b, u64 value, unsigned count)
{
    u8 bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (u8)(value >> 8 * i);
    buffer_put(b, bytes, count);
}

static void align(struct buffer *b)
{
    buffer_put(b, NULL, -b->size % 8);
}

/* A file under construction. */
struct making {
    const struct elf_maker *recipe;
    struct buffer *out;
    struct buffer names; /* of sections */
    unsigned sections;
    Elf64_Shdr section[SECTIONS_MAX];
};

/* Appends a section and returns its header, for more to be said of it. */
static Elf64_Shdr *add(struct making *m, const char *name, u32 type,
                       const struct buffer *content)
{
    Elf64_Shdr *section = &m->section[m->sections++];

    align(m->out);
    *section = (Elf64_Shdr){.sh_name = (u32)m->names.size,
                            .sh_type = type,
                            .sh_offset = m->out->size,
                            .sh_size = content->size,
                            .sh_addralign = 8};
    buffer_put(&m->names, name, strlen(name) + 1);
    buffer_put(m->out, content->bytes, content->size);
    return section;
}

static void add_and_drop(struct making *m, const char *name, u32 type,
                         struct buffer *content)
{
    add(m, name, type, content);
    free(content->bytes);
}

/* Segments: their headers stand behind the file's, and their bytes here. */
static void add_segments(struct making *m)
{
    static const u8 note[] = {4, 0, 0,   0,   4,   0, 0, 0, 3, 0,
                              0, 0, 'G', 'N', 'U', 0, 1, 2, 3, 4};
    const struct elf_maker *recipe = m->recipe;

    for (unsigned i = 0; i < recipe->segments; i++) {
        const struct elf_maker_segment *s = &recipe->segment[i];
        Elf64_Phdr header = {.p_type = s->type,
                             .p_flags = s->flags,
                             .p_vaddr = s->va,
                             .p_paddr = s->pa,
                             .p_offset = m->out->size,
                             .p_filesz = s->filled,
                             .p_memsz = s->size};

        if (s->type == PT_NOTE) {
            header.p_filesz = header.p_memsz = sizeof(note);
            buffer_put(m->out, note, sizeof(note));
        }
        for (u64 at = 0; s->type != PT_NOTE && at < s->filled; at += 8)
            buffer_number(m->out, 0x0000001300000013 + at, 8);
        if (i == 0 && recipe->maps_headers) {
            header.p_offset = 0;
            header.p_filesz = m->out->size;
            if (header.p_memsz < header.p_filesz)
                header.p_memsz = header.p_filesz;
        }
        memcpy(m->out->bytes + sizeof(Elf64_Ehdr) + i * sizeof(header), &header,
               sizeof(header));
    }
}

static void add_text(struct making *m)
{
    const struct elf_maker_segment *first = &m->recipe->segment[0];
    const struct buffer none = {0};
    Elf64_Shdr *text = add(m, ".text", SHT_PROGBITS, &none);

    text->sh_flags = SHF_ALLOC | SHF_EXECINSTR;
    text->sh_addr = first->va;
    text->sh_offset =
        sizeof(Elf64_Ehdr) + m->recipe->segments * sizeof(Elf64_Phdr);
    text->sh_size = first->filled;
}

static void add_symbols(struct making *m)
{
    static const struct {
        const char *name;
        unsigned offset, size, info;
    } symbols[] = {
        {"tohost", 0x80, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT)},
        {"fromhost", 0x88, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT)},
        {"begin_signature", 0x90, 0, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE)},
        {"end_signature", 0xa0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE)},
        {"main", 0, ELF_MAKER_CODE, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)},
        {"table", 0x40, 40, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT)},
        {"$x", 0, 0, ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE)},
    };
    struct buffer table = {0}, names = {0};
    Elf64_Shdr *section;

    buffer_put(&table, NULL, sizeof(Elf64_Sym));
    buffer_put(&names, NULL, 1);
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        const Elf64_Sym symbol = {.st_name = (u32)names.size,
                                  .st_info = (u8)symbols[i].info,
                                  .st_shndx = 1,
                                  .st_value = m->recipe->segment[0].va +
                                              symbols[i].offset,
                                  .st_size = symbols[i].size};

        buffer_put(&table, &symbol, sizeof(symbol));
        buffer_put(&names, symbols[i].name, strlen(symbols[i].name) + 1);
    }
    section = add(m, ".symtab", SHT_SYMTAB, &table);
    section->sh_link = m->sections;
    section->sh_entsize = sizeof(Elf64_Sym);
    free(table.bytes);
    add_and_drop(m, ".strtab", SHT_STRTAB, &names);
}

static void add_attributes(struct making *m)
{
    static const char arch[] = "rv64i2p1_m2p0_a2p1_c2p0_zicsr2p0";
    struct buffer content = {0};
    u32 inner = (u32)(1 + 4 + 1 + sizeof(arch));

    buffer_number(&content, 'A', 1);
    buffer_number(&content, 4 + sizeof("riscv") + inner, 4);
    buffer_put(&content, "riscv", sizeof("riscv"));
    buffer_number(&content, 1, 1);
    buffer_number(&content, inner, 4);
    buffer_number(&content, 5, 1);
    buffer_put(&content, arch, sizeof(arch));
    add_and_drop(m, ".riscv.attributes", RISCV_ATTRIBUTES, &content);
}

static void add_build_id(struct making *m)
{
    struct buffer content = {0};

    buffer_number(&content, 4, 4);
    buffer_number(&content, 20, 4);
    buffer_number(&content, NT_GNU_BUILD_ID, 4);
    buffer_put(&content, "GNU", 4);
    buffer_put(&content, NULL, 20);
    add_and_drop(m, ".note.gnu.build-id", SHT_NOTE, &content);
}

static void add_link(struct making *m)
{
    struct buffer content = {0};

    buffer_put(&content, "x.debug", 8);
    buffer_number(&content, 0x12345678, 4);
    add_and_drop(m, ".gnu_debuglink", SHT_PROGBITS, &content);
}

static void add_dwarf(struct making *m)
{
    struct buffer info = {0}, abbrev = {0}, line = {0};

    dwarf_maker_make(m->recipe->segment[0].va, &info, &abbrev, &line);
    add_and_drop(m, ".debug_info", SHT_PROGBITS, &info);
    add_and_drop(m, ".debug_abbrev", SHT_PROGBITS, &abbrev);
    add_and_drop(m, ".debug_line", SHT_PROGBITS, &line);
}

static void finish(struct making *m)
{
    Elf64_Ehdr header = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = m->recipe->type,
        .e_machine = EM_RISCV,
        .e_version = EV_CURRENT,
        .e_entry = m->recipe->entry,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (u16)m->recipe->segments,
        .e_shentsize = sizeof(Elf64_Shdr),
    };
    struct buffer names = m->names;
    Elf64_Shdr *section;

    buffer_put(&m->names, ".shstrtab", sizeof(".shstrtab"));
    section = add(m, "", SHT_STRTAB, &m->names);
    section->sh_name = (u32)names.size;
    align(m->out);
    header.e_shoff = m->out->size;
    header.e_shnum = (u16)m->sections;
    header.e_shstrndx = (u16)(m->sections - 1);
    buffer_put(m->out, m->section, m->sections * sizeof(m->section[0]));
    memcpy(m->out->bytes, &header, sizeof(header));
    free(m->names.bytes);
}

void elf_maker_make(const struct elf_maker *recipe, struct buffer *out)
{
    struct making m = {.recipe = recipe, .out = out, .sections = 1};

    buffer_put(&m.names, NULL, 1);
    buffer_put(out, NULL,
               sizeof(Elf64_Ehdr) + recipe->segments * sizeof(Elf64_Phdr));
    add_segments(&m);
    if (recipe->segments)
        add_text(&m);
    if (recipe->segments && recipe->has_symbols)
        add_symbols(&m);
    if (recipe->has_attributes)
        add_attributes(&m);
    if (recipe->has_build_id)
        add_build_id(&m);
    if (recipe->has_link)
        add_link(&m);
    if (recipe->segments && recipe->has_dwarf)
        add_dwarf(&m);
    finish(&m);
}
