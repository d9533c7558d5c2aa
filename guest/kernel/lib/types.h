/*
 * Integer names and the few macros that every kernel file uses.
 *
 * Addresses are u64 and say in their name what they are: `va` is virtual
 * (user or kernel), `pa` physical, a plain pointer is a kernel address.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

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

#define static_assert _Static_assert
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN_DOWN(x, a) ((x) & ~((u64)(a)-1))
#define ALIGN_UP(x, a) ALIGN_DOWN((x) + (u64)(a)-1, a)
#define container_of(ptr, type, member) \
    ((type *)((char *)(ptr)-offsetof(type, member)))

static inline u64 min_u64(u64 a, u64 b)
{
    return a < b ? a : b;
}

static inline u64 max_u64(u64 a, u64 b)
{
    return a > b ? a : b;
}

#endif
