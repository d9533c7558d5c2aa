/*
 * Where the firmware lies in memory and how it shares that out among harts.
 * Shared with assembler and the linker script.
 *
 *   FIRMWARE_BASE  text, read-only data, data: as large as it is
 *                  one stack a hart, the last hart's ends at …
 *   FIRMWARE_BASE + FIRMWARE_SIZE
 *
 * The whole range is one PMP entry that the supervisor cannot pass, so its
 * size is a power of two and its base a multiple of that. The ELF covers
 * exactly this range, which tells a loader what to reserve.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define FIRMWARE_BASE 0x80000000
#define FIRMWARE_SIZE 0x80000

#define HARTS_MAX 64
#define STACK_SHIFT 12
#define STACK_SIZE (1 << STACK_SHIFT)

/* A trap frame lies at the top of its hart's stack. */
#define FRAME_SIZE 272
#define FRAME_MEPC 248
#define FRAME_MSTATUS 256

#endif
