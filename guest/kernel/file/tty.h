/*
 * The terminal: one line discipline over the console.
 */
#ifndef FILE_TTY_H
#define FILE_TTY_H

#include "lib/types.h"

void tty_init(void);

/* How the terminal begins: whether it echoes, and whether it puts a carriage
 * return before each line feed that is written. */
void tty_begin(bool echoes, bool is_cooked);

/* The receive interrupt: takes what the UART has. */
void tty_receive(void);

#endif
