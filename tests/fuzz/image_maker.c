/* Images for fuzzers; see image_maker.h. */
#include "image_maker.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#define MIB (1ull << 20)
#define EDITS_MAX 8
#define HEADERS 0xc0      /* bytes at the start of a file */
#define STORED_MAX 0xffff /* bytes of a block that is not packed (RFC 1951) */

u64 image_maker_address(struct input *in)
{
    static const u64 places[] = {
        IMAGE_MAKER_RAM,
        IMAGE_MAKER_RAM + 2 * MIB,
        IMAGE_MAKER_RAM + 4 * MIB,
        IMAGE_MAKER_RAM + 0x10000,
        IMAGE_MAKER_RAM - 0x1000,
        IMAGE_MAKER_RAM + IMAGE_MAKER_RAM_SIZE - 0x1000,
        IMAGE_MAKER_RAM + IMAGE_MAKER_RAM_SIZE,
        0x10000,
        0,
        UINT64_MAX - 0xfff,
    };
    u64 kind = take(in, 1);

    if (kind >= 240)
        return take(in, 8);
    return places[kind % (sizeof(places) / sizeof(places[0]))] +
           (kind >= 128 ? take(in, 2) : 0);
}

void image_maker_edit(struct buffer *file, struct input *in)
{
    u64 edits = take(in, 1);

    edits = edits < 128 ? 0 : edits % EDITS_MAX + 1;
    while (edits-- && file->size) {
        u64 how = take(in, 1), at = take(in, 2) % file->size;
        u64 width = 1ull << how % 4, value = take(in, (unsigned)width);

        if (how >= 240) {
            file->size = at;
            continue;
        }
        if (how & 0x40) /* where most headers are */
            at %= file->size < HEADERS ? file->size : HEADERS;
        if (how & 0x80) /* headers and tables are aligned */
            at &= ~(width - 1);
        for (u64 i = 0; i < width && at + i < file->size; i++)
            file->bytes[at + i] = (u8)(value >> 8 * i);
    }
}

static u64 take_size(struct input *in)
{
    u64 kind = take(in, 1);

    return kind < 128 ? 8 * kind : kind < 192 ? take(in, 2) : take(in, 3);
}

static void make_segment(struct elf_maker_segment *s, struct input *in)
{
    static const u32 types[] = {PT_LOAD, PT_LOAD,   PT_LOAD,    PT_LOAD,
                                PT_NOTE, PT_INTERP, PT_DYNAMIC, PT_NULL};
    u64 how = take(in, 1);

    s->type = types[how % 8];
    s->flags = PF_R | (how & 8 ? PF_W : PF_X);
    s->pa = s->va = image_maker_address(in);
    if (how & 16)
        s->va = image_maker_address(in);
    s->filled = take_size(in) % 0x800;
    s->size = s->filled + (how & 32 ? take_size(in) : 0);
}

void image_maker_elf(struct input *in, struct buffer *out)
{
    u64 how = take(in, 1), more = take(in, 1);
    struct elf_maker recipe = {
        .type = how & 1 ? ET_DYN : ET_EXEC,
        .maps_headers = how & 2,
        .has_symbols = !(how & 4),
        .has_attributes = !(how & 8),
        .has_build_id = !(how & 16),
        .has_link = !(how & 32),
        .has_dwarf = !(how & 64),
        .segments = 1 + (more & 0x80 ? more % ELF_MAKER_SEGMENTS : 0),
        .segment[0] = {.type = PT_LOAD,
                       .flags = PF_R | PF_X,
                       .va = IMAGE_MAKER_RAM,
                       .pa = IMAGE_MAKER_RAM,
                       .filled = 0x100,
                       .size = 0x1000},
    };

    if (more & 0x40)
        make_segment(&recipe.segment[0], in);
    else if (more & 0x20)
        recipe.segment[0].va = recipe.segment[0].pa = image_maker_address(in);
    for (unsigned i = 1; i < recipe.segments; i++)
        make_segment(&recipe.segment[i], in);
    recipe.entry = how & 128 ? image_maker_address(in) : recipe.segment[0].va;
    elf_maker_make(&recipe, out);
}

/* Linux, arch/riscv/boot-image-header. */
static void make_linux(struct input *in, struct buffer *out)
{
    buffer_put(out, "MZ", 2);
    buffer_put(out, NULL, 6);
    buffer_number(out, 2 * MIB, 8);
    buffer_number(out, 0x1000 + take_size(in), 8);
    buffer_put(out, NULL, 32);
    buffer_put(out, "RSC\5", 4);
    buffer_put(out, NULL, 4 + take(in, 1));
}

