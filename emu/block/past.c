/* A disk that can go back; see past.h. */
#include "block/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/digest.h"
#include "base/map.h"
#include "block/block.h"

struct past {
    struct block block;
    struct block *lower;
    void (*changes)(void *arg, u64 n);
    void *arg;
    bool is_past;
    struct map changed; /* clusters, since all were clean */
    struct map view;    /* in the past: clusters that differ from lower */
};

static const u8 zeroes[PAST_CLUSTER];

/* Bytes from offset to the end of its cluster, count at most. */
static u64 within(u64 offset, u64 count)
{
    return least(count, PAST_CLUSTER - offset % PAST_CLUSTER);
}

static u64 size_of(const struct past *past, u64 n)
{
    return least(PAST_CLUSTER, past->block.size - n * PAST_CLUSTER);
}

int past_load(struct past *past, u64 n, u8 *bytes)
{
    const u8 *seen = map_get(&past->view, n);

    if (seen) {
        memcpy(bytes, seen, PAST_CLUSTER);
        return 0;
    }
    memset(bytes, 0, PAST_CLUSTER);
    return block_read(past->lower, n * PAST_CLUSTER, bytes, size_of(past, n));
}

static int past_read(struct block *block, u64 offset, void *bytes, u64 count)
{
    struct past *past = (struct past *)block;
    u8 *to = bytes;

    if (!past->view.count)
        return block_read(past->lower, offset, bytes, count);
    while (count) {
        u64 part = within(offset, count);
        const u8 *seen = map_get(&past->view, offset / PAST_CLUSTER);

        if (seen)
            memcpy(to, seen + offset % PAST_CLUSTER, part);
        else if (block_read(past->lower, offset, to, part) < 0)
            return -1;
        to += part;
        offset += part;
        count -= part;
    }
    return 0;
}

int past_store(struct past *past, u64 n, const u8 *bytes)
{
    u8 *seen = map_get(&past->view, n);

    if (!seen) {
        seen = malloc(PAST_CLUSTER);
        if (!seen || !map_put(&past->view, n, seen)) {
            free(seen);
            return -1;
        }
    }
    memcpy(seen, bytes, PAST_CLUSTER);
    return 0;
}

/* In the past: changes a part of a cluster, to these bytes. */
static int change_view(struct past *past, u64 offset, const u8 *from, u64 part)
{
    u64 n = offset / PAST_CLUSTER;
    u8 bytes[PAST_CLUSTER];

    if (past_load(past, n, bytes) < 0)
        return -1;
    memcpy(bytes + offset % PAST_CLUSTER, from, part);
    return past_store(past, n, bytes);
}

/* Tells of the clusters that are about to change. */
static void tell(struct past *past, u64 offset, u64 count)
{
    u64 end = (offset + count + PAST_CLUSTER - 1) / PAST_CLUSTER;

    for (u64 n = offset / PAST_CLUSTER; count && n < end; n++) {
        if (past_has_changed(past, n))
            continue;
        map_put(&past->changed, n, past);
        past->changes(past->arg, n);
    }
}

static int past_write(struct block *block, u64 offset, const void *bytes,
                      u64 count)
{
    struct past *past = (struct past *)block;
    const u8 *from = bytes;

    tell(past, offset, count);
    if (!past->is_past)
        return block_write(past->lower, offset, bytes, count);
    while (count) {
        u64 part = within(offset, count);

        if (change_view(past, offset, from, part) < 0)
            return -1;
        from += part;
        offset += part;
        count -= part;
    }
    return 0;
}

static int past_flush(struct block *block)
{
    struct past *past = (struct past *)block;

    return past->is_past ? 0 : block_flush(past->lower);
}

static int past_discard(struct block *block, u64 offset, u64 count)
{
    return 0;
}

static int past_write_zeroes(struct block *block, u64 offset, u64 count,
                             bool may_discard)
{
    struct past *past = (struct past *)block;

    tell(past, offset, count);
    if (!past->is_past)
        return block_write_zeroes(past->lower, offset, count, may_discard);
    while (count) {
        u64 part = within(offset, count);

        if (change_view(past, offset, zeroes, part) < 0)
            return -1;
        offset += part;
        count -= part;
    }
    return 0;
}

static void past_close(struct block *block)
{
    past_free((struct past *)block);
}

static const struct block_ops ops = {
    .read = past_read,
    .write = past_write,
    .flush = past_flush,
    .discard = past_discard,
    .write_zeroes = past_write_zeroes,
    .close = past_close,
};

bool past_matters(const rvemu_disk *disk)
{
    return !disk->read_only;
}

u64 past_digest(rvemu_disk *disk, u64 so_far)
{
    u8 bytes[PAST_CLUSTER];

    for (u64 at = 0; at < disk->size; at += sizeof(bytes)) {
        u64 part = least(sizeof(bytes), disk->size - at);

        if (block_read(disk, at, bytes, part) < 0)
            part = 0;
        so_far = digest(so_far, bytes, part);
    }
    return so_far;
}

struct past *past_new(rvemu_disk *lower, void (*changes)(void *arg, u64 n),
                      void *arg)
{
    struct past *past = calloc(1, sizeof(*past));

    if (!past)
        return NULL;
    past->block = (struct block){.ops = &ops,
                                 .size = lower->size,
                                 .read_only = lower->read_only,
                                 .cache = lower->cache};
    past->lower = lower;
    past->changes = changes;
    past->arg = arg;
    return past;
}

void past_free(struct past *past)
{
    if (!past)
        return;
    past_leave(past);
    past_clean(past);
    free(past);
}

rvemu_disk *past_block(struct past *past)
{
    return &past->block;
}

rvemu_disk *past_lower(const struct past *past)
{
    return past->lower;
}

rvemu_disk *past_below(rvemu_disk *disk)
{
    return disk && disk->ops == &ops ? past_lower((struct past *)disk) : disk;
}

void past_clean(struct past *past)
{
    map_free(&past->changed);
    past->changed = (struct map){0};
}

bool past_has_changed(const struct past *past, u64 n)
{
    return map_get(&past->changed, n) != NULL;
}

void past_enter(struct past *past)
{
    past->is_past = true;
}

void past_leave(struct past *past)
{
    size_t at = 0;
    u8 *seen;

    while ((seen = map_next(&past->view, &at)))
        free(seen);
    map_free(&past->view);
    past->view = (struct map){0};
    past->is_past = false;
}

int past_write_back(struct past *past)
{
    const struct map *view = &past->view;
    int failed = 0;

    for (size_t i = 0; i < view->size; i++) {
        u64 n = view->slot[i].key;

        if (view->slot[i].value &&
            block_write(past->lower, n * PAST_CLUSTER, view->slot[i].value,
                        size_of(past, n)) < 0)
            failed = -1;
    }
    if (!failed)
        failed = block_flush(past->lower);
    past_leave(past);
    return failed;
}
