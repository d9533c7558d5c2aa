/*
 * The disks of a snapshot; see shot_disks.h.
 *
 *   SECTION_DISK, slot               size, clusters, manner       numbers
 *                                    checksum of the image        u64
 *   SECTION_CLUSTERS, slot, piece    clusters in it               number
 *                                    theirs, less the one before  numbers
 *                                    their bytes
 */
#include "machine/shot_disks.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/digest.h"
#include "block/overlay.h"
#include "block/past.h"
#include "trace/file/bytes.h"

#define READ_SIZE (1u << 20)
#define PIECE_CLUSTERS (SECTION_PIECE / OVERLAY_CLUSTER)
#define SLOT_SHIFT 24 /* of the index of clusters; below it is the piece's */

static struct block *disk_of(const struct rvemu_virtio *virtio, unsigned slot)
{
    return past_below(virtio->slot[slot].disk);
}

static struct block *image_of(struct block *disk)
{
    return overlay_is(disk) ? overlay_lower(disk) : disk;
}

/* What a guest can tell of how a disk was opened. */
static u64 manner_of(const struct block *disk)
{
    return (u64)disk->read_only | (u64)(disk->cache == RVEMU_DISK_WRITETHROUGH)
                                      << 1;
}

/* A checksum of all that the image holds. False: it cannot be read. */
static bool sum_up(struct block *image, u64 *sum)
{
    u8 *bytes = malloc(READ_SIZE);
    bool ok = bytes != NULL;

    *sum = 0;
    for (u64 at = 0; ok && at < image->size; at += READ_SIZE) {
        u64 count = least(READ_SIZE, image->size - at);

        ok = block_read(image, at, bytes, count) == 0;
        if (ok)
            *sum = digest(*sum, bytes, count);
    }
    free(bytes);
    return ok;
}

static bool put_piece(const struct block *disk, const u64 *number, size_t count,
                      u32 index, section_fn *put, void *self)
{
    struct bytes bytes = {0};
    u64 before = 0;
    bool ok;

    bytes_put_number(&bytes, count);
    for (size_t i = 0; i < count; i++) {
        bytes_put_number(&bytes, number[i] - before);
        before = number[i];
    }
    for (size_t i = 0; i < count; i++)
        bytes_put(&bytes, overlay_cluster(disk, number[i]), OVERLAY_CLUSTER);
    ok = !bytes.failed &&
         put(self, SECTION_CLUSTERS, index, bytes.at, bytes.size);
    bytes_free(&bytes);
    return ok;
}

static bool put_clusters(const struct block *disk, unsigned slot,
                         section_fn *put, void *self)
{
    u64 *number;
    size_t count;
    bool ok = overlay_list(disk, &number, &count);

    for (size_t at = 0; ok && at < count; at += PIECE_CLUSTERS)
        ok = put_piece(disk, number + at, least(PIECE_CLUSTERS, count - at),
                       slot << SLOT_SHIFT | (u32)(at / PIECE_CLUSTERS), put,
                       self);
    free(number);
    return ok;
}

static bool count_clusters(const struct block *disk, size_t *count)
{
    u64 *number;
    bool ok = overlay_list(disk, &number, count);

    free(number);
    return ok;
}

static int put_disk(struct block *disk, unsigned slot, section_fn *put,
                    void *self, struct rvemu_error *error)
{
    struct bytes bytes = {0};
    size_t clusters = 0;
    u64 sum;
    bool ok;

    if (!sum_up(image_of(disk), &sum))
        return error_set(error, "the disk in virtio slot %u cannot be read",
                         slot);
    ok = !overlay_is(disk) || count_clusters(disk, &clusters);
    bytes_put_number(&bytes, disk->size);
    bytes_put_number(&bytes, clusters);
    bytes_put_number(&bytes, manner_of(disk));
    bytes_put_le(&bytes, sum, 8);
    ok = ok && !bytes.failed &&
         put(self, SECTION_DISK, slot, bytes.at, bytes.size);
    bytes_free(&bytes);
    return ok ? 0 : error_set(error, "out of host memory");
}

int shot_disks_save(const struct rvemu_virtio *virtio, section_fn *put,
                    void *self, struct rvemu_error *error)
{
    for (unsigned slot = 0; slot < RVEMU_VIRTIO_SLOTS; slot++)
        if (disk_of(virtio, slot) &&
            put_disk(disk_of(virtio, slot), slot, put, self, error) < 0)
            return -1;
    for (unsigned slot = 0; slot < RVEMU_VIRTIO_SLOTS; slot++)
        if (disk_of(virtio, slot) && overlay_is(disk_of(virtio, slot)) &&
            !put_clusters(disk_of(virtio, slot), slot, put, self))
            return error_set(error, "out of host memory");
    return 0;
}

