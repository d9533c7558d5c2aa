/* What holds for every kind of block; see block.h. */
#include "block/block.h"

static bool has(const struct block *block, u64 offset, u64 count)
{
    return offset <= block->size && count <= block->size - offset;
}

static bool may_change(const struct block *block, u64 offset, u64 count)
{
    return !block->read_only && has(block, offset, count);
}

int block_read(struct block *block, u64 offset, void *bytes, u64 count)
{
    if (!has(block, offset, count))
        return -1;
    return block->ops->read(block, offset, bytes, count);
}

int block_write(struct block *block, u64 offset, const void *bytes, u64 count)
{
    if (!may_change(block, offset, count))
        return -1;
    return block->ops->write(block, offset, bytes, count);
}

int block_flush(struct block *block)
{
    if (block->cache == RVEMU_DISK_UNSAFE)
        return 0;
    return block->ops->flush(block);
}

int block_discard(struct block *block, u64 offset, u64 count)
{
    if (!may_change(block, offset, count))
        return -1;
    return block->ops->discard(block, offset, count);
}

int block_write_zeroes(struct block *block, u64 offset, u64 count,
                       bool may_discard)
{
    if (!may_change(block, offset, count))
        return -1;
    return block->ops->write_zeroes(block, offset, count, may_discard);
}

void block_close(struct block *block)
{
    block->ops->close(block);
}
