/* Requests to disks; see requests.h. */
#include "requests.h"

struct blk_header blk_header;
volatile u8 blk_status;
volatile u8 blk_data[BLK_DATA_SIZE] __attribute__((aligned(4096)));

u64 blk_word(unsigned at)
{
    return *(volatile u64 *)&blk_data[at];
}

void blk_fill(u64 value)
{
    for (unsigned i = 0; i < sizeof(blk_data); i += 8)
        *(volatile u64 *)&blk_data[i] = value;
}

u64 blk_mark(u64 sector)
{
    return sector * SEED + 1;
}

void blk_begin(u32 type, u64 sector, u32 size)
{
    blk_header.type = type;
    blk_header.sector = sector;
    blk_status = UNTOUCHED;
    describe(0, &blk_header, sizeof(blk_header), DESC_NEXT, size ? 1 : 2);
    describe(1, blk_data, size,
             type & T_OUT ? DESC_NEXT : DESC_NEXT | DESC_WRITE, 2);
    describe(2, &blk_status, 1, DESC_WRITE, 0);
    offer(0);
}

u64 blk_request(u32 type, u64 sector, u32 size)
{
    blk_begin(type, sector, size);
    return await_used();
}
