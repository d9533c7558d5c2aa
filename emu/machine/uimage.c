/*
 * Reading and writing the header of a uImage, big-endian:
 *
 *   0x00 magic   0x04 CRC of the header, this word being 0   0x08 time
 *   0x0c bytes behind the header   0x10 where they go   0x14 the entry
 *   0x18 their CRC   0x1c system, architecture, type, packing   0x20 name
 *
 * QEMU takes a kernel and a RAM disk of this kind and looks at no checksum;
 * U-Boot refuses what fails one, and so does this.
 */
#include "machine/uimage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/bits.h"

#define MAGIC 0x27051956u
#define HEADER 0x40
#define PIECE (1u << 30) /* zlib counts in unsigned int */

enum {
    AT_MAGIC = 0x00,
    AT_HEADER_CRC = 0x04,
    AT_SIZE = 0x0c,
    AT_LOAD = 0x10,
    AT_ENTRY = 0x14,
    AT_DATA_CRC = 0x18,
    AT_TYPE = 0x1e,
    AT_PACKING = 0x1f
};

enum { NOT_PACKED, GZIP };

static u32 word(const u8 *bytes)
{
    return __builtin_bswap32(load_le32(bytes));
}

static void set_word(u8 *bytes, u32 value)
{
    value = __builtin_bswap32(value);
    memcpy(bytes, &value, sizeof(value));
}

static u32 checksum(const u8 *bytes, size_t size)
{
    uLong crc = crc32(0, NULL, 0);

    while (size) {
        uInt piece = (uInt)least(size, PIECE);

        crc = crc32(crc, bytes, piece);
        bytes += piece;
        size -= piece;
    }
    return (u32)crc;
}

static u32 header_checksum(const u8 *header)
{
    u8 copy[HEADER];

    memcpy(copy, header, HEADER);
    set_word(copy + AT_HEADER_CRC, 0);
    return checksum(copy, HEADER);
}

bool uimage_is(const struct image *image)
{
    return image->size >= sizeof(u32) && word(image->bytes) == MAGIC;
}

int uimage_check(const struct image *image, enum uimage_type type,
                 struct rvemu_error *error)
{
    const u8 *header = image->bytes;
    u64 size;

    if (image->size < HEADER)
        return error_set(error, "%s: truncated uImage: the header is cut off",
                         image->name);
    if (word(header + AT_HEADER_CRC) != header_checksum(header))
        return error_set(error,
                         "%s: broken uImage: the header's checksum is "
                         "wrong",
                         image->name);
    size = word(header + AT_SIZE);
    if (!size || size > image->size - HEADER)
        return error_set(error,
                         "%s: truncated uImage: %" PRIu64
                         " bytes behind the header, of %zu",
                         image->name, (u64)image->size - HEADER, (size_t)size);
    if (word(header + AT_DATA_CRC) != checksum(header + HEADER, size))
        return error_set(error,
                         "%s: broken uImage: the data's checksum is "
                         "wrong",
                         image->name);
    if (header[AT_TYPE] != type)
        return error_set(error,
                         "%s: a uImage of type %u, not a %s's, which is %u",
                         image->name, header[AT_TYPE],
                         type == UIMAGE_KERNEL ? "kernel" : "RAM disk", type);
    return 0;
}

struct image uimage_payload(const struct image *image)
{
    return (struct image){.name = image->name,
                          .bytes = image->bytes + HEADER,
                          .size = word(image->bytes + AT_SIZE)};
}

int uimage_is_packed(const struct image *image, bool *is_packed,
                     struct rvemu_error *error)
{
    u8 packing = image->bytes[AT_PACKING];

    *is_packed = packing == GZIP;
    if (packing == GZIP || packing == NOT_PACKED)
        return 0;
    return error_set(error,
                     "%s: a uImage whose packing is %u, not gzip's, which is "
                     "1: take the binary that it was made from",
                     image->name, packing);
}

int uimage_replace(struct image *image, const struct image *payload,
                   struct rvemu_error *error)
{
    size_t size = HEADER + payload->size;
    u8 *whole = payload->size > UINT32_MAX ? NULL : malloc(size);

    if (!whole)
        return error_set(error, "out of host memory");
    memcpy(whole, image->bytes, HEADER);
    memcpy(whole + HEADER, payload->bytes, payload->size);
    whole[AT_PACKING] = NOT_PACKED;
    set_word(whole + AT_SIZE, (u32)(size - HEADER));
    set_word(whole + AT_DATA_CRC, checksum(whole + HEADER, size - HEADER));
    set_word(whole + AT_HEADER_CRC, header_checksum(whole));
    free(image->owned);
    image->owned = whole;
    image->bytes = whole;
    image->size = size;
    return 0;
}

u64 uimage_load(const struct image *image)
{
    return word(image->bytes + AT_LOAD);
}

u64 uimage_entry(const struct image *image)
{
    return word(image->bytes + AT_ENTRY);
}
