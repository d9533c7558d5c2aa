/*
 * The block device (5.2). Queue 0 has its requests:
 *
 *   device reads    0 type  4 reserved  8 sector  16 data to be written
 *   device writes   data that was read, then the status in the last byte
 *
 *   0x00 capacity, sectors       0x18 topology: 8 bytes
 *   0x08 size_max                0x20 writeback; queues 0x22
 *   0x0c seg_max                 0x24 discard: sectors, segments, alignment
 *   0x10 geometry: 4 bytes       0x30 zeroes: sectors, segments
 *   0x14 blk_size                0x38 write_zeroes_may_unmap
 *
 * What is too short to be a request breaks the device; what asks for what is
 * not there, or fails on the host, gets a status. Features, limits and the
 * length in the used ring, which counts the whole of the writable part of the
 * chain, are QEMU's.
 */
#include <string.h>

#include "base/bits.h"
#include "block/block.h"
#include "dev/virtio/queue.h"

#define BLK_ID 2
#define QUEUE_SIZE 256

#define F_SEG_MAX VIRTIO_FEATURE(2)
#define F_GEOMETRY VIRTIO_FEATURE(4)
#define F_RO VIRTIO_FEATURE(5)
#define F_BLK_SIZE VIRTIO_FEATURE(6)
#define F_FLUSH VIRTIO_FEATURE(9)
#define F_TOPOLOGY VIRTIO_FEATURE(10)
#define F_CONFIG_WCE VIRTIO_FEATURE(11)
#define F_DISCARD VIRTIO_FEATURE(13)
#define F_WRITE_ZEROES VIRTIO_FEATURE(14)

#define HEADER 16
#define T_IN 0
#define T_OUT 1 /* of all that write, the lowest bit is set */
#define T_FLUSH 4
#define T_GET_ID 8
#define T_DISCARD 11
#define T_WRITE_ZEROES 13
#define T_BARRIER 0x80000000u /* legacy; each request is one */

#define S_OK 0
#define S_IOERR 1
#define S_UNSUPP 2

/* What discards and writes of zeroes say of themselves. */
#define RANGE 16
#define RANGE_UNMAP 1

#define CONFIG_SIZE 57
#define CONFIG_WRITEBACK 0x20
#define SECTORS_MAX 0x3fffffu /* of one request */
#define HEADS 16
#define TRACK 63

/* How long a request takes: about what a fast drive needs, and its bytes at
 * 2 GB/s. It is some thousand instructions, so that a driver which looks
 * before the device says so, or forgets to wait, is caught at it. */
#define REQUEST_NS 10000
#define BYTES_A_NS 2

/* Bytes that go between disk and memory at a time. */
#define PIECE 65536

static u64 features(const struct virtio *v)
{
    return F_SEG_MAX | F_GEOMETRY | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY |
           F_CONFIG_WCE | F_DISCARD | F_WRITE_ZEROES |
           (v->disk->read_only ? F_RO : 0);
}

static void put16(u8 *at, u64 value)
{
    at[0] = (u8)value;
    at[1] = (u8)(value >> 8);
}

