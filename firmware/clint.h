/*
 * Core-local interruptor: software interrupts and the machine timer.
 *
 *   0x0000 + 4·hart   msip      bit 0 raises MSIP
 *   0x4000 + 8·hart   mtimecmp  MTIP is mtime >= mtimecmp
 */
#ifndef CLINT_H
#define CLINT_H

#include "platform.h"

static inline void clint_set_msip(u64 hart, u32 level)
{
    ((volatile u32 *)platform.clint.base)[hart] = level;
}

static inline void clint_set_mtimecmp(u64 hart, u64 time)
{
    ((volatile u64 *)(platform.clint.base + 0x4000))[hart] = time;
}

#endif
