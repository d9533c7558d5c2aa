/*
 * The terminal: one line discipline over the console.
 */
#ifndef FILE_TTY_H
#define FILE_TTY_H

#include "lib/types.h"

void tty_init(void);

/* How the terminal begins: whether it echoes, whether it puts a carriage return
 * before each line feed that is written, and whether what comes is typed. */
void tty_begin(bool echoes, bool is_cooked, bool is_typed);

/* The receive interrupt: takes what the UART has. */
void tty_receive(void);

#endif