unsigned shot_disks_lasting(const struct rvemu_virtio *virtio)
{
    for (unsigned slot = 0; slot < RVEMU_VIRTIO_SLOTS; slot++) {
        const struct block *disk = disk_of(virtio, slot);

        if (disk && !disk->read_only && !overlay_is(disk))
            return slot;
    }
    return RVEMU_VIRTIO_SLOTS;
}

static int check_disk(struct block *disk, unsigned slot,
                      const struct section *section, struct rvemu_error *error)
{
    struct cursor cursor = {section->bytes, section->bytes + section->size,
                            false};
    u64 size = cursor_number(&cursor), clusters = cursor_number(&cursor);
    u64 manner = cursor_number(&cursor), sum = cursor_le(&cursor, 8), now;

    if (cursor.failed)
        return error_set(error, "what it says of its disks is cut");
    if (size != disk->size)
        return error_set(error,
                         "the disk in virtio slot %u has %llu bytes, not %llu "
                         "as it had",
                         slot, (unsigned long long)disk->size,
                         (unsigned long long)size);
    if (manner != manner_of(disk))
        return error_set(error,
                         "the disk in virtio slot %u was%s read-only and%s "
                         "cache=writethrough",
                         slot, manner & 1 ? "" : " not",
                         manner & 2 ? "" : " not");
    if (clusters && !overlay_is(disk))
        return error_set(error,
                         "the disk in virtio slot %u was written to over its "
                         "image: say snapshot=on",
                         slot);
    if (!sum_up(image_of(disk), &now))
        return error_set(error, "the disk in virtio slot %u cannot be read",
                         slot);
    if (now != sum)
        return error_set(error,
                         "the image of the disk in virtio slot %u is another, "
                         "or was written to since: with snapshot=on it stays",
                         slot);
    return 0;
}

int shot_disks_check(const struct rvemu_virtio *virtio,
                     const struct sections *s, struct rvemu_error *error)
{
    for (unsigned slot = 0; slot < RVEMU_VIRTIO_SLOTS; slot++) {
        const struct section *section = sections_find(s, SECTION_DISK, slot);

        if (!disk_of(virtio, slot) && !section)
            continue;
        if (!disk_of(virtio, slot) || !section)
            return error_set(error, "it has %s disk in virtio slot %u",
                             section ? "a" : "no", slot);
        if (check_disk(disk_of(virtio, slot), slot, section, error) < 0)
            return -1;
    }
    return 0;
}

/* The disk of a section of clusters, or NULL. */
static struct block *find_disk(const struct rvemu_virtio *virtio,
                               const struct section *s)
{
    u32 slot = s->index >> SLOT_SHIFT;
    struct block *disk =
        slot < RVEMU_VIRTIO_SLOTS ? disk_of(virtio, slot) : NULL;

    return disk && overlay_is(disk) ? disk : NULL;
}

/* False: it makes no sense, or memory is lacking. */
static bool load_clusters(struct block *disk, const struct section *section)
{
    struct cursor cursor = {section->bytes, section->bytes + section->size,
                            false};
    u64 count = cursor_number(&cursor), number = 0;
    struct cursor data = cursor;
    const u8 *bytes;

    if (cursor.failed || count > PIECE_CLUSTERS)
        return false;
    for (u64 i = 0; i < count; i++)
        cursor_number(&data);
    bytes = cursor_take(&data, count * OVERLAY_CLUSTER);
    if (data.failed || !bytes)
        return false;
    for (u64 i = 0; i < count; i++) {
        number += cursor_number(&cursor);
        if (number > UINT64_MAX / OVERLAY_CLUSTER ||
            number * OVERLAY_CLUSTER >= disk->size ||
            !overlay_put(disk, number, bytes + i * OVERLAY_CLUSTER))
            return false;
    }
    return true;
}

int shot_disks_load(const struct rvemu_virtio *virtio, const struct sections *s,
                    struct rvemu_error *error)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct section *section = &s->at[i];
        struct block *disk;

        if (section->kind != SECTION_CLUSTERS)
            continue;
        disk = find_disk(virtio, section);
        if (!disk || !section->bytes || !load_clusters(disk, section))
            return error_set(error, "what was written to its disks makes no "
                                    "sense");
    }
    return 0;
}
