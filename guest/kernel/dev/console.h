/*
 * Where characters of the kernel and of the terminal go: the UART once it
 * is known, the firmware before.
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include "lib/types.h"

/* Writes n bytes, with a carriage return before each line feed. */
void console_write(const char *s, size_t n);

/* Writes n bytes as they are. */
void console_write_raw(const char *s, size_t n);

#endif
