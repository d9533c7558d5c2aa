/* The part of <string.h> that a freestanding kernel has to bring itself. */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/types.h"

void *memset(void *dst, int c, size_t n);
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

/* Copies at most size-1 bytes and always ends dst with a zero byte. */
void strlcpy(char *dst, const char *src, size_t size);

/* Decimal number at `s`, or -1 when `s` is not wholly digits. */
i64 parse_number(const char *s);

#endif
