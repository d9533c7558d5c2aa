/*
 * Copy on write, in memory, by clusters: one that was written is in the map,
 * by its number; the others are those of the block below. A cluster of zeroes
 * takes no memory of its own. Memory grows with what is written, at most to
 * the size of the disk.
 */
#include "block/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/map.h"

#define CLUSTER OVERLAY_CLUSTER

struct overlay {
    struct block block;
    struct block *lower;
    struct map map; /* number of a cluster → its CLUSTER bytes, or zeroes */
};

static const u8 zeroes[CLUSTER];

/* Bytes from offset to the end of its cluster, count at most. */
static u64 within(u64 offset, u64 count)
{
    return least(count, CLUSTER - offset % CLUSTER);
}

static const u8 *find(const struct overlay *overlay, u64 offset)
{
    return map_get(&overlay->map, offset / CLUSTER);
}

/* So many bytes from offset on lie in clusters that were never written. */
static u64 measure_lower(const struct overlay *overlay, u64 offset, u64 count)
{
    u64 length = 0;

    while (length < count && !find(overlay, offset + length))
        length += within(offset + length, count - length);
    return length;
}

static int overlay_read(struct block *block, u64 offset, void *bytes, u64 count)
{
    struct overlay *overlay = (struct overlay *)block;
    u8 *to = bytes;

    while (count) {
        const u8 *cluster = find(overlay, offset);
        u64 part = cluster ? within(offset, count)
                           : measure_lower(overlay, offset, count);

        if (cluster)
            memcpy(to, cluster + offset % CLUSTER, part);
        else if (block_read(overlay->lower, offset, to, part) < 0)
            return -1;
        to += part;
        offset += part;
        count -= part;
    }
    return 0;
}

/* Puts a copy of the cluster at offset, of which `part` bytes will change, into
 * the map, as it is now unless all of it will. */
static u8 *own(struct overlay *overlay, u64 offset, u64 part)
{
    u64 start = align_down(offset, CLUSTER);
    u64 size = least(CLUSTER, overlay->block.size - start);
    u8 *copy = calloc(1, CLUSTER);

    if (copy &&
        (part == size ||
         overlay_read(&overlay->block, start, copy, size) == 0) &&
        map_put(&overlay->map, start / CLUSTER, copy))
        return copy;
    free(copy);
    return NULL;
}

static int overlay_write(struct block *block, u64 offset, const void *bytes,
                         u64 count)
{
    struct overlay *overlay = (struct overlay *)block;
    const u8 *from = bytes;

    while (count) {
        u64 part = within(offset, count);
        u8 *cluster = map_get(&overlay->map, offset / CLUSTER);

        if (!cluster || cluster == zeroes)
            cluster = own(overlay, offset, part);
        if (!cluster)
            return -1;
        memcpy(cluster + offset % CLUSTER, from, part);
        from += part;
        offset += part;
        count -= part;
    }
    return 0;
}

/* It lasts no longer than the process, flushed or not. */
static int overlay_flush(struct block *block)
{
    return 0;
}

static int overlay_discard(struct block *block, u64 offset, u64 count)
{
    return 0;
}

/* A whole cluster of zeroes in the place of what is there. */
static int put_zeroes(struct overlay *overlay, u64 offset)
{
    u8 *old = map_get(&overlay->map, offset / CLUSTER);

    if (!map_put(&overlay->map, offset / CLUSTER, (void *)zeroes))
        return -1;
    if (old != zeroes)
        free(old);
    return 0;
}

static int overlay_write_zeroes(struct block *block, u64 offset, u64 count,
                                bool may_discard)
{
    struct overlay *overlay = (struct overlay *)block;

    while (count) {
        u64 part = within(offset, count);
        int failed = part == CLUSTER
                         ? put_zeroes(overlay, offset)
                         : overlay_write(block, offset, zeroes, part);

        if (failed)
            return -1;
        offset += part;
        count -= part;
    }
    return 0;
}

static void overlay_close(struct block *block)
{
    struct overlay *overlay = (struct overlay *)block;
    size_t at = 0;
    u8 *cluster;

    while ((cluster = map_next(&overlay->map, &at)))
        if (cluster != zeroes)
            free(cluster);
    map_free(&overlay->map);
    block_close(overlay->lower);
    free(overlay);
}

static const struct block_ops ops = {
    .read = overlay_read,
    .write = overlay_write,
    .flush = overlay_flush,
    .discard = overlay_discard,
    .write_zeroes = overlay_write_zeroes,
    .close = overlay_close,
};

struct block *overlay_new(struct block *lower)
{
    struct overlay *overlay = calloc(1, sizeof(*overlay));

    if (!overlay)
        return NULL;
    overlay->block =
        (struct block){.ops = &ops, .size = lower->size, .cache = lower->cache};
    overlay->lower = lower;
    return &overlay->block;
}

bool overlay_is(const struct block *block)
{
    return block->ops == &ops;
}

struct block *overlay_lower(const struct block *block)
{
    return ((const struct overlay *)block)->lower;
}

static int by_number(const void *a, const void *b)
{
    u64 first = *(const u64 *)a, second = *(const u64 *)b;

    return (first > second) - (first < second);
}

bool overlay_list(const struct block *block, u64 **numbers, size_t *count)
{
    const struct map *map = &((const struct overlay *)block)->map;
    u64 *list = malloc((map->count + 1) * sizeof(*list));

    *count = 0;
    *numbers = list;
    if (!list)
        return false;
    for (size_t i = 0; i < map->size; i++)
        if (map->slot[i].value)
            list[(*count)++] = map->slot[i].key;
    qsort(list, *count, sizeof(*list), by_number);
    return true;
}

const u8 *overlay_cluster(const struct block *block, u64 number)
{
    return map_get(&((const struct overlay *)block)->map, number);
}

bool overlay_put(struct block *block, u64 number, const u8 *bytes)
{
    struct overlay *overlay = (struct overlay *)block;
    u64 offset = number * CLUSTER;

    if (!memcmp(bytes, zeroes, CLUSTER))
        return put_zeroes(overlay, offset) == 0;
    return overlay_write(block, offset, bytes,
                         least(CLUSTER, block->size - offset)) == 0;
}
