/*
 * Formatted text: one formatter for the console, /proc and PANIC.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>
#include "lib/types.h"

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* %d %u %x %c %s %p %% with l, z, a width, `-` and `0`. Writes at most
 * size-1 characters and a zero byte; returns the length of the whole text,
 * which may be larger than what was stored. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