static void put32(u8 *at, u64 value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

static void read_config(const struct virtio *v, u8 *config)
{
    u64 sectors = v->disk->size / BLOCK_SECTOR;
    u64 cylinders = sectors / (HEADS * TRACK);

    put32(config, sectors);
    put32(config + 0x04, sectors >> 32);
    put32(config + 0x0c, QUEUE_SIZE - 2); /* but header and status */
    put16(config + 0x10, least(most(cylinders, 2), 16383));
    config[0x12] = HEADS;
    config[0x13] = TRACK;
    put32(config + 0x14, BLOCK_SECTOR);
    config[CONFIG_WRITEBACK] = (u8)v->s.blk.write_cache;
    put16(config + 0x22, 1);
    put32(config + 0x24, SECTORS_MAX);
    put32(config + 0x28, 1);
    put32(config + 0x2c, 1);
    put32(config + 0x30, SECTORS_MAX);
    put32(config + 0x34, 1);
    config[0x38] = 1;
}

static void write_config(struct virtio *v, u64 offset, u8 byte)
{
    if (offset == CONFIG_WRITEBACK)
        v->s.blk.write_cache = byte != 0;
}

static void reset(struct virtio *v)
{
    v->s.blk = (struct virtio_blk_state){
        .write_cache = v->disk->cache != RVEMU_DISK_WRITETHROUGH};
}

/* A driver that can neither flush nor choose writes through (5.2.5.1). */
static void driver_ok(struct virtio *v)
{
    if (!(v->s.features & F_CONFIG_WCE))
        v->s.blk.write_cache = (v->s.features & F_FLUSH) != 0;
}

/* Bytes of data in the request, without header and status. */
static u64 data_size(const struct virtio *v)
{
    return v->s.blk.type & T_OUT ? queue_readable(&v->s.chain) - HEADER
                                 : queue_writable(&v->s.chain) - 1;
}

static bool begin(struct virtio *v, u64 *ns)
{
    u8 header[HEADER];

    if (queue_readable(&v->s.chain) < HEADER || !queue_writable(&v->s.chain))
        return false;
    queue_load(v, 0, header, sizeof(header));
    v->s.blk.type = load_le32(header) & ~T_BARRIER;
    v->s.blk.sector = load_le64(header + 8);
    if (v->s.blk.type == T_DISCARD || v->s.blk.type == T_WRITE_ZEROES)
        if (data_size(v) < RANGE)
            return false;
    *ns = REQUEST_NS + data_size(v) / BYTES_A_NS;
    return true;
}

/* Whether the sectors are there, and not too many for one request. */
static bool has_sectors(const struct virtio *v, u64 sector, u64 count)
{
    u64 sectors = v->disk->size / BLOCK_SECTOR;

    return count <= SECTORS_MAX && sector <= sectors &&
           count <= sectors - sector;
}

static int move_piece(struct virtio *v, u64 at, u64 count)
{
    u64 place = v->s.blk.sector * BLOCK_SECTOR + at;
    u8 piece[PIECE];

    if (v->s.blk.type == T_OUT) {
        queue_load(v, HEADER + at, piece, count);
        return block_write(v->disk, place, piece, count);
    }
    if (block_read(v->disk, place, piece, count) < 0)
        return -1;
    queue_store(v, at, piece, count);
    return 0;
}

static int sync_if_needed(struct virtio *v)
{
    return v->s.blk.write_cache ? 0 : block_flush(v->disk);
}

static u8 transfer(struct virtio *v)
{
    u64 size = data_size(v);

    if (size % BLOCK_SECTOR ||
        !has_sectors(v, v->s.blk.sector, size / BLOCK_SECTOR))
        return S_IOERR;
    for (u64 at = 0; at < size; at += PIECE)
        if (move_piece(v, at, least(PIECE, size - at)) < 0)
            return S_IOERR;
    if (v->s.blk.type == T_OUT && sync_if_needed(v) < 0)
        return S_IOERR;
    return S_OK;
}

/* One range of sectors: all that discard_seg lets a driver ask for. */
static u8 change_range(struct virtio *v)
{
    bool zeroes = v->s.blk.type == T_WRITE_ZEROES, unmap;
    u8 range[RANGE];
    u64 sector;
    u32 count, flags;
    int failed;

    if (data_size(v) > RANGE)
        return S_UNSUPP;
    queue_load(v, HEADER, range, sizeof(range));
    sector = load_le64(range);
    count = load_le32(range + 8);
    flags = load_le32(range + 12);
    unmap = flags & RANGE_UNMAP;
    if (!has_sectors(v, sector, count))
        return S_IOERR;
    if (flags & ~RANGE_UNMAP || (unmap && !zeroes))
        return S_UNSUPP;
    sector *= BLOCK_SECTOR;
    failed = zeroes ? block_write_zeroes(v->disk, sector,
                                         (u64)count * BLOCK_SECTOR, unmap)
                    : block_discard(v->disk, sector, (u64)count * BLOCK_SECTOR);
    return failed || (zeroes && sync_if_needed(v) < 0) ? S_IOERR : S_OK;
}

/* The serial number, ended by a 0 where it is shorter than the buffer. */
static u8 give_id(struct virtio *v)
{
    u64 room = least(data_size(v), RVEMU_VIRTIO_SERIAL_MAX);

    queue_store(v, 0, v->serial, least(strlen(v->serial) + 1, room));
    return S_OK;
}

static u8 serve(struct virtio *v)
{
    switch (v->s.blk.type) {
    case T_IN:
    case T_OUT: return transfer(v);
    case T_FLUSH: return block_flush(v->disk) < 0 ? S_IOERR : S_OK;
    case T_GET_ID: return give_id(v);
    case T_DISCARD:
    case T_WRITE_ZEROES: return change_range(v);
    default: return S_UNSUPP;
    }
}

static u32 finish(struct virtio *v)
{
    u64 writable = queue_writable(&v->s.chain);
    u8 status = serve(v);

    queue_store(v, writable - 1, &status, 1);
    return (u32)writable;
}

static bool is_sound(const struct virtio *v)
{
    bool is_range =
        v->s.blk.type == T_DISCARD || v->s.blk.type == T_WRITE_ZEROES;

    return !v->s.busy ||
           (queue_readable(&v->s.chain) >= HEADER &&
            queue_writable(&v->s.chain) && !(v->s.blk.type & T_BARRIER) &&
            (!is_range || data_size(v) >= RANGE));
}

const struct virtio_kind virtio_blk = {
    .id = BLK_ID,
    .queues = 1,
    .queue_size = {QUEUE_SIZE},
    .config_size = CONFIG_SIZE,
    .features = features,
    .read_config = read_config,
    .write_config = write_config,
    .reset = reset,
    .driver_ok = driver_ok,
    .begin = begin,
    .is_sound = is_sound,
    .finish = finish,
};
