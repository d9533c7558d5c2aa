/*
 * Integer names used throughout emu.
 *
 * Guest registers, addresses and counters are unsigned; a signed view is a
 * cast at the place of use. Public headers (include/rvemu/) spell the same
 * types by their stdint names and never include this file.
 */
#ifndef BASE_TYPES_H
#define BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef unsigned __int128 u128;
typedef __int128 i128;

#endif
