/*
 * The terminal: one line discipline over the console.
 */
#ifndef FILE_TTY_H
#define FILE_TTY_H

#include "lib/types.h"

void tty_init(void);

/* The receive interrupt: takes what the UART has. */
void tty_receive(void);

#endif
