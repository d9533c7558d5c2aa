/*
 * The extensions in the attributes of an ELF file (RISC-V ELF psABI,
 * "Attributes"; the frame around them is the Arm ABI's):
 *
 *   'A'  { u32 size, "riscv\0",  { uleb128 1, u32 size, attributes }… }…
 *
 * Sizes count from their own struct's first byte. An attribute is a tag and a
 * value, both uleb128 but for odd tags, whose value is a string. Tag 5 is the
 * ISA string: "rv64i2p1_m2p0_zicsr2p0", with a version behind each name.
 */
#include "machine/elf_arch.h"

#include <ctype.h>
#include <string.h>

#include "base/bits.h"
#include "isa/ext.h"
#include "machine/elf_file.h"

#define SECTION_ATTRIBUTES 0x70000003 /* SHT_RISCV_ATTRIBUTES */
#define FORMAT 'A'
#define VENDOR "riscv"
#define TAG_FILE 1
#define TAG_ARCH 5

struct bytes {
    const u8 *at, *end;
};

/* A number or string that does not end within the bytes reads as 0 or "", and
 * no bytes are left then. */
static u64 take_number(struct bytes *b)
{
    u64 value = 0;

    for (unsigned shift = 0; b->at < b->end && shift < 64; shift += 7) {
        u8 byte = *b->at++;

        value |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    b->at = b->end;
    return 0;
}

static const char *take_string(struct bytes *b)
{
    const u8 *start = b->at, *nul = memchr(start, 0, (size_t)(b->end - start));

    b->at = nul ? nul + 1 : b->end;
    return nul ? (const char *)start : "";
}

/* The part that begins at b->at, before which `head` bytes of it lie. */
static struct bytes take_part(struct bytes *b, size_t head)
{
    size_t left = (size_t)(b->end - b->at);
    size_t size = left < 4 ? 0 : load_le32(b->at);
    struct bytes part = {b->end, b->end};

    if (size >= head + 4 && size - head <= left)
        part = (struct bytes){b->at + 4, b->at + (size - head)};
    b->at = part.end;
    return part;
}

/* The ISA string among attributes, or NULL. */
static const char *arch_among(struct bytes b)
{
    while (b.at < b.end) {
        u64 tag = take_number(&b);

        if (tag == TAG_ARCH)
            return take_string(&b);
        if (tag % 2)
            take_string(&b);
        else
            take_number(&b);
    }
    return NULL;
}

/* The ISA string of the whole file, or "". */
static const char *find_arch(struct bytes b)
{
    if (b.at == b.end || *b.at++ != FORMAT)
        return "";
    while (b.at < b.end) {
        struct bytes vendor = take_part(&b, 0);

        if (strcmp(take_string(&vendor), VENDOR))
            continue;
        while (vendor.at < vendor.end) {
            u64 scope = *vendor.at++;
            const char *arch = arch_among(take_part(&vendor, 1));

            if (scope == TAG_FILE && arch)
                return arch;
        }
    }
    return "";
}

/* The length of a name, without the version at its end. */
static size_t name_length(const char *name, size_t length)
{
    size_t at = length;

    while (at && isdigit((unsigned char)name[at - 1]))
        at--;
    if (at == length || !at || name[at - 1] != 'p')
        return length;
    for (at--; at && isdigit((unsigned char)name[at - 1]);)
        at--;
    return at;
}

/* The extension of that name which isa does not have, or NULL. */
static const char *missing(const char *name, size_t length, u64 isa)
{
    for (unsigned e = 0; e < EXT_COUNT; e++) {
        const char *known = ext_info[e].name;

        if (known && strlen(known) == length && !memcmp(known, name, length))
            return bit(isa, e) ? NULL : known;
    }
    return NULL;
}

static int check_arch(const char *arch, const char *name, u64 isa,
                      struct rvemu_error *error)
{
    if (strncmp(arch, "rv64", 4))
        return 0;
    for (arch += 4; *arch; arch += *arch == '_') {
        size_t length = strcspn(arch, "_");
        const char *none = missing(arch, name_length(arch, length), isa);

        if (none)
            return error_set(error,
                             "%s is compiled for extension %s, which this "
                             "-cpu does not have; turn it on, or bring images "
                             "of your own",
                             name, none);
        arch += length;
    }
    return 0;
}

int elf_arch_check(const struct rvemu_image *source, const char *name, u64 isa,
                   struct rvemu_error *error)
{
    const struct image image = {
        .name = name, .bytes = source->data, .size = source->size};
    Elf *elf = image.size ? elf_file_open(&image) : NULL;
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    int status = 0;

    if (!elf)
        return 0;
    while (status == 0 && (section = elf_nextscn(elf, section))) {
        Elf_Data *data = NULL;

        if (gelf_getshdr(section, &header) &&
            header.sh_type == SECTION_ATTRIBUTES)
            data = elf_rawdata(section, NULL);
        if (data && data->d_buf) {
            const u8 *start = data->d_buf;

            status = check_arch(
                find_arch((struct bytes){start, start + data->d_size}), name,
                isa, error);
        }
    }
    elf_end(elf);
    return status;
}
