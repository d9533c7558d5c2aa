/*
 * The terminal as standard input, output and error of a process that no other
 * process has given any.
 */
#ifndef BOOT_STDIO_H
#define BOOT_STDIO_H

/* Gives the current task descriptors 0, 1 and 2 on the terminal. 0 or an
 * error. */
int stdio_open(void);

#endif