static void make_raw(struct input *in, struct buffer *out)
{
    u64 count = 1 + take(in, 1);

    while (count-- && in->at < in->end)
        buffer_number(out, take(in, 1), 1);
    if (!out->size)
        buffer_number(out, 0x13, 4);
}

/* A member of RFC 1952, whose block is as it was. */
static void pack(struct buffer *b)
{
    static const u8 header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    struct buffer plain = *b;
    u32 count = (u32)(plain.size < STORED_MAX ? plain.size : STORED_MAX);

    *b = (struct buffer){0};
    buffer_put(b, header, sizeof(header));
    buffer_number(b, 1, 1);
    buffer_number(b, count, 2);
    buffer_number(b, ~count, 2);
    if (count)
        buffer_put(b, plain.bytes, count);
    buffer_number(b, crc32(0, plain.bytes, count), 4);
    buffer_number(b, count, 4);
    free(plain.bytes);
}

/* Linux, drivers/firmware/efi/libstub/zboot-header.S. */
static void make_zboot(struct buffer *b)
{
    struct buffer inner = *b;

    *b = (struct buffer){0};
    buffer_put(b, "MZ\0\0zimg", 8);
    buffer_number(b, 64, 4);
    buffer_number(b, inner.size, 4);
    buffer_put(b, NULL, 8);
    buffer_put(b, "gzip", 4);
    buffer_put(b, NULL, 64 - b->size);
    if (inner.size)
        buffer_put(b, inner.bytes, inner.size);
    free(inner.bytes);
}

static void big_endian(struct buffer *b, u32 value)
{
    buffer_number(b, __builtin_bswap32(value), 4);
}

/* U-Boot, include/image.h, the legacy format. */
static void make_uimage(struct input *in, bool is_packed, struct buffer *b)
{
    u64 how = take(in, 1);
    u32 load = (u32)image_maker_address(in);
    u32 entry = how & 1 ? (u32)image_maker_address(in) : load;
    struct buffer inner = *b;

    *b = (struct buffer){0};
    big_endian(b, 0x27051956);
    big_endian(b, 0); /* the checksum, below */
    big_endian(b, 0);
    big_endian(b, (u32)inner.size);
    big_endian(b, load);
    big_endian(b, entry);
    big_endian(b, (u32)crc32(0, inner.bytes, (uInt)inner.size));
    buffer_put(b, "\5\x1a", 2);
    buffer_number(b, how & 0x80 ? 3 : 2, 1);
    buffer_number(b, is_packed, 1);
    buffer_put(b, NULL, 64 - b->size);
    entry = __builtin_bswap32((u32)crc32(0, b->bytes, 64));
    memcpy(b->bytes + 4, &entry, sizeof(entry));
    if (inner.size)
        buffer_put(b, inner.bytes, inner.size);
    free(inner.bytes);
}

static void make_content(struct input *in, u64 how, struct buffer *out)
{
    switch (how % 8) {
    case 5: make_linux(in, out); break;
    case 6: make_raw(in, out); break;
    default: image_maker_elf(in, out); break;
    }
    image_maker_edit(out, in);
}

struct rvemu_image image_maker_wrap(struct buffer *bytes)
{
    struct rvemu_image image = {.size = bytes->size};
    void *exact = malloc(bytes->size ? bytes->size : 1);

    if (!exact)
        abort();
    if (bytes->size)
        memcpy(exact, bytes->bytes, bytes->size);
    free(bytes->bytes);
    *bytes = (struct buffer){0};
    image.data = exact;
    return image;
}

struct rvemu_image image_maker_make(struct input *in)
{
    struct buffer file = {0};
    u64 how = take(in, 1);

    make_content(in, how, &file);
    if (how >= 0xc0)
        pack(&file);
    if (how >= 0xf0 || (how >= 0xa0 && how < 0xc0))
        make_uimage(in, how >= 0xf0, &file);
    else if (how >= 0xe0)
        make_zboot(&file);
    if (how >= 0xa0) {
        buffer_put(&file, NULL, how >> 3 & 3); /* zeros behind it */
        image_maker_edit(&file, in);
    }
    return image_maker_wrap(&file);
}
