/*
 * Kernel messages, and the end of everything.
 */
#ifndef DEV_PRINTK_H
#define DEV_PRINTK_H

#include "lib/format.h"

/* One message on the console; at most 255 characters. */
void printk(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The same for what is no trouble, which quiet=1 leaves out. */
void inform(const char *fmt, ...) PRINTF_LIKE(1, 2);
void inform_no_more(void);

/* For a state that only a mistake in the kernel can lead to: prints the place
 * and the message, then stops the machine with failure. Never for an act of a
 * user program. */
#define PANIC(...) panic_at(__FILE_NAME__, __LINE__, __VA_ARGS__)
_Noreturn void panic_at(const char *file, int line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
