/*
 * Unpacking images: gzip (RFC 1952) by zlib, member after member, what is
 * behind the header of a uImage, and what is in an EFI zboot image, by its
 * header (Linux, drivers/firmware/efi/libstub/zboot-header.S), little-endian:
 *
 *   0x00 "MZ"   0x04 "zimg"   0x08 offset and 0x0c size of what is packed
 *   0x18 how, as text
 *
 * A file says how long it is unpacked, or lies about it: what is kept grows
 * with what comes out, up to a limit.
 */
#include "machine/unpack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/bits.h"
#include "machine/uimage.h"

#define ROOM (4u << 20)
#define PIECE (1u << 30) /* zlib counts in unsigned int */

#define ZBOOT_MAGIC_AT 4
#define ZBOOT_OFFSET 8
#define ZBOOT_SIZE 12
#define ZBOOT_HOW 24
#define ZBOOT_HOW_MAX 32
#define ZBOOT_HEADER (ZBOOT_HOW + ZBOOT_HOW_MAX)

/* Something packed, and what has come out of it. */
struct unpacking {
    z_stream z;
    const u8 *bytes;
    size_t size, used;
    u8 *out;
    size_t room, made;
    u64 most;
};

static bool is_gzip(const u8 *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* Makes room for more, one byte beyond the limit at the most. */
static bool grow(struct unpacking *u)
{
    u64 room = u->room ? 2 * (u64)u->room : ROOM;
    u8 *grown;

    room = least(room, u->most + 1);
    if (room == u->room)
        return true;
    grown = realloc(u->out, room);
    if (!grown)
        return false;
    u->out = grown;
    u->room = room;
    return true;
}

/* Unpacks a piece. Returns zlib's word for how that went. */
static int inflate_piece(struct unpacking *u)
{
    uInt in = (uInt)least(u->size - u->used, PIECE);
    uInt out = (uInt)least(u->room - u->made, PIECE);
    int how;

    u->z.next_in = (Bytef *)(uintptr_t)(u->bytes + u->used);
    u->z.avail_in = in;
    u->z.next_out = u->out + u->made;
    u->z.avail_out = out;
    how = inflate(&u->z, Z_NO_FLUSH);
    u->used += in - u->z.avail_in;
    u->made += out - u->z.avail_out;
    return how;
}

/* All members, and the zeros that pad a file. Returns Z_OK, or what is wrong:
 * Z_BUF_ERROR where the file ends too early, Z_DATA_ERROR, Z_MEM_ERROR, or
 * Z_STREAM_ERROR where more comes out than may. */
static int inflate_all(struct unpacking *u)
{
    while (u->used < u->size) {
        int how;

        if (u->made == u->room && !grow(u))
            return Z_MEM_ERROR;
        how = inflate_piece(u);
        if (u->made > u->most)
            return Z_STREAM_ERROR;
        if (how == Z_STREAM_END) {
            if (!is_gzip(u->bytes + u->used, u->size - u->used))
                return Z_OK;
            how = inflateReset(&u->z);
        }
        if (how != Z_OK && how != Z_BUF_ERROR)
            return how;
    }
    return Z_BUF_ERROR;
}

static int refuse(const struct image *image, int how, u64 most,
                  struct rvemu_error *error)
{
    switch (how) {
    case Z_MEM_ERROR: return error_set(error, "out of host memory");
    case Z_BUF_ERROR:
        return error_set(error, "%s: truncated gzip: its end is cut off",
                         image->name);
    case Z_STREAM_ERROR:
        return error_set(error,
                         "%s: unpacks to more than %" PRIu64
                         " MiB, which is more than RAM; see -m",
                         image->name, most >> 20);
    default: return error_set(error, "%s: broken gzip", image->name);
    }
}

static int gunzip(struct image *image, u64 most, struct rvemu_error *error)
{
    struct unpacking u = {
        .bytes = image->bytes, .size = image->size, .most = most};
    int how = inflateInit2(&u.z, 16 + MAX_WBITS); /* 16: gzip's header */

    if (how == Z_OK) {
        how = inflate_all(&u);
        inflateEnd(&u.z);
    }
    if (how == Z_OK && !u.made)
        how = Z_DATA_ERROR;
    if (how != Z_OK) {
        free(u.out);
        return refuse(image, how, most, error);
    }
    free(image->owned);
    image->owned = u.out;
    image->bytes = u.out;
    image->size = u.made;
    return 0;
}

static bool is_zboot(const struct image *image)
{
    return image->size >= ZBOOT_HEADER && !memcmp(image->bytes, "MZ", 2) &&
           !memcmp(image->bytes + ZBOOT_MAGIC_AT, "zimg", 4);
}

static int unpack_zboot(struct image *image, u64 most,
                        struct rvemu_error *error)
{
    u64 offset = load_le32(image->bytes + ZBOOT_OFFSET);
    u64 size = load_le32(image->bytes + ZBOOT_SIZE);
    const char *how = (const char *)image->bytes + ZBOOT_HOW;
    struct image inner = {.name = image->name};

    if (offset > image->size || size > image->size - offset)
        return error_set(error,
                         "%s: truncated EFI zboot image: what it has packed "
                         "ends at byte %" PRIu64 " of %zu",
                         image->name, offset + size, image->size);
    inner.bytes = image->bytes + offset;
    inner.size = size;
    if (strncmp(how, "gzip", ZBOOT_HOW_MAX) != 0 || !is_gzip(inner.bytes, size))
        return error_set(error,
                         "%s: an EFI zboot image that is packed with %.*s, "
                         "which emu does not know: take the Image that it "
                         "was made from",
                         image->name, ZBOOT_HOW_MAX, how);
    if (gunzip(&inner, most, error) < 0)
        return -1;
    free(image->owned);
    *image = inner;
    return 0;
}

/* A uImage stays one: its header says where what is behind it goes. */
static int unpack_uimage(struct image *image, u64 most,
                         struct rvemu_error *error)
{
    struct image payload;
    bool is_packed;
    int failed;

    if (uimage_check(image, UIMAGE_KERNEL, error) < 0 ||
        uimage_is_packed(image, &is_packed, error) < 0)
        return -1;
    if (!is_packed)
        return 0;
    payload = uimage_payload(image);
    if (gunzip(&payload, most, error) < 0)
        return -1;
    failed = uimage_replace(image, &payload, error);
    free(payload.owned);
    return failed;
}

int image_unpack(struct image *image, u64 most, struct rvemu_error *error)
{
    if (uimage_is(image))
        return unpack_uimage(image, most, error);
    if (is_gzip(image->bytes, image->size))
        return gunzip(image, most, error);
    if (is_zboot(image))
        return unpack_zboot(image, most, error);
    return 0;
}

int rvemu_image_unpack(struct rvemu_image *image, uint64_t most,
                       struct rvemu_error *error)
{
    struct image inner = {.name = image->path,
                          .bytes = image->data,
                          .size = image->size,
                          .owned = (u8 *)(uintptr_t)image->data};

    if (!image->data || image_unpack(&inner, most, error) < 0)
        return image->data ? -1 : 0;
    image->data = inner.bytes;
    image->size = inner.size;
    return 0;
}

const char *image_stranger(const struct image *image)
{
#define MAGIC(text, what)            \
    {                                \
        text, sizeof(text) - 1, what \
    }
    static const struct {
        const char *magic;
        size_t length;
        const char *what;
    } strangers[] = {
        MAGIC("BZh", "packed with bzip2: unpack it first"),
        MAGIC("\xfd"
              "7zXZ",
              "packed with xz: unpack it first"),
        MAGIC("\x28\xb5\x2f\xfd", "packed with zstd: unpack it first"),
        MAGIC("\x04\x22\x4d\x18", "packed with lz4: unpack it first"),
        MAGIC("\x02\x21\x4c\x18", "packed with lz4: unpack it first"),
        MAGIC("\x27\x05\x19\x56", "a uImage of U-Boot: take the binary that "
                                  "it was made from"),
        MAGIC("\xd0\x0d\xfe\xed", "a device tree or a FIT image, no program"),
        MAGIC("!<arch>\n", "an archive of object files: link it first"),
        MAGIC("070701", "a cpio archive, no program: see -initrd"),
        MAGIC("#!", "not an ELF file, but a script"),
        MAGIC("MZ", "an EFI program, which takes UEFI firmware to run it"),
    };

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        if (image->size >= strangers[i].length &&
            !memcmp(image->bytes, strangers[i].magic, strangers[i].length))
            return strangers[i].what;
    return NULL;
#undef MAGIC
}
