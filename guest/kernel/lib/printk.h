/*
 * Kernel messages, formatted text, and the end of everything.
 */
#ifndef LIB_PRINTK_H
#define LIB_PRINTK_H

#include <stdarg.h>
#include "lib/types.h"

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* %d %u %x %c %s %p %% with l, z, a width, `-` and `0`. Writes at most
 * size-1 characters and a zero byte; returns the length of the whole text,
 * which may be larger than what was stored. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* One message on the console; at most 255 characters. */
void printk(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* For what can only be a mistake in the kernel: prints where and what, then
 * stops the machine with failure. Never for what a user program did. */
#define PANIC(...) panic_at(__FILE_NAME__, __LINE__, __VA_ARGS__)
_Noreturn void panic_at(const char *file, int line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
