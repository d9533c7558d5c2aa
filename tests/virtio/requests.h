/*
 * What the programs about disks share: requests, one at a time. The first
 * doubleword of a sector is its number times SEED + 1.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "driver.h"

#define SEED 0x9e3779b97f4a7c15ull
#define SECTOR 512

#define T_IN 0
#define T_OUT 1
#define T_FLUSH 4
#define T_GET_ID 8
#define T_DISCARD 11
#define T_WRITE_ZEROES 13

#define OK 0
#define IOERR 1
#define UNSUPP 2
#define UNTOUCHED 0xff

#define BLK_DATA_SIZE (8 * SECTOR)

struct blk_header {
    u32 type, reserved;
    u64 sector;
};

extern struct blk_header blk_header;
extern volatile u8 blk_status;
extern volatile u8 blk_data[BLK_DATA_SIZE];

/* The doubleword at that byte of the data; all of them. */
u64 blk_word(unsigned at);
void blk_fill(u64 value);

u64 blk_mark(u64 sector);

/* Offers a request with so many bytes of data, in one piece. */
void blk_begin(u32 type, u64 sector, u32 size);

/* Makes a request: its length in the used ring. */
u64 blk_request(u32 type, u64 sector, u32 size);

#endif
