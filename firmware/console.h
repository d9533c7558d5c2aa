/* The serial port, for the supervisor's calls and the firmware's two lines. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "base/types.h"

void console_init(void);
void console_put(u8 byte);
/* The next received byte, or -1. */
int console_get(void);
void console_put_string(const char *text);
void console_put_hex(u64 value);
void console_put_decimal(u64 value);

#endif
