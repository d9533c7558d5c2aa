/*
 * Memory and string routines.
 *
 * memcpy and memset move eight bytes at a time when both ends allow it;
 * whole pages go through page_copy and page_zero (lib/page.S), which are
 * unrolled, because they decide what a copy-on-write fault costs.
 */
#include "lib/string.h"

#define WORD_MASK (sizeof(u64) - 1)

void *memset(void *dst, int c, size_t n)
{
    u8 *d = dst;
    u64 word = 0x0101010101010101 * (u8)c;

    for (; n && ((uintptr_t)d & WORD_MASK); n--)
        *d++ = (u8)c;
    for (; n >= sizeof(u64); n -= sizeof(u64), d += sizeof(u64))
        *(u64 *)d = word;
    while (n--)
        *d++ = (u8)c;
    return dst;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
    u8 *d = dst;
    const u8 *s = src;

    if ((((uintptr_t)d ^ (uintptr_t)s) & WORD_MASK) == 0) {
        for (; n && ((uintptr_t)d & WORD_MASK); n--)
            *d++ = *s++;
        for (; n >= sizeof(u64); n -= sizeof(u64)) {
            *(u64 *)d = *(const u64 *)s;
            d += sizeof(u64);
            s += sizeof(u64);
        }
    }
    while (n--)
        *d++ = *s++;
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    u8 *d = dst;
    const u8 *s = src;

    if (d <= s || d >= s + n)
        return memcpy(dst, src, n);
    while (n--)
        d[n] = s[n];
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *p = a, *q = b;

    for (; n; n--, p++, q++) {
        if (*p != *q)
            return *p - *q;
    }
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++) {
        if (*a != *b || !*a)
            return (u8)*a - (u8)*b;
    }
    return 0;
}

void strlcpy(char *dst, const char *src, size_t size)
{
    size_t n = strnlen(src, size - 1);

    memcpy(dst, src, n);
    dst[n] = 0;
}

i64 parse_number(const char *s)
{
    i64 value = 0;

    if (!*s)
        return -1;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || value > INT32_MAX)
            return -1;
        value = value * 10 + (*s - '0');
    }
    return value;
}
