/* Separate debug files; see separate.h. */
#define _GNU_SOURCE /* asprintf */
#include "debug/separate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define BUILD_ID_MAX 64
#define CRC_POLYNOMIAL 0xedb88320u

/* Takes *path over. False: no ELF file with DWARF or symbols is there, or it
 * is the very file that it would belong to. */
static bool take(char *path, struct elf_source *found, char **out)
{
    const struct rvemu_image image = {.path = path};
    struct rvemu_error ignored;

    if (path && elf_source_open(found, &image, &ignored) == 0) {
        if (elf_source_has_debug(found) || elf_source_has_symbols(found)) {
            *out = path;
            return true;
        }
        elf_source_close(found);
    }
    free(path);
    return false;
}

/* Writes the build-id in hex. False: the file has none. */
static bool read_build_id(const struct elf_source *of,
                          char hex[2 * BUILD_ID_MAX + 1])
{
    Elf_Scn *section = elf_source_section(of, ".note.gnu.build-id");
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    size_t name, desc;
    GElf_Nhdr note;

    if (!data || !gelf_getnote(data, 0, &note, &name, &desc) ||
        note.n_type != NT_GNU_BUILD_ID || note.n_descsz < 2 ||
        note.n_descsz > BUILD_ID_MAX)
        return false;
    for (size_t i = 0; i < note.n_descsz; i++)
        sprintf(hex + 2 * i, "%02x", ((const u8 *)data->d_buf)[desc + i]);
    return true;
}

static bool open_by_build_id(const struct elf_source *of, const char *root,
                             struct elf_source *found, char **path)
{
    char hex[2 * BUILD_ID_MAX + 1], *place;

    if (!read_build_id(of, hex) ||
        asprintf(&place, "%s/.build-id/%.2s/%s.debug", root, hex, hex + 2) < 0)
        return false;
    return take(place, found, path);
}

/* The CRC of ISO 3309, as zlib has it: what a byte makes of it. */
static void fill_crc_table(u32 table[256])
{
    for (u32 byte = 0; byte < 256; byte++) {
        table[byte] = byte;
        for (unsigned step = 0; step < 8; step++)
            table[byte] =
                table[byte] >> 1 ^ (table[byte] & 1 ? CRC_POLYNOMIAL : 0);
    }
}

static bool has_crc(const char *path, u32 wanted)
{
    FILE *file = fopen(path, "rbe");
    u8 bytes[1 << 16];
    u32 table[256], crc = ~0u;
    size_t count;

    if (!file)
        return false;
    fill_crc_table(table);
    while ((count = fread(bytes, 1, sizeof(bytes), file)))
        for (size_t i = 0; i < count; i++)
            crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
    fclose(file);
    return ~crc == wanted;
}

/* The name and the CRC in .gnu_debuglink; NULL: there is no such section, or
 * it is cut off. */
static const char *read_link(const struct elf_source *of, u32 *crc)
{
    Elf_Scn *section = elf_source_section(of, ".gnu_debuglink");
    Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
    const char *name = data ? data->d_buf : NULL;
    size_t length;

    if (!name)
        return NULL;
    length = strnlen(name, data->d_size);
    if (!length || (length & ~(size_t)3) + 8 > data->d_size ||
        strchr(name, '/'))
        return NULL;
    *crc = load_le32((const u8 *)name + (length & ~(size_t)3) + 4);
    return name;
}

static bool open_by_link(const struct elf_source *of, const char *root,
                         struct elf_source *found, char **path)
{
    u32 crc;
    const char *name = read_link(of, &crc);
    char *folder = name && of->path ? realpath(of->path, NULL) : NULL;
    bool is_found = false;

    if (!folder)
        return false;
    *strrchr(folder, '/') = '\0';
    for (unsigned i = 0; i < 3 && !is_found; i++) {
        char *place;

        if (asprintf(&place, "%s%s%s/%s", i == 2 ? root : "", folder,
                     i == 1 ? "/.debug" : "", name) < 0)
            break;
        if (has_crc(place, crc))
            is_found = take(place, found, path);
        else
            free(place);
    }
    free(folder);
    return is_found;
}

bool separate_open(const struct elf_source *of, const char *root,
                   struct elf_source *found, char **path)
{
    return open_by_build_id(of, root, found, path) ||
           open_by_link(of, root, found, path);
}
